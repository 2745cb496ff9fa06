"""
A value that is sent inside of an object, because services take only objects as a whole answer: shown without it.

``{"answer": [1, 2]}`` is the list that was asked for; the object around it is ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from byom_magics.messages import INSIDE

if TYPE_CHECKING:
    from byom_magics.show.json_nodes import Node
    from byom_magics.show.json_place import Token

__all__ = ["Inner", "inner_nodes", "inner_text"]

_BEGUN = re.compile(rf'\s*\{{\s*"{INSIDE}"\s*:\s*')


def inner_nodes(roots: Iterable[Node]) -> list[Node]:
    """Give the values without the objects around them. What is another object stays as it is."""
    return [inner for root in roots for inner in _inner(root)]


def _inner(root: Node) -> list[Node]:
    if root.kind != "object":
        return [root]
    if not root.children:
        return [root] if root.ended else []
    child = root.children[0]
    if len(root.children) > 1:
        return [root]
    if child.key == INSIDE:
        begun = child.is_container or bool(child.parts) or child.ended
        return [replace(child, key=None)] if begun else []
    coming = not root.ended and not child.parts and not child.is_container and INSIDE.startswith(child.key or "")
    return [] if coming else [root]


def inner_text(text: str) -> str:
    """Give the JSON of the value; a text that is not such an object stays as it is."""
    begun = _BEGUN.match(text)
    if begun is None:
        return text
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text[begun.end() :].rstrip()[:-1].rstrip() if whole.keys() == {INSIDE} else text


class Inner:
    """Tokens of a text as it arrives, without those of the object around the value."""

    def __init__(self) -> None:
        self._held: list[Token] = []
        self._key = ""
        self._inside = False
        self._depth = 0

    def feed(self, tokens: Iterable[Token]) -> Iterator[Token]:
        """Give the tokens that are shown."""
        for token in tokens:
            yield from self._take(token)

    def _take(self, token: Token) -> Iterator[Token]:
        if token.kind in {"prose", "broken"}:
            self._held, self._inside, self._depth = [], False, 0
            yield token
            return
        if self._held and not self._inside:
            yield from self._begin(token)
            return
        if token.kind in {"object", "list"}:
            self._depth += 1
            if self._depth == 1 and token.kind == "object":
                self._held, self._key = [token], ""
                return
        elif token.kind == "close":
            self._depth -= 1
            if not self._depth and self._inside:
                self._held, self._inside = [], False
                return
        elif token.kind == "key" and self._depth == 1 and self._inside and token.begins:
            yield self._held[0]  # it has more than the value, so it is no such object
            self._held, self._inside = [], False
        yield token

    def _begin(self, token: Token) -> Iterator[Token]:
        """What comes first in an object: its key, in one piece or several, or its end."""
        if token.kind == "key":
            self._key += token.text
            self._held.append(token)
            if not token.ended:
                return
            if self._key == INSIDE:
                self._inside = True
                return
        else:
            self._held.append(token)
            self._depth -= token.kind == "close"
        held, self._held = self._held, []
        yield from held

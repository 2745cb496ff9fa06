"""JSON as nodes: what a piece of a text holds, and the containers around it that earlier pieces opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from byom_magics.show.json_place import Columns, Place, Token

__all__ = ["Forest", "Node", "grown"]


@dataclass
class Node:
    """
    A value, or as much of it as stands in a piece of the text.

    Attributes:
        kind: What it is; ``prose`` for text that is no JSON.
        key: The key that it has in its object.
        index: The place that it has in its list, from 0.
        begun: Whether it began in this piece.
        ended: Whether it is whole by the end of the piece.
        parts: Its text, if it is no container.
        children: Its values, if it is one: those that stand in this piece, at least in part.
        columns: Of a list: the columns that an earlier piece has given it; None if it is still to be decided.
    """

    kind: Literal["object", "list", "string", "scalar", "deep", "prose"]
    key: str | None = None
    index: int | None = None
    begun: bool = True
    ended: bool = True
    parts: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    columns: Columns | None = None

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(self.parts)

    @property
    def is_container(self) -> bool:
        """Whether it is an object or a list."""
        return self.kind in {"object", "list"}

    @property
    def is_literal(self) -> bool:
        """Whether it is ``true``, ``false`` or ``null``: no text, and no number."""
        return self.kind == "scalar" and self.text[:1].isalpha()

    @property
    def is_empty(self) -> bool:
        """Whether it is a container with nothing in it."""
        return self.is_container and self.begun and self.ended and not self.children


@dataclass
class Forest:
    """
    What a piece of text holds.

    Attributes:
        roots: Prose, and values that stand in no other.
        open: The containers that are open at the end, the outermost first.
    """

    roots: list[Node] = field(default_factory=list)
    open: list[Node] = field(default_factory=list)


class _Gardener:
    def __init__(self, place: Place) -> None:
        self.forest = Forest()
        self._counts: list[int] = []
        self._key: str | None = None
        self._leaf: Node | None = None
        self._regrow(place)

    def _regrow(self, place: Place) -> None:
        for number, level in enumerate(place.levels):
            # The value that an open container stands for has been counted in the one around it.
            around = place.levels[number - 1] if number else None
            self._key = around.key if around is not None else None
            if self._counts:
                self._counts[-1] -= 1
            node = Node("list" if level.is_list else "object", begun=False, columns=level.columns)
            self._push(node, level.count)
        top = place.levels[-1] if place.levels else None
        self._key = top.key if top is not None and not top.is_list else None
        inside = place.inside
        if inside in {"string", "scalar", "deep"} and top is not None:
            self._counts[-1] -= 1
            self._leaf = self._attach(Node(inside, begun=False, ended=False))

    def _attach(self, node: Node) -> Node:
        around = self.forest.open[-1] if self.forest.open else None
        if around is None:
            self.forest.roots.append(node)
            return node
        if around.kind == "list":
            node.index = self._counts[-1]
        else:
            node.key = self._key or ""
        self._counts[-1] += 1
        self._key = None
        around.children.append(node)
        return node

    def _push(self, node: Node, count: int = 0) -> None:
        node.ended = False
        self._attach(node)
        self.forest.open.append(node)
        self._counts.append(count)

    def token(self, token: Token) -> None:
        kind = token.kind
        if kind == "object" or kind == "list":  # noqa: PLR1714 (so that its type is known)
            self._push(Node(kind))
        elif kind == "close":
            self.forest.open.pop().ended = True
            self._counts.pop()
        elif kind == "key":
            self._key = token.text if token.begins else (self._key or "") + token.text
        elif kind == "prose" or kind == "broken":  # noqa: PLR1714
            self._prose(token)
        elif token.begins or self._leaf is None:
            self._leaf = self._attach(Node(kind, parts=[token.text], ended=token.ended))
        else:
            self._leaf.parts.append(token.text)
            self._leaf.ended = token.ended

    def _prose(self, token: Token) -> None:
        roots = self.forest.roots
        if not token.begins and roots:
            roots.pop()
        else:
            self.end()
        self.forest.open.clear()
        self._counts.clear()
        self._key = None
        if not roots or roots[-1].kind != "prose":
            roots.append(Node("prose"))
        roots[-1].parts.append(token.text)

    def end(self) -> None:
        """A key whose value has not begun is there to be seen."""
        if self._key and self.forest.open and self.forest.open[-1].kind == "object":
            self._attach(Node("string", ended=False))


def grown(place: Place, tokens: Iterable[Token]) -> Forest:
    """
    Give the nodes of a piece of text.

    Args:
        place: Where the piece begins.
        tokens: What the piece says.
    """
    gardener = _Gardener(place)
    for token in tokens:
        gardener.token(token)
    gardener.end()
    return gardener.forest

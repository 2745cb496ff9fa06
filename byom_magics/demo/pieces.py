"""What an answer is made of as it comes: tokens of text, tokens of reasoning, and tools that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from typing import Any, Union

from byom_magics.demo.sampling import Token
from byom_magics.demo.tokens import split

__all__ = ["Argument", "Asked", "Asking", "Piece", "Thought", "asking", "saying", "thinking"]


@dataclass(frozen=True)
class Thought:
    """A token of reasoning."""

    text: str


@dataclass(frozen=True)
class Asking:
    """A tool is asked for: what follows as arguments of that index is for it. Counts as a token."""

    index: int
    id: str
    name: str


@dataclass(frozen=True)
class Argument:
    """A token of the arguments of a tool, which are JSON."""

    index: int
    text: str


Piece = Union[Token, Thought, Asking, Argument]


@dataclass(frozen=True)
class Asked:
    """A tool that is asked for, with its arguments."""

    name: str
    arguments: Mapping[str, Any]


def thinking(text: str) -> Iterator[Piece]:
    """A text as reasoning."""
    return map(Thought, split(text))


def saying(text: str) -> Iterator[Piece]:
    """A text as the answer."""
    return map(Token, split(text))


def asking(calls: Sequence[Asked], place: str) -> Iterator[Piece]:
    """
    Calls of tools, one after the other.

    Args:
        calls: What is asked for.
        place: Tells this place in this conversation from all others. Ids are made of it: the same request has the
            same ids, and no two calls of a conversation share one.
    """
    for index, call in enumerate(calls):
        arguments = dumps(call.arguments, ensure_ascii=False)
        named = "\0".join((place, str(index), call.name, arguments))
        identity = sha256(named.encode(errors="surrogatepass")).hexdigest()[:24]
        yield Asking(index, f"call_{identity}", call.name)
        for text in split(arguments):
            yield Argument(index, text)

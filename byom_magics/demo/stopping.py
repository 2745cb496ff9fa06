"""Where an answer ends: at a stop text, at its longest length, or of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from byom_magics.demo.pieces import Asking
from byom_magics.demo.sampling import Token

if TYPE_CHECKING:
    from byom_magics.demo.pieces import Piece

__all__ = ["FinishReason", "until"]

FinishReason = Literal["stop", "length", "tool_calls"]


def until(pieces: Iterable[Piece], stop: Sequence[str], max_tokens: int) -> Iterator[Piece | FinishReason]:
    """
    The pieces of an answer up to its end, then the reason why it ended.

    A token that may be the beginning of a stop text is held back until that is clear. Reasoning and the arguments of
    tools are not looked at for stop texts.

    Args:
        pieces: The whole answer.
        stop: Texts that end it, wherever they begin or end among the tokens; they are left out. The one that is
            complete first counts.
        max_tokens: How many pieces it may have.

    Returns:
        Pieces, the last one cut where a stop text begins inside it; at the very end ``length`` if there was no room
        for all, ``tool_calls`` if tools are asked for, else ``stop``.
    """
    held: list[Token] = []
    reason: FinishReason = "stop"
    for number, piece in enumerate(pieces):
        if number == max_tokens:
            yield from held
            yield "length"
            return
        if not isinstance(piece, Token):
            yield from held
            held = []
            yield piece
            reason = "tool_calls" if isinstance(piece, Asking) else reason
            continue
        held.append(piece)
        text = "".join(one.text or "" for one in held)
        found = [(text.find(mark) + len(mark), -len(mark)) for mark in stop if mark in text]
        if found:
            yield from _up_to(held, sum(min(found)))
            yield "stop"
            return
        free = len(text) - _perhaps(text, stop)
        while held and len(held[0].text or "") <= free:
            free -= len(held[0].text or "")
            yield held.pop(0)
    yield from held
    yield reason


def _perhaps(text: str, stop: Sequence[str]) -> int:
    """How many characters at the end of a text may be the beginning of a stop text."""
    return max(
        (size for mark in stop for size in range(1, min(len(mark), len(text) + 1)) if text.endswith(mark[:size])),
        default=0,
    )


def _up_to(held: Sequence[Token], at: int) -> Iterator[Token]:
    for token in held:
        text = token.text or ""
        if at <= 0:
            return
        yield token if len(text) <= at else replace(token, text=text[:at])
        at -= len(text)

"""One line that says how an answer is getting on while it comes: how soon it began, how fast it is, how much it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.events import ReasoningDelta, TextDelta, ToolCallDelta, UsageReport
from byom_magics.show.status import seconds_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from byom_magics.events import Event, Reply

__all__ = ["Meter"]

_CHARACTERS = 4  # in a token, about; the server's own count replaces it


class Meter:
    """
    Counts what comes of one answer.

    Args:
        now: The clock, in seconds.
        price: What so many output tokens cost, in words; None where the price is not known.
    """

    def __init__(self, now: float, price: Callable[[int], str] | None = None) -> None:
        self._begun = now
        self._price = price
        self._first: float | None = None
        self._last = now
        self._characters = 0
        self._counted: int | None = None

    def event(self, event: Event, now: float) -> None:
        """Take in what came."""
        if isinstance(event, (TextDelta, ReasoningDelta)):
            self._count(len(event.text), now)
        elif isinstance(event, ToolCallDelta):
            self._count(len(event.arguments), now)
        elif isinstance(event, UsageReport):
            self._counted = event.usage.output_tokens

    def line(self) -> str:
        """Say how it is getting on, nothing until it has begun; tokens are estimated until the server counts them."""
        if self._first is None:
            return ""
        tokens = self._tokens
        about = "about " if self._counted is None else ""
        words = ["answering", f"first token {seconds_words(self._first - self._begun)}"]
        took = self._last - self._first
        if took >= 1:
            words.append(f"{about}{tokens / took:,.0f} tokens/s")
        words.append(f"{about}{tokens:,} token{'' if tokens == 1 else 's'}")
        if self._price is not None:
            words.append(f"{about}{self._price(tokens)}")
        return " · ".join(words)

    @staticmethod
    def ended(reply: Reply, *, hidden: bool = False) -> str:
        """Say in a few words how it ended, for those who hear it."""
        if hidden:
            failed = reply.state.failed or reply.error is not None
            return "stopped" if str(reply.state) == "cancelled" else "failed" if failed else "answered"
        return reply.state_text

    @property
    def _tokens(self) -> int:
        return -(-self._characters // _CHARACTERS) if self._counted is None else self._counted

    def _count(self, characters: int, now: float) -> None:
        if not characters:
            return
        self._first = now if self._first is None else self._first
        self._last = now
        self._characters += characters

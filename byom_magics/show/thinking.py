"""The model's reasoning while it comes: counted whole, kept as far as it is shown, folded."""

from __future__ import annotations

from byom_magics.plain import one_line
from byom_magics.show.markup import escape, left_out
from byom_magics.show.status import QUIET

__all__ = ["Thinking", "reasoning_html", "tokens_words"]

_SHOWN = 200_000
_TICKER = 120
# The fold is painted again when it has grown by this many characters, or by a quarter: its bytes stay linear.
_GROWN = 1_300
_PER_TOKEN = 4


def tokens_words(characters: int, tokens: int | None) -> str:
    """Say how many tokens some reasoning took: as the server counted them, or about as many as its length tells."""
    count = tokens or -(-characters // _PER_TOKEN)
    return f"{'' if tokens else 'about '}{count:,} token{'s' * (count != 1)}"


def reasoning_html(
    reasoning: str, seconds: float | None = None, tokens: int | None = None, *, characters: int | None = None
) -> str:
    """
    Give the reasoning, folded; empty if there is none.

    Args:
        reasoning: Its text, or the beginning of it.
        seconds: How long it took, if known.
        tokens: How many tokens it took, if the server told.
        characters: How long the whole text is, if this is the beginning of it.
    """
    if not reasoning:
        return ""
    characters = len(reasoning) if characters is None else characters
    took = f" · {seconds:.0f} s" if seconds is not None else ""
    shown = escape(reasoning[:_SHOWN])
    return (
        f'<details style="margin:.3em 0"><summary style="{QUIET};cursor:pointer">Reasoning{took}'
        f" · {tokens_words(characters, tokens)}</summary>"
        f'<div style="{QUIET};white-space:pre-wrap;overflow-wrap:anywhere;border-left:2px solid;padding-left:.8em">'
        f"{shown}</div>{left_out(characters - min(len(reasoning), _SHOWN))}</details>\n"
    )


class Thinking:
    """
    Reasoning while it comes.

    Attributes:
        size: Characters so far.
        active: Whether it is what came last.
    """

    def __init__(self) -> None:
        self.size = 0
        self.active = False
        self._kept: list[str] = []
        self._kept_size = 0
        self._latest = ""
        self._times: tuple[float, float] | None = None
        self._painted = 0
        self._mark = 0

    @property
    def seconds(self) -> float | None:
        """Seconds from the first piece of reasoning to the last; None if there was none."""
        return self._times[1] - self._times[0] if self._times else None

    def heard(self, now: float) -> None:
        """Note when some of it came."""
        self._times = (self._times[0] if self._times else now, now)

    def add(self, text: str) -> None:
        """Take in what came."""
        if not text:
            return
        self.active = True
        self.size += len(text)
        if self._kept_size < _SHOWN:
            self._kept.append(text[: _SHOWN - self._kept_size])
            self._kept_size += len(self._kept[-1])
        self._latest = (self._latest + text[-_TICKER:])[-_TICKER:]

    def mark(self) -> None:
        """What there is by now stays."""
        self._mark = self.size

    def rewind(self) -> None:
        """Forget what came after the mark, since the answer that it led to is void. Its time was spent."""
        self._kept = ["".join(self._kept)[: self._mark]]
        self._kept_size = len(self._kept[0])
        self.size, self.active = self._mark, False
        self._painted = -1 if self._painted else 0

    def html(self) -> str | None:
        """Give the fold, if it is to be painted by now: once it has grown enough, or is done."""
        shown = self._painted
        if shown == self.size:
            return None
        if shown > 0 and self.active and self.size - shown < max(_GROWN, shown // 4):
            return None
        self._painted = self.size
        self._kept = ["".join(self._kept)]
        return reasoning_html(self._kept[0], self.seconds, characters=self.size)

    def line(self) -> str:
        """Say in one line how far it is."""
        latest = one_line(self._latest, _TICKER)
        return f"Thinking… {self.seconds or 0:.0f} s · {tokens_words(self.size, None)} · …{latest}"

"""Ranked models as those see them who show them, and the words for ranks, ratings and intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

__all__ = [
    "Ranked",
    "Ranking",
    "WinMatrix",
    "interval_words",
    "rank_words",
    "rating_words",
    "scale_letter",
    "share_words",
]


class Ranked(Protocol):
    """Where one model stands."""

    @property
    def label(self) -> str:
        """Its label; the text may come from anywhere."""

    @property
    def rank(self) -> int:
        """Its rank in its group."""

    @property
    def best_rank(self) -> int | None:
        """The best rank that its interval allows; None if there are no intervals."""

    @property
    def worst_rank(self) -> int | None:
        """The worst."""

    @property
    def rating(self) -> float | None:
        """Its points; None if there is no number for it."""

    @property
    def rating_low(self) -> float | None:
        """Where the interval begins; minus infinity if it is open, None if there is none."""

    @property
    def rating_high(self) -> float | None:
        """Where it ends."""

    @property
    def share(self) -> float | None:
        """The share that it is expected to win against an average model."""

    @property
    def wins(self) -> int:
        """Comparisons that it won."""

    @property
    def losses(self) -> int:
        """Comparisons that it lost."""

    @property
    def ties(self) -> int:
        """Comparisons that nobody won."""

    @property
    def votes(self) -> int:
        """Votes in which it was shown."""

    @property
    def group(self) -> int:
        """The number of its group; ranks hold within it."""

    @property
    def scale(self) -> int:
        """The number of its scale; ratings hold within it."""

    @property
    def place(self) -> str:
        """What stands in the place of a number."""


class WinMatrix(Protocol):
    """Who won against whom how often."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of rows and columns."""

    @property
    def wins(self) -> tuple[tuple[int, ...], ...]:
        """How often the row won."""

    @property
    def ties(self) -> tuple[tuple[int, ...], ...]:
        """How often nobody did."""

    def share(self, row: int, column: int) -> float | None:
        """The share that the row won, a tie counted half; None if the two never met."""


class Ranking(Protocol):
    """Models ranked by votes."""

    @property
    def standings(self) -> Sequence[Ranked]:
        """The models, the best first, those of a group together."""

    @property
    def matrix(self) -> WinMatrix:
        """Who won against whom."""

    @property
    def confidence(self) -> float:
        """The share of draws that an interval holds."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known beside the numbers."""


def rank_words(one: Ranked) -> str:
    """Its rank, and those that its interval allows, such as ``2 (1–3)``."""
    if one.best_rank is None or one.worst_rank is None:
        return str(one.rank)
    allowed = str(one.best_rank) if one.best_rank == one.worst_rank else f"{one.best_rank}–{one.worst_rank}"
    return f"{one.rank} ({allowed})"


def rating_words(one: Ranked) -> str:
    """Its points, or what stands in their place."""
    return one.place if one.rating is None else f"{one.rating:,.0f}"


def scale_letter(one: Ranked, scales: Sequence[int]) -> str:
    """The letter of its scale: ratings of one scale cannot be compared with those of another one."""
    return chr(ord("A") + scales.index(one.scale) % 26)


def interval_words(one: Ranked) -> str:
    """Its interval, such as ``922–1,228``, or ``above 922`` where no votes limit it on the other side."""
    low, high = one.rating_low, one.rating_high
    if low is None or high is None:
        return "–"
    if math.isinf(low) and math.isinf(high):
        return "no limits"
    if math.isinf(high):
        return f"above {low:,.0f}"
    return f"below {high:,.0f}" if math.isinf(low) else f"{low:,.0f}–{high:,.0f}"


def share_words(share: float | None) -> str:
    """A share in per cent."""
    return "–" if share is None else f"{share:.0%}"

"""Whether the place of an answer matters: how often what stood first was chosen, whatever stood there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byom_magics.study.vote import Vote

__all__ = ["FirstPlace", "first_place"]


@dataclass(frozen=True)
class FirstPlace:
    """
    How often the first place won. Places are shuffled, so that a share far from what is expected tells of the voters.

    Attributes:
        votes: Votes with a winner whose place is known.
        won: How many of them the first place won.
        expected: The share that it would win if places did not matter; 0.5 if two answers were shown each time.
        low: Where the interval of the share begins (Wilson's score interval).
        high: Where it ends.
    """

    votes: int
    won: int
    expected: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share that the first place won."""
        return self.won / self.votes

    @property
    def favoured(self) -> bool:
        """Whether the interval leaves out what is expected: places seem to matter."""
        return not self.low <= self.expected <= self.high


def first_place(votes: Iterable[Vote], confidence: float = 0.95) -> FirstPlace | None:
    """
    Count how often the first place won.

    Returns:
        The count; None if no vote has a winner whose place is known.
    """
    placed = [(vote.place, len(vote.shown)) for vote in votes if vote.place is not None]
    if not placed:
        return None
    count = len(placed)
    won = sum(place == 0 for place, _ in placed)
    share, z = won / count, NormalDist().inv_cdf((1 + confidence) / 2)
    middle, whole = share + z * z / (2 * count), 1 + z * z / count
    reach = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return FirstPlace(
        votes=count,
        won=won,
        expected=sum(1 / shown for _, shown in placed) / count,
        low=max(0.0, (middle - reach) / whole),
        high=min(1.0, (middle + reach) / whole),
    )

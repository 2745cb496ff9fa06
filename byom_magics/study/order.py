"""Who won against whom, as a graph: what can be compared with what, and what stands above what for certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Order"]

_Same = Callable[[int, int], object]


@dataclass(frozen=True)
class Order:
    """
    The graph of wins. A tie is a win both ways: neither is above the other for certain.

    Attributes:
        size: How many there are; they are named by their numbers from 0.
        beats: For each one, the set of those that it won against, as bits of a number.
    """

    size: int
    beats: tuple[int, ...]

    @staticmethod
    def of(size: int, edges: Iterable[tuple[int, int]]) -> Order:
        """Make the graph of pairs of winner and loser."""
        beats = [0] * size
        for winner, loser in edges:
            beats[winner] |= 1 << loser
        return Order(size, tuple(beats))

    @cached_property
    def reach(self) -> tuple[int, ...]:
        """For each one, itself and all that it won against directly or through others, as bits."""
        return _closure([self.beats[each] | 1 << each for each in range(self.size)])

    @cached_property
    def scales(self) -> tuple[tuple[int, ...], ...]:
        """
        The sets in which each reaches each (strongly connected): only inside one do abilities have finite distances.

        They are in an order in which no set stands before one that is above it.
        """
        several = self._sets(lambda one, other: self._reaches(one, other) and self._reaches(other, one))
        # Who reaches more is higher up; equal counts are not comparable or the same.
        return tuple(sorted(several, key=lambda each: (-self.reach[each[0]].bit_count(), each)))

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The sets that were compared at all, directly or through others; the largest first."""
        both = list(self.beats)
        for one in range(self.size):
            both[one] |= 1 << one
            for other in range(self.size):
                if self.beats[one] >> other & 1:
                    both[other] |= 1 << one
        met = _closure(both)
        return tuple(sorted(self._sets(lambda one, other: met[one] >> other & 1), key=lambda each: (-len(each), each)))

    def above(self, one: int, other: int) -> bool:
        """Whether every win counted says that one is above the other, and there is such a chain of wins."""
        return self._reaches(one, other) and not self._reaches(other, one)

    def _reaches(self, one: int, other: int) -> bool:
        return bool(self.reach[one] >> other & 1)

    def _sets(self, same: _Same) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        left = list(range(self.size))
        while left:
            members = tuple(each for each in left if same(left[0], each))
            found.append(members)
            left = [each for each in left if each not in members]
        return found


def _closure(rows: list[int]) -> tuple[int, ...]:
    for through in range(len(rows)):
        bit, further = 1 << through, rows[through]
        for each, row in enumerate(rows):
            if row & bit:
                rows[each] = row | further
    return tuple(rows)

"""Votes counted: who won against whom how often, and which votes say the same, so that they can be drawn anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from byom_magics.study.abilities import Pair

if TYPE_CHECKING:
    from byom_magics.study.vote import Vote

__all__ = ["Comparison", "Tally", "WinMatrix", "tally"]

Comparison = tuple[int, int, int]
"""The numbers of two labels, the lower first, and 1 if the first won, -1 if the second did, 0 for a tie."""

ONE, OTHER, TIE = 1, -1, 0


@dataclass(frozen=True)
class WinMatrix:
    """
    Who won against whom how often.

    Attributes:
        labels: The names of rows and columns.
        wins: How often the row won against the column.
        ties: How often neither did.
    """

    labels: tuple[str, ...]
    wins: tuple[tuple[int, ...], ...]
    ties: tuple[tuple[int, ...], ...]

    def met(self, row: int, column: int) -> int:
        """How often the two were compared."""
        return self.wins[row][column] + self.wins[column][row] + self.ties[row][column]

    def share(self, row: int, column: int) -> float | None:
        """The share that the row won against the column, a tie counted half; None if they never met."""
        met = self.met(row, column)
        return (self.wins[row][column] + self.ties[row][column] / 2) / met if met else None

    def ordered(self, labels: Sequence[str]) -> WinMatrix:
        """Give the same with rows and columns in this order."""
        at = [self.labels.index(label) for label in labels]
        wins, ties = (tuple(tuple(rows[a][b] for b in at) for a in at) for rows in (self.wins, self.ties))
        return WinMatrix(tuple(labels), wins, ties)


@dataclass(frozen=True)
class Tally:
    """
    The votes by what they say.

    Attributes:
        labels: All labels that were shown, sorted; elsewhere they are named by their numbers.
        patterns: What votes can say: each a set of comparisons. The votes of one pattern are as good as the same.
        counts: How many votes there are of each pattern.
        shown: In how many of these votes each label was shown.
        with_itself: How many comparisons of a label with itself there were; they count for nothing.
    """

    labels: tuple[str, ...]
    patterns: tuple[tuple[Comparison, ...], ...]
    counts: tuple[int, ...]
    shown: tuple[int, ...]
    with_itself: int

    @property
    def votes(self) -> int:
        """How many votes are counted."""
        return sum(self.counts)

    @property
    def matrix(self) -> WinMatrix:
        """Who won against whom how often."""
        size = range(len(self.labels))
        wins, ties = ([[0] * len(size) for _ in size] for _ in range(2))
        for pattern, count in zip(self.patterns, self.counts, strict=True):
            for one, other, result in pattern:
                if result == TIE:
                    ties[one][other] += count
                    ties[other][one] += count
                elif result == ONE:
                    wins[one][other] += count
                else:
                    wins[other][one] += count
        return WinMatrix(self.labels, tuple(map(tuple, wins)), tuple(map(tuple, ties)))

    @property
    def pairs(self) -> list[Pair]:
        """The same as pairs, those that never met left out."""
        matrix = self.matrix
        return [
            Pair(one, other, matrix.wins[one][other], matrix.wins[other][one], matrix.ties[one][other])
            for one, other in combinations(range(len(self.labels)), 2)
            if matrix.met(one, other)
        ]


def tally(votes: Iterable[Vote], *, skip_bad: bool = False) -> Tally:
    """
    Count votes.

    A winner of several beats each other answer shown; a tie, and a vote that all were bad, ties each with each.

    Args:
        votes: The votes, each once.
        skip_bad: Leave out the votes that all were bad.
    """
    counted = [vote for vote in votes if not (skip_bad and vote.outcome == "bad")]
    labels = tuple(sorted({label for vote in counted for label in vote.shown}))
    number = {label: place for place, label in enumerate(labels)}
    patterns: Counter[tuple[Comparison, ...]] = Counter()
    shown: Counter[str] = Counter()
    with_itself = 0
    for vote in counted:
        pattern = _pattern([number[label] for label in vote.shown], number.get(vote.winner or ""))
        patterns[pattern] += 1
        shown.update(set(vote.shown))
        with_itself += sum(several * (several - 1) // 2 for several in Counter(vote.shown).values())
    in_order = sorted(patterns.items())  # so that what is drawn from them does not hang on the order of the votes
    return Tally(
        labels=labels,
        patterns=tuple(pattern for pattern, _ in in_order),
        counts=tuple(count for _, count in in_order),
        shown=tuple(shown[label] for label in labels),
        with_itself=with_itself,
    )


def _pattern(shown: Sequence[int], winner: int | None) -> tuple[Comparison, ...]:
    if winner is None:
        both = [tuple(sorted(pair)) for pair in combinations(shown, 2) if pair[0] != pair[1]]
        return tuple(sorted((one, other, TIE) for one, other in both))
    # One answer was chosen: where its model stood in several places, the chosen one beats those of other models.
    beaten = [other for other in shown if other != winner]
    return tuple(sorted((winner, each, ONE) if winner < each else (each, winner, OTHER) for each in beaten))

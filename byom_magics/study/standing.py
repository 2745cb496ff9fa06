"""What a ranking says: where each model stands, how sure that is, and who won against whom."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byom_magics.study.places import FirstPlace
    from byom_magics.study.tally import WinMatrix

__all__ = ["ELO", "MEAN", "Ranking", "Standing", "rating"]

ELO = 400 / math.log(10)
"""How many points of a rating one natural logarithm is: 400 points are odds of ten to one, as in chess."""

MEAN = 1000.0
"""The mean rating of the models that are rated together."""


def rating(ability: float) -> float:
    """Give an ability (log odds, mean zero) as points like those of chess, with mean 1,000."""
    return MEAN + ELO * ability


@dataclass(frozen=True)
class Standing:
    """
    Where one model stands. Numbers can be compared within one scale only, ranks within one group only.

    Attributes:
        label: Its label.
        rank: Its rank in its group, 1 for the best; those that are equal share one.
        best_rank: The best rank that the intervals allow; None if none were computed.
        worst_rank: The worst.
        ability: The logarithm of its odds against an average model of its scale; None where the votes give no finite
            number, since it won, or lost, all that sets it apart.
        low: Where the interval of the ability begins; minus infinity if it is open, None if there is none.
        high: Where it ends.
        share: The share that it is expected to win against an average model of its scale, a tie counted half.
        wins: How many comparisons it won. A vote on several answers is a comparison of the winner with each other one.
        losses: How many it lost.
        ties: How many were ties.
        votes: In how many votes it was shown.
        group: Which group it is in: all that were compared, directly or through others.
        scale: Which scale its ability is on.
        place: What stands in the place of a number, such as ``above all``; empty if there is one.
    """

    label: str
    rank: int
    best_rank: int | None
    worst_rank: int | None
    ability: float | None
    low: float | None
    high: float | None
    share: float | None
    wins: int
    losses: int
    ties: int
    votes: int
    group: int
    scale: int
    place: str

    @property
    def rating(self) -> float | None:
        """Its ability as points like those of chess: mean 1,000, and 400 more are odds of ten to one."""
        return None if self.ability is None else rating(self.ability)

    @property
    def rating_low(self) -> float | None:
        """Where the interval of the rating begins; minus infinity if it is open."""
        return None if self.low is None else rating(self.low)

    @property
    def rating_high(self) -> float | None:
        """Where it ends; infinity if it is open."""
        return None if self.high is None else rating(self.high)


@dataclass(frozen=True)
class Ranking:
    """
    Models ranked by votes.

    Attributes:
        standings: The models, the best first; group by group where not all were compared.
        matrix: Who won against whom how often, in the same order.
        groups: The labels of those that were compared, directly or through others; more than one if some never were.
        first_place: How often the first place won; None if that is not known.
        votes: How many votes are counted.
        prompts: On how many different prompts.
        ties: How ties counted: ``half``, ``davidson`` or ``skip``.
        bad: How votes counted that said that all were bad: ``tie`` or ``skip``.
        tie_parameter: Davidson's v; None if ties were not part of the model.
        rounds: How often the votes were drawn anew for the intervals.
        seed: What the draws began with.
        confidence: The share of draws that an interval holds.
        notes: What is to be known beside the numbers, a sentence or two each.
    """

    standings: tuple[Standing, ...]
    matrix: WinMatrix
    groups: tuple[tuple[str, ...], ...]
    first_place: FirstPlace | None
    votes: int
    prompts: int
    ties: str
    bad: str
    tie_parameter: float | None
    rounds: int
    seed: int
    confidence: float
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.standings)

    def __getitem__(self, label: str) -> Standing:
        """Where a model stands, by its label."""
        for standing in self.standings:
            if standing.label == label:
                return standing
        raise KeyError(label)

    def rows(self) -> list[dict[str, Any]]:
        """Give the standings as plain values, one mapping a model, such as a table is made of."""
        return [
            asdict(each) | {"rating": each.rating, "rating_low": each.rating_low, "rating_high": each.rating_high}
            for each in self.standings
        ]

    def __repr__(self) -> str:
        first = ", ".join(f"{each.rank}. {each.label}" for each in self.standings[:3])
        more = ", …" if len(self) > 3 else ""
        votes = f"{self.votes:,} vote{'' if self.votes == 1 else 's'}"
        return f"<Ranking of {len(self)} models by {votes}{': ' if first else ''}{first}{more}>"

"""Models ranked by votes: abilities by Bradley and Terry, intervals by drawing votes anew, and what cannot be said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.plain import visible
from byom_magics.study.abilities import Fit, Pair, expected_share, fit, tie_parameter_exists
from byom_magics.study.bootstrap import Intervals, bootstrap, edges, inside, treated
from byom_magics.study.order import Order
from byom_magics.study.places import first_place
from byom_magics.study.remarks import remarks
from byom_magics.study.standing import Ranking, Standing
from byom_magics.study.tally import ONE, TIE, Tally, tally

if TYPE_CHECKING:
    from byom_magics.study.vote import Vote

__all__ = ["BAD", "ROUNDS", "TIES", "ranking"]

TIES = ("half", "davidson", "skip")
"""How ties may count."""

BAD = ("tie", "skip")
"""How votes may count that say that all were bad."""

ROUNDS = 1_000
"""How often votes are drawn anew if nobody says otherwise."""

_MOST_ROUNDS = 100_000
_SAME = 1e-9  # abilities closer than that are equal


def ranking(
    votes: Iterable[Vote],
    *,
    ties: str = "half",
    bad: str = "tie",
    rounds: int = ROUNDS,
    seed: int = 0,
    confidence: float = 0.95,
) -> Ranking:
    """
    Rank models by votes.

    The chance that one wins against another follows from their abilities as Bradley and Terry (1952) have it; the
    abilities are those under which the votes are likeliest. A vote on more than two answers compares its winner with
    each other one. Where the votes do not give a model a finite ability, it gets a rank and no number.

    Args:
        votes: The votes; each counts once.
        ties: What a tie is: ``half`` a win for each, an outcome of its own (``davidson``), or left out (``skip``).
        bad: Whether a vote that all were bad is a ``tie``, as is usual, or left out (``skip``).
        rounds: How often the votes are drawn anew for the intervals; 0 for none.
        seed: What the draws begin with: the same votes give the same intervals.
        confidence: The share of draws that an interval holds.

    Raises:
        OptionError: An option is not one of these.
    """
    _check(ties=ties, bad=bad, rounds=rounds, confidence=confidence)
    every = list({vote.id: vote for vote in votes}.values())
    counted = tally(every, skip_bad=bad == "skip")
    size = len(counted.labels)
    pairs = treated(counted.pairs, ties)
    fallen_back = False
    order = Order.of(size, edges(pairs))
    if ties == "davidson" and not _has_tie_parameter(order, pairs):
        # Without ties the model is the plain one; with ties that it cannot explain, they count half instead.
        fallen_back = any(pair.ties for pair in pairs)
        pairs = treated(pairs, "half")
    fitted = _fitted(order, pairs, size)
    counts_as = "half" if fallen_back else ties
    scales = [members for members in order.scales if len(members) > 1]
    intervals = None
    if rounds and scales:
        intervals = bootstrap(counted, scales, fitted, ties=counts_as, rounds=rounds, seed=seed, confidence=confidence)
    certain = _Certainty(order, intervals, _unopposed(counted, order), confidence).above if rounds else None
    standings = _standings(counted, order, fitted, intervals, certain)
    made = Ranking(
        standings=standings,
        matrix=counted.matrix.ordered([each.label for each in standings]),
        groups=tuple(tuple(counted.labels[each] for each in members) for members in order.groups),
        first_place=first_place(every, confidence),
        votes=counted.votes,
        prompts=len({vote.prompt for vote in every if bad == "tie" or vote.outcome != "bad"}),
        ties=ties,
        bad=bad,
        tie_parameter=fitted.tie_parameter if counts_as == "davidson" else None,
        rounds=rounds,
        seed=seed,
        confidence=confidence,
    )
    unfit = intervals.unfit if intervals else 0
    notes = remarks(made, every, with_itself=counted.with_itself, unfit=unfit, fallen_back=fallen_back)
    return replace(made, notes=notes)


def _check(*, ties: str, bad: str, rounds: Any, confidence: Any) -> None:  # noqa: ANN401 - they are looked at
    for name, value, known in (("ties", ties, TIES), ("bad", bad, BAD)):
        if value not in known:
            what = f"{name} cannot be {visible(repr(value)[:60])}."
            raise OptionError(what, hint=f"it is one of {', '.join(known)}")
    if isinstance(rounds, bool) or not isinstance(rounds, int) or not 0 <= rounds <= _MOST_ROUNDS:
        what = f"rounds cannot be {visible(repr(rounds)[:60])}."
        raise OptionError(what, hint=f"it is a whole number from 0 to {_MOST_ROUNDS:,}, usually {ROUNDS:,}")
    if not (isinstance(confidence, (int, float)) and 0.5 <= confidence < 1):
        what = f"confidence cannot be {visible(repr(confidence)[:60])}."
        raise OptionError(what, hint="it is a number from 0.5 to below 1, usually 0.95")


def _has_tie_parameter(order: Order, pairs: Sequence[Pair]) -> bool:
    return tie_parameter_exists(order.size, inside(pairs, order.scales))


def _fitted(order: Order, pairs: Sequence[Pair], size: int) -> Fit:
    scales = [members for members in order.scales if len(members) > 1]
    if not scales:
        return Fit((0.0,) * size, 0.0)
    within = inside(pairs, order.scales)
    made = fit(scales, within, with_ties=any(pair.ties for pair in within))
    return Fit(made.abilities + (0.0,) * (size - len(made.abilities)), made.tie_parameter)


def _unopposed(counted: Tally, order: Order) -> list[list[int]]:
    """
    How many votes in a row say that a scale is above another one, none against: along the best chain of such scales.

    A chain is as good as its weakest link.
    """
    scale = {each: number for number, members in enumerate(order.scales) for each in members}
    count = len(order.scales)
    widest = [[0] * count for _ in range(count)]
    for pattern, votes in zip(counted.patterns, counted.counts, strict=True):
        won = {
            (scale[one], scale[other]) if result == ONE else (scale[other], scale[one])
            for one, other, result in pattern
            if result != TIE and scale[one] != scale[other]
        }
        for winner, loser in won:
            widest[winner][loser] += votes
    for through in range(count):
        for row in widest:
            for loser in range(count):
                row[loser] = max(row[loser], min(row[through], widest[through][loser]))
    return widest


@dataclass(frozen=True)
class _Certainty:
    """Whether one is above another beyond what chance does at this confidence."""

    order: Order
    intervals: Intervals | None
    unopposed: list[list[int]]
    confidence: float

    def above(self, one: int, other: int) -> bool:
        scale = {each: number for number, members in enumerate(self.order.scales) for each in members}
        if scale[one] == scale[other]:
            return self.intervals is not None and self.intervals.low[one] > self.intervals.high[other]
        if not self.order.above(one, other):
            return False
        # Between equals, so many votes in a row go one way with a chance below that of a tail.
        return 0.5 ** self.unopposed[scale[one]][scale[other]] <= (1 - self.confidence) / 2


def _standings(
    counted: Tally,
    order: Order,
    fitted: Fit,
    intervals: Intervals | None,
    certain: Callable[[int, int], bool] | None,
) -> tuple[Standing, ...]:
    matrix = counted.matrix
    standings = []
    for group, members in enumerate(order.groups):
        for scale, several in enumerate(order.scales):
            if several[0] not in members:
                continue
            for each in sorted(several, key=lambda one: (-round(fitted.abilities[one], 9), one)):
                numbers = _numbers(each, len(several), fitted, intervals)
                is_above = partial(_is_above, order, fitted)
                standings.append(
                    Standing(
                        label=counted.labels[each],
                        rank=1 + sum(is_above(other, each) for other in members),
                        best_rank=1 + sum(certain(other, each) for other in members) if certain else None,
                        worst_rank=len(members) - sum(certain(each, other) for other in members) if certain else None,
                        **numbers,
                        wins=sum(matrix.wins[each]),
                        losses=sum(row[each] for row in matrix.wins),
                        ties=sum(matrix.ties[each]),
                        votes=counted.shown[each],
                        group=group,
                        scale=scale,
                        place=_place(each, members, order, counted.labels) if len(several) == 1 else "",
                    )
                )
    return tuple(standings)


def _numbers(each: int, comparable: int, fitted: Fit, intervals: Intervals | None) -> dict[str, float | None]:
    if comparable == 1:
        return dict.fromkeys(("ability", "low", "high", "share"))
    ability = fitted.abilities[each]
    return {
        "ability": ability,
        "low": intervals.low[each] if intervals else None,
        "high": intervals.high[each] if intervals else None,
        "share": expected_share(ability, fitted.tie_parameter),
    }


def _is_above(order: Order, fitted: Fit, one: int, other: int) -> bool:
    if order.reach[one] >> other & 1 and order.reach[other] >> one & 1:
        return fitted.abilities[one] > fitted.abilities[other] + _SAME
    return order.above(one, other)


def _place(each: int, members: Sequence[int], order: Order, labels: Sequence[str]) -> str:
    """Say where one stands that has no number."""
    below = [other for other in members if order.above(each, other)]
    above = [other for other in members if order.above(other, each)]
    if not below and not above:
        return "not compared"
    if len(below) == len(members) - 1:
        return "above all"
    if len(above) == len(members) - 1:
        return "below all"
    words = [f"below {_names(above, labels)}"] * bool(above) + [f"above {_names(below, labels)}"] * bool(below)
    return ", ".join(words)


def _names(several: Sequence[int], labels: Sequence[str]) -> str:
    more = f" and {len(several) - 2} more" if len(several) > 3 else ""
    shown = several[:2] if more else several
    return ", ".join(labels[each] for each in shown) + more

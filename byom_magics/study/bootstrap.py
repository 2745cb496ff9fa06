"""
How far abilities may be off: the votes are drawn anew, with replacement, and fitted again, many times.

Whole votes are drawn, not pairs, since the comparisons of one vote hang together.

Not each draw has finite abilities for all. There, the largest set that has them (of two or more) is laid on the
abilities that all votes give to it, what is above it counts as infinitely high and what is below as infinitely low;
without such a set, only what won or lost all that it met is placed. What cannot be placed counts at both ends. So an
interval is open at a side when more draws than that tail takes tell nothing of how far it goes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from byom_magics.study.abilities import Fit, Pair, fit, tie_parameter_exists
from byom_magics.study.order import Order
from byom_magics.study.tally import ONE, TIE, Comparison, Tally

__all__ = ["Intervals", "bootstrap", "edges", "inside", "treated"]

_INF = math.inf
_UNKNOWN = (-_INF, _INF)
_EXACT = 1e-5  # the last step of a fit; what is left is its square


@dataclass(frozen=True)
class Intervals:
    """
    Where abilities lie, for each label.

    Attributes:
        low: The lower ends; minus infinity if open.
        high: The upper ends; infinity if open.
        unfit: In how many draws nothing could be fitted.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    unfit: int


def treated(pairs: Sequence[Pair], ties: str) -> list[Pair]:
    """
    Count ties as they are to be counted.

    Args:
        pairs: The counts.
        ties: ``half`` a win for each, ``skip`` leaves them out, ``davidson`` keeps them.
    """
    if ties == "davidson":
        return list(pairs)
    part = 0.5 if ties == "half" else 0.0
    several = (Pair(a, b, won + part * tied, lost + part * tied, 0) for a, b, won, lost, tied in pairs)
    return [pair for pair in several if pair.one_wins or pair.other_wins]


def edges(pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Give the pairs of winner and loser; a tie goes both ways."""
    both = [(pair.one, pair.other) for pair in pairs if pair.one_wins or pair.ties]
    return both + [(pair.other, pair.one) for pair in pairs if pair.other_wins or pair.ties]


def inside(pairs: Sequence[Pair], scales: Sequence[Sequence[int]]) -> list[Pair]:
    """Give the pairs of which both sides are in one set."""
    of = {each: number for number, members in enumerate(scales) for each in members}
    return [pair for pair in pairs if of[pair.one] == of[pair.other]]


def bootstrap(
    counted: Tally,
    scales: Sequence[Sequence[int]],
    whole: Fit,
    *,
    ties: str,
    rounds: int,
    seed: int,
    confidence: float,
) -> Intervals:
    """
    Draw the votes anew, and see where abilities come to lie.

    Args:
        counted: The votes.
        scales: The sets that have abilities, of two or more each.
        whole: The abilities that all votes give.
        ties: How ties count; see `treated`.
        rounds: How many times.
        seed: The same seed gives the same intervals for the same votes, whatever their order.
        confidence: The share of draws that an interval holds, its tails equally large.
    """
    size = len(counted.labels)
    slots, places = _slots(counted.patterns, scales)
    random = Random(seed)  # noqa: S311 - statistics, no secret
    found: list[list[tuple[float, float]]] = [[] for _ in range(size)]
    unfit = 0
    every = [number for number, count in enumerate(counted.counts) for _ in range(count)]
    for _ in range(rounds):
        counts = [0] * (3 * len(places))
        for pattern, count in Counter(random.choices(every, k=len(every))).items():
            for slot in slots[pattern]:
                counts[slot] += count
        pairs = [
            Pair(one, other, *counts[3 * at : 3 * at + 3])
            for at, (one, other) in enumerate(places)
            if any(counts[3 * at : 3 * at + 3])
        ]
        values = _round(size, treated(pairs, ties), scales, whole)
        unfit += values is None
        for members in scales:
            for each in members:
                found[each].append(values[each] if values is not None else _UNKNOWN)
    tail = (1 - confidence) / 2
    last = rounds - 1
    low = tuple(sorted(low for low, _ in each)[math.floor(tail * last)] if each else -_INF for each in found)
    high = tuple(sorted(high for _, high in each)[math.ceil((1 - tail) * last)] if each else _INF for each in found)
    return Intervals(low, high, unfit)


def _slots(
    patterns: Sequence[Sequence[Comparison]], scales: Sequence[Sequence[int]]
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Where the comparisons of each pattern are counted: three places for each pair within a set."""
    of = {each: number for number, members in enumerate(scales) for each in members}
    pairs: dict[tuple[int, int], int] = {}
    slots = []
    for pattern in patterns:
        row = []
        for one, other, result in pattern:
            if of.get(one, -1) == of.get(other, -2):
                at = pairs.setdefault((one, other), len(pairs))
                row.append(3 * at + (2 if result == TIE else 0 if result == ONE else 1))
        slots.append(row)
    return slots, list(pairs)


def _round(
    size: int, pairs: Sequence[Pair], scales: Sequence[Sequence[int]], whole: Fit
) -> list[tuple[float, float]] | None:
    """The abilities of one draw, each as the lowest and the highest that it may be; None if there is no fit."""
    order = Order.of(size, edges(pairs))
    finite = [members for members in order.scales if len(members) > 1]
    fitted = whole
    if finite:
        within = inside(pairs, order.scales)
        with_ties = any(pair.ties for pair in within)
        if with_ties and not tie_parameter_exists(size, within):
            return None
        try:
            fitted = fit(finite, within, with_ties=with_ties, start=whole, tolerance=_EXACT)
        except ArithmeticError:
            return None
    values = [_UNKNOWN] * size
    for members in scales:
        _place(values, members, order, fitted, whole)
    return values


def _place(values: list[tuple[float, float]], members: Sequence[int], order: Order, fitted: Fit, whole: Fit) -> None:
    here = set(members)
    known = max((each for each in order.scales if each[0] in here), key=lambda each: (len(each), -each[0]))
    if len(known) == 1:
        for each in members:
            up = any(order.above(each, other) for other in members)
            down = any(order.above(other, each) for other in members)
            values[each] = (_INF, _INF) if up and not down else (-_INF, -_INF) if down and not up else _UNKNOWN
        return
    abilities = fitted.abilities
    shift = sum(whole.abilities[each] - abilities[each] for each in known) / len(known)
    for each in members:
        if each in known:
            values[each] = (abilities[each] + shift,) * 2
        elif order.above(each, known[0]):
            values[each] = (_INF, _INF)
        elif order.above(known[0], each):
            values[each] = (-_INF, -_INF)

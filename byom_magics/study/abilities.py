"""
Abilities by maximum likelihood: the model of Bradley and Terry (1952), and Davidson's (1970) with ties of their own.

The chance that i wins against j is p_i / (p_i + p_j + v √(p_i p_j)), that of a tie v √(p_i p_j) over the same, where
log p is the ability, and v says how common ties are (0: there are none, which is Bradley's and Terry's model).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Fit", "Pair", "expected_share", "fit", "tie_parameter_exists"]

_STEPS = 200
_FAR = 1.0  # a step this long, in natural logarithms, is tried before it is taken
_LONGEST = 4.0


class Pair(NamedTuple):
    """How often one of two won, the other won, and neither."""

    one: int
    other: int
    one_wins: float
    other_wins: float
    ties: float


@dataclass(frozen=True)
class Fit:
    """
    What fits the counts best.

    Attributes:
        abilities: For each one, on the scale of natural logarithms, with mean zero within each set.
        tie_parameter: Davidson's v; 0 where ties are not part of the model.
    """

    abilities: tuple[float, ...]
    tie_parameter: float


def expected_share(difference: float, tie_parameter: float = 0.0) -> float:
    """
    The share that one is expected to get against another: the chance of a win, and half that of a tie.

    Args:
        difference: Its ability less the other's.
        tie_parameter: Davidson's v.
    """
    win, _, tie = _chances(difference, tie_parameter)
    return win + tie / 2


def tie_parameter_exists(size: int, pairs: Sequence[Pair]) -> bool:
    """
    Whether Davidson's v has a finite estimate above zero.

    It has none without a tie, and none if abilities far apart explain all wins as well as all ties: if there is no
    circle, going from winners to losers and over ties, with more wins than ties.
    """
    if not any(pair.ties for pair in pairs):
        return False
    # Such a circle is one of negative length when a win counts -1 and a tie +1 (Bellman and Ford).
    edges = []
    for one, other, one_wins, other_wins, ties in pairs:
        if ties:
            edges += [(one, other, 1), (other, one, 1)]
        edges += [(one, other, -1)] * bool(one_wins) + [(other, one, -1)] * bool(other_wins)
    distance = [0] * size
    for _ in range(size + 1):
        changed = False
        for start, end, length in edges:
            if distance[start] + length < distance[end]:
                distance[end] = distance[start] + length
                changed = True
        if not changed:
            return False
    return True


def fit(
    sets: Sequence[Sequence[int]],
    pairs: Sequence[Pair],
    *,
    with_ties: bool = False,
    start: Fit | None = None,
    tolerance: float = 1e-10,
) -> Fit:
    """
    Find the abilities under which the counts are likeliest, by Newton's method.

    Args:
        sets: Which numbers from 0 on are comparable: within each, each one won against each other one, directly or
            through others. One number may be in one set only.
        pairs: The counts, both sides of each in one set.
        with_ties: Whether ties are a third outcome (Davidson); `tie_parameter_exists` must hold. Else they must be 0.
        start: What the search begins with.
        tolerance: How far the last step may lead. The distance to the maximum is about its square.

    Raises:
        ArithmeticError: The search did not end: the counts are too lopsided to compute with.
    """
    # One of each set is the foot that the others are measured from; the last unknown is log v.
    feet = {members[-1] for members in sets}
    free = [each for members in sets for each in members if each not in feet]
    size = 1 + max(each for members in sets for each in members)
    values = list(start.abilities) if start else [0.0] * size
    log_ties = math.log(start.tie_parameter if start and start.tie_parameter else 1.0) if with_ties else -math.inf
    place = {each: number for number, each in enumerate(free)}
    for _ in range(_STEPS):
        step = _newton(place, pairs, values, log_ties, with_ties=with_ties)
        longest = max(map(abs, step), default=0.0)
        if longest > _LONGEST:
            step = [each * _LONGEST / longest for each in step]
        if longest > _FAR:
            step = _shortened(step, place, pairs, values, log_ties, with_ties=with_ties)
        for each, number in place.items():
            values[each] += step[number]
        log_ties += step[-1] if with_ties else 0.0
        if longest <= tolerance * (1 + max(map(abs, values), default=0.0)):
            return Fit(_centred(sets, values), math.exp(log_ties))
    raise ArithmeticError("no maximum of the likelihood was found")


def _chances(difference: float, tie_parameter: float) -> tuple[float, float, float]:
    """The chances that one wins, the other, and neither."""
    if difference < 0:
        other, one, tie = _chances(-difference, tie_parameter)
        return one, other, tie
    half = math.exp(-difference / 2)
    whole = 1 + half * half + tie_parameter * half
    return 1 / whole, half * half / whole, tie_parameter * half / whole


def _newton(
    place: dict[int, int], pairs: Sequence[Pair], values: Sequence[float], log_ties: float, *, with_ties: bool
) -> list[float]:
    """The step to where the slope would be zero if it changed evenly."""
    count = len(place) + with_ties
    slope = [0.0] * count
    bend = [[0.0] * count for _ in range(count)]
    tie_parameter = math.exp(log_ties)
    for one, other, one_wins, other_wins, ties in pairs:
        win, loss, tie = _chances(values[one] - values[other], tie_parameter)
        played, decided, lead = one_wins + other_wins + ties, win + loss, (win - loss) / 2
        # Written so that no large numbers cancel out, however lopsided the counts are.
        pull = one_wins * (loss + tie / 2) - other_wins * (win + tie / 2) - ties * lead
        spread = played * (win * loss + tie * decided / 4)
        mixed = -played * lead * tie
        a, b = place.get(one), place.get(other)
        if a is not None:
            slope[a] += pull
            bend[a][a] += spread
        if b is not None:
            slope[b] -= pull
            bend[b][b] += spread
            if a is not None:
                bend[a][b] -= spread
                bend[b][a] -= spread
        if with_ties:
            slope[-1] += ties * decided - (one_wins + other_wins) * tie
            bend[-1][-1] += played * tie * decided
            for number, sign in ((a, 1), (b, -1)):
                if number is not None:
                    bend[number][-1] += sign * mixed
                    bend[-1][number] += sign * mixed
    return _solved(bend, slope)


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a system of equations whose matrix is symmetric and positive definite; both arguments are used up."""
    count = len(right)
    for column in range(count):
        row = matrix[column]
        pivot = row[column]
        if pivot <= 0:
            raise ArithmeticError("the likelihood is too flat to compute with")
        for lower in range(column + 1, count):
            factor = row[lower] / pivot
            if factor:
                # What is left of the diagonal is the same as above it, and never looked at.
                below = matrix[lower]
                below[lower:] = [one - factor * other for one, other in zip(below[lower:], row[lower:], strict=True)]
                right[lower] -= factor * right[column]
    for column in range(count - 1, -1, -1):
        row = matrix[column]
        rest = right[column]
        for each in range(column + 1, count):
            rest -= row[each] * right[each]
        right[column] = rest / row[column]
    return right


def _shortened(
    step: list[float],
    place: dict[int, int],
    pairs: Sequence[Pair],
    values: Sequence[float],
    log_ties: float,
    *,
    with_ties: bool,
) -> list[float]:
    """A step in the same direction that makes the counts likelier."""
    before = _log_likelihood(pairs, values, log_ties)
    for _ in range(60):
        tried = list(values)
        for each, number in place.items():
            tried[each] += step[number]
        if _log_likelihood(pairs, tried, log_ties + (step[-1] if with_ties else 0.0)) >= before:
            return step
        step = [each / 2 for each in step]
    return step


def _log_likelihood(pairs: Sequence[Pair], values: Sequence[float], log_ties: float) -> float:
    total = 0.0
    tie_parameter = math.exp(log_ties)
    for one, other, one_wins, other_wins, ties in pairs:
        half = (values[one] - values[other]) / 2
        far = abs(half)
        whole = far + math.log(1 + math.exp(-2 * far) + tie_parameter * math.exp(-far))
        total += (one_wins - other_wins) * half - (one_wins + other_wins + ties) * whole
        total += ties * log_ties if ties else 0.0
    return total


def _centred(sets: Sequence[Sequence[int]], values: Sequence[float]) -> tuple[float, ...]:
    centred = list(values)
    for members in sets:
        mean = math.fsum(values[each] for each in members) / len(members)
        for each in members:
            centred[each] = values[each] - mean
    return tuple(centred)

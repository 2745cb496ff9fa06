"""
Which items of two rows are the same, so that as many as can be stay where they are.

As well as can be for rows of some thousand; longer ones are cut first, at what occurs once in both. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import pairwise

__all__ = ["matches"]

# Up to this product of their lengths, two rows are matched as well as can be: some 10 ms.
_EXACT = 1 << 24
_BLOCK = 2_000
# Items in a row that a place is known by.
_RUN = 4
# Rows that are versions of one another have a common place at least every so many items.
_PER_PLACE = 100
# Parts of parts in which places are looked for: each time the whole row is read.
_DEEPEST = 5


def matches(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """Give pairs of places that hold the same, both growing: as many as can be, if the work allows."""
    found: list[tuple[int, int]] = []
    gaps = [(0, (0, len(a), 0, len(b)))]
    while gaps:
        depth, (from_a, to_a, from_b, to_b) = gaps.pop()
        while from_a < to_a and from_b < to_b and a[from_a] == b[from_b]:
            found.append((from_a, from_b))
            from_a, from_b = from_a + 1, from_b + 1
        while from_a < to_a and from_b < to_b and a[to_a - 1] == b[to_b - 1]:
            to_a, to_b = to_a - 1, to_b - 1
            found.append((to_a, to_b))
        in_a, in_b = set(a[from_a:to_a]), set(b[from_b:to_b])
        left = [place for place in range(from_a, to_a) if a[place] in in_b]
        right = [place for place in range(from_b, to_b) if b[place] in in_a]
        if not left or not right:
            continue
        if len(left) * len(right) <= _EXACT:
            pairs = _longest([a[place] for place in left], [b[place] for place in right])
            found += [(left[i], right[j]) for i, j in pairs]
        else:
            gap = (from_a, to_a, from_b, to_b)
            gaps += [(depth + 1, part) for part in _cut(a, b, gap, by_places=depth < _DEEPEST)]
    return sorted(found)


def _longest(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """
    Give a longest common subsequence.

    Row by row of the usual table, a row being the bits of one number (Hyyrö 2004, "Bit-parallel LCS-length
    computation revisited"): a zero where the length grows.
    """
    if len(a) > len(b):
        return [(i, j) for j, i in _longest(b, a)]
    where: dict[int, int] = {}
    for place, item in enumerate(a):
        where[item] = where.get(item, 0) | 1 << place
    every = (1 << len(a)) - 1
    row, rows = every, [every]
    for item in b:
        hits = row & where.get(item, 0)
        row = ((row + hits) | (row - hits)) & every
        rows.append(row)
    pairs = []
    i, j = len(a), len(b)
    while i and j:
        if rows[j] >> (i - 1) & 1:
            i -= 1
        elif not rows[j - 1] >> (i - 1) & 1:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


_Gap = tuple[int, int, int, int]


def _cut(a: list[int], b: list[int], gap: _Gap, *, by_places: bool) -> list[_Gap]:
    """Cut what is too long for one look: at runs that both have once, or else into parts of like shares."""
    from_a, to_a, from_b, to_b = gap
    anchors = _rising(_runs(a, from_a, to_a), _runs(b, from_b, to_b)) if by_places else []
    # A few places that are alike by chance would set the wrong parts against each other.
    if len(anchors) < max(to_a - from_a, to_b - from_b) // _PER_PLACE:
        count = max(to_a - from_a, to_b - from_b) // _BLOCK + 1
        anchors = [
            (from_a + (to_a - from_a) * part // count, from_b + (to_b - from_b) * part // count)
            for part in range(1, count)
        ]
    edges = [(from_a, from_b), *anchors, (to_a, to_b)]
    return [(left[0], right[0], left[1], right[1]) for left, right in pairwise(edges)]


def _runs(items: list[int], start: int, end: int) -> dict[tuple[int, ...], int]:
    """Give the runs of items that occur once, and where."""
    runs = [tuple(items[place : place + _RUN]) for place in range(start, end - _RUN + 1)]
    once = Counter(runs)
    return {run: start + place for place, run in enumerate(runs) if once[run] == 1}


def _rising(one: dict[tuple[int, ...], int], other: dict[tuple[int, ...], int]) -> list[tuple[int, int]]:
    """Give the longest row of common runs whose places grow in both (patience sorting)."""
    tops: list[int] = []
    piles: list[list[tuple[int, int, int]]] = []
    for run, place in one.items():
        there = other.get(run)
        if there is None:
            continue
        pile = bisect_left(tops, there)
        entry = (place, there, len(piles[pile - 1]) - 1 if pile else -1)
        if pile == len(tops):
            tops.append(there)
            piles.append([entry])
        else:
            tops[pile] = there
            piles[pile].append(entry)
    rising = []
    at = len(piles[-1]) - 1 if piles else -1
    for pile_ in reversed(piles):
        place, there, before = pile_[at]
        rising.append((place, there))
        at = before
    return rising[::-1]

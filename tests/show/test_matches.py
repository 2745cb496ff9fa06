from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from byom_magics.show.matches import matches

ROWS = st.lists(st.integers(0, 4), max_size=30)


def longest(a: list[int], b: list[int]) -> int:
    """The textbook's table."""
    above = [0] * (len(b) + 1)
    for item in a:
        row = [0]
        for place, other in enumerate(b):
            row.append(above[place] + 1 if item == other else max(above[place + 1], row[place]))
        above = row
    return above[-1]


def check(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """What any answer has to be: pairs of the same, that grow on both sides."""
    pairs = matches(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(left[0] < right[0] and left[1] < right[1] for left, right in pairwise(pairs))
    return pairs


@given(ROWS, ROWS)
def test_as_many_stay_as_can(a: list[int], b: list[int]) -> None:
    assert len(check(a, b)) == longest(a, b)


def test_a_change_in_the_middle_of_a_very_long_row_leaves_the_rest_alone() -> None:
    chance = random.Random(1)
    row = [chance.randrange(300) for _ in range(50_000)]
    pairs = check(row, [*row[:20_000], -1, *row[20_003:40_000], *row[40_000:40_500], *row[40_000:]])
    assert len(row) - 5 <= len(pairs) <= len(row) - 3


def test_a_long_part_that_moved_is_matched_as_one_of_both() -> None:
    row = list(range(30_000))
    assert len(check(row, row[10_000:] + row[:10_000])) == 20_000


def test_long_rows_by_chance_alike_are_matched_in_parts() -> None:
    chance = random.Random(1)
    a, b = ([chance.randrange(50) for _ in range(12_000)] for _ in range(2))
    assert len(check(a, b)) > 2_000


def test_rows_that_are_one_item_over_and_over_are_matched() -> None:
    assert len(check([1] * 20_000, [2] + [1] * 10_000 + [3] + [1] * 9_000)) > 15_000


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert matches([], []) == matches([1], []) == matches(list(range(50_000)), list(range(-50_000, 0))) == []

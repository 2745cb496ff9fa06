from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from byom_magics.study.order import Order

edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20)


def test_a_circle_of_wins_is_one_scale_and_one_group() -> None:
    order = Order.of(3, [(0, 1), (1, 2), (2, 0)])
    assert order.scales == ((0, 1, 2),)
    assert order.groups == ((0, 1, 2),)
    assert not order.above(0, 1)


def test_a_chain_of_wins_has_a_scale_for_each_from_above() -> None:
    order = Order.of(3, [(2, 0), (0, 1)])
    assert order.scales == ((2,), (0,), (1,))
    assert order.groups == ((0, 1, 2),)
    assert order.above(2, 1)
    assert not order.above(1, 2)


def test_those_that_never_met_are_groups_of_their_own_the_largest_first() -> None:
    order = Order.of(6, [(1, 0), (2, 3), (3, 2), (4, 3)])
    assert order.groups == ((2, 3, 4), (0, 1), (5,))
    assert not order.above(1, 3)


def test_two_above_a_third_are_not_comparable() -> None:
    order = Order.of(3, [(0, 2), (1, 2)])
    assert len(order.groups) == 1
    assert not order.above(0, 1)
    assert not order.above(1, 0)


@given(edges)
def test_scales_and_groups_hold_each_once_and_no_scale_stands_before_one_above_it(pairs: list[tuple[int, int]]) -> None:
    order = Order.of(7, pairs)
    for sets in (order.scales, order.groups):
        assert sorted(each for members in sets for each in members) == list(range(7))
    first = [members[0] for members in order.scales]
    assert not any(order.above(later, earlier) for at, later in enumerate(first) for earlier in first[:at])


@given(edges)
def test_what_stands_above_what_follows_chains_of_wins(pairs: list[tuple[int, int]]) -> None:
    order = Order.of(7, pairs)

    def leads(start: int, end: int) -> bool:
        seen, front = {start}, [start]
        while front:
            here = front.pop()
            for winner, loser in pairs:
                if winner == here and loser not in seen:
                    seen.add(loser)
                    front.append(loser)
        return end in seen

    for one in range(7):
        for other in range(7):
            assert order.above(one, other) == (leads(one, other) and not leads(other, one))

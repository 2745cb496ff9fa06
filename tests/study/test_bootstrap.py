from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from byom_magics.study.abilities import Fit, Pair, fit
from byom_magics.study.bootstrap import Intervals, bootstrap, edges, inside, treated
from byom_magics.study.order import Order
from byom_magics.study.tally import tally
from tests.study.ballots import duels, simulated, vote

if TYPE_CHECKING:
    from byom_magics.study.vote import Vote

INF = math.inf


def intervals(votes: list[Vote], *, ties: str = "half", rounds: int = 400, confidence: float = 0.95) -> Intervals:
    counted = tally(votes)
    pairs = treated(counted.pairs, ties)
    order = Order.of(len(counted.labels), edges(pairs))
    scales = [members for members in order.scales if len(members) > 1]
    within = inside(pairs, order.scales)
    whole = fit(scales, within, with_ties=any(pair.ties for pair in within))
    whole = Fit(whole.abilities + (0.0,) * (len(counted.labels) - len(whole.abilities)), whole.tie_parameter)
    return bootstrap(counted, scales, whole, ties=ties, rounds=rounds, seed=0, confidence=confidence)


def test_ties_are_halved_left_out_or_kept() -> None:
    pairs = [Pair(0, 1, 3, 1, 2), Pair(0, 2, 0, 0, 2)]
    assert treated(pairs, "half") == [Pair(0, 1, 4, 2, 0), Pair(0, 2, 1, 1, 0)]
    assert treated(pairs, "skip") == [Pair(0, 1, 3, 1, 0)]
    assert treated(pairs, "davidson") == pairs


def test_wins_point_down_and_ties_both_ways() -> None:
    assert sorted(edges([Pair(0, 1, 3, 0, 0), Pair(1, 2, 0, 0, 1)])) == [(0, 1), (1, 2), (2, 1)]


def test_of_two_the_interval_is_that_of_the_share_which_is_binomial() -> None:
    # 60 of 100: the ends of the binomial distribution that cut 2.5 % off are 50 and 69 wins; ability is half the log odds.
    found = intervals(duels({"a>b": 60, "b>a": 40}), rounds=4_000)
    for end, wins in ((found.low[0], 50), (found.high[0], 69)):
        assert end == pytest.approx(math.log(wins / (100 - wins)) / 2, abs=0.025)
    assert found.low[1] == pytest.approx(-found.high[0])
    assert found.unfit == 0


def test_the_same_seed_gives_the_same_whatever_the_order_of_the_votes() -> None:
    votes = simulated({"a": 0, "b": 0.4, "c": 1}, 60, seed=3)
    assert intervals(votes) == intervals(votes[::-1])


def test_more_votes_make_intervals_narrower() -> None:
    few, many = (intervals(simulated({"a": 0, "b": 0.5}, count, seed=1)) for count in (50, 800))
    assert many.high[0] - many.low[0] < (few.high[0] - few.low[0]) / 2


def test_an_end_is_open_where_too_many_draws_set_no_limit() -> None:
    # A draw of 5 votes without the one that was lost has a chance of a third.
    found = intervals(duels({"a>b": 4, "b>a": 1}))
    assert found.high[0] == INF
    assert found.low[1] == -INF
    assert math.isfinite(found.low[0])
    assert math.isfinite(found.high[1])


def test_what_lost_its_only_link_in_a_draw_is_open_at_both_ends() -> None:
    votes = duels({"a>b": 20, "b>a": 20, "b>c": 1, "c>b": 1})
    found = intervals(votes)
    assert (found.low[2], found.high[2]) == (-INF, INF)
    assert all(map(math.isfinite, (found.low[0], found.high[0], found.low[1], found.high[1])))


def test_what_is_not_on_a_scale_has_no_interval() -> None:
    found = intervals(duels({"a>b": 6, "b>a": 5, "c>a": 3}))
    assert (found.low[2], found.high[2]) == (-INF, INF)
    assert math.isfinite(found.low[0])


def test_whole_votes_are_drawn_so_that_the_best_of_several_stays_the_best_of_several() -> None:
    # As many comparisons, from fewer votes: these tell less.
    several = intervals([vote("a b c d", "a"), vote("a b c d", "b"), vote("a b c d", "c"), vote("a b c d", "d")] * 5)
    single = intervals(duels({f"{one}>{other}": 5 for one in "abcd" for other in "abcd" if one != other}))
    assert several.high[0] - several.low[0] > 1.1 * (single.high[0] - single.low[0])


def test_ties_of_their_own_are_fitted_in_each_draw() -> None:
    votes = simulated({"a": 0, "b": 0.4, "c": 1}, 150, seed=5, ties=0.3)
    found = intervals(votes, ties="davidson")
    assert found.unfit == 0
    assert all(low < high for low, high in zip(found.low, found.high, strict=True))


def test_draws_in_which_nothing_can_be_fitted_are_counted_and_open() -> None:
    found = intervals(duels({"a>b": 2, "b>a": 1, "a=b": 1}), ties="davidson")
    assert found.unfit > 10
    assert (found.low[0], found.high[0]) == (-INF, INF)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    truth = {"a": 0.0, "b": 0.3, "c": -0.3}
    held = 0
    for seed in range(60):
        found = intervals(simulated(truth, 120, seed=seed), rounds=100, confidence=0.9)
        held += sum(low <= true <= high for true, low, high in zip(truth.values(), found.low, found.high, strict=True))
    assert 0.83 <= held / 180 <= 0.97

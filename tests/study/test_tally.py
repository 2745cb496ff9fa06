from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from byom_magics.study.abilities import Pair
from byom_magics.study.tally import tally
from tests.study.ballots import duels, vote


def test_duels_are_counted_by_who_won() -> None:
    counted = tally(duels({"a>b": 3, "b>a": 1, "a=b": 2, "b>c": 1}))
    assert counted.labels == ("a", "b", "c")
    assert counted.pairs == [Pair(0, 1, 3, 1, 2), Pair(1, 2, 1, 0, 0)]
    assert counted.shown == (6, 7, 1)
    assert counted.votes == 7


def test_the_best_of_several_beats_each_other_one_and_the_rest_is_not_compared() -> None:
    matrix = tally([vote("c a b", "b")]).matrix
    assert matrix.labels == ("a", "b", "c")
    assert matrix.wins == ((0, 0, 0), (1, 0, 1), (0, 0, 0))
    assert not any(map(any, matrix.ties))


def test_a_tie_and_all_bad_tie_each_with_each() -> None:
    matrix = tally([vote("a b c", "tie"), vote("a b", "bad")]).matrix
    assert matrix.ties == ((0, 2, 1), (2, 0, 1), (1, 1, 0))


def test_votes_that_all_were_bad_may_be_left_out() -> None:
    counted = tally([vote("a b", "bad"), vote("c d", "c")], skip_bad=True)
    assert counted.labels == ("c", "d")
    assert counted.votes == 1


def test_a_model_that_is_shown_twice_is_no_rival_of_itself() -> None:
    counted = tally([vote("a a b", "a"), vote("a b a", "b"), vote("a a b", "tie")])
    assert counted.with_itself == 3
    assert counted.pairs == [Pair(0, 1, 1, 2, 2)]
    assert counted.shown == (3, 3)


def test_the_matrix_tells_shares_and_takes_another_order() -> None:
    matrix = tally(duels({"a>b": 3, "a=b": 2, "b>c": 1})).matrix
    assert matrix.share(0, 1) == 0.8
    assert matrix.share(1, 0) == 0.2
    assert matrix.share(0, 2) is None
    turned = matrix.ordered(["c", "b", "a"])
    assert turned.labels == ("c", "b", "a")
    assert turned.share(2, 1) == 0.8
    assert turned.met(1, 0) == 1


@given(st.lists(st.sampled_from(["a b/a", "b a/b", "a b c/c", "b c/tie", "c d/bad"]), max_size=12))
def test_the_order_of_votes_changes_nothing(several: list[str]) -> None:
    votes = [vote(*each.split("/")) for each in several]
    assert tally(votes) == tally(sorted(votes, key=lambda each: each.id))

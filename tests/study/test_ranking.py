from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.study.ranking import ranking
from tests.study.ballots import duels, simulated, table, vote
from tests.study.test_abilities import GAMES, TEAMS

if TYPE_CHECKING:
    from byom_magics.study.standing import Ranking


def ranks(made: Ranking) -> dict[str, int]:
    return {each.label: each.rank for each in made.standings}


def ranges(made: Ranking) -> dict[str, tuple[int | None, int | None]]:
    return {each.label: (each.best_rank, each.worst_rank) for each in made.standings}


def test_baseball_of_1987_is_ranked_from_single_votes_as_agresti_has_it() -> None:
    initials = "MDTNBCX"
    made = ranking(table(initials, GAMES), rounds=100)
    assert [each.label for each in made.standings] == list(initials)
    last = made["X"].ability or 0
    assert [round((each.ability or 0) - last, 2) for each in made.standings] == [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]
    assert (made["M"].wins, made["M"].losses, made["M"].votes) == (50, 28, 78)
    assert made.matrix.wins == tuple(map(tuple, GAMES))
    assert len(TEAMS) == len(made)


def test_a_tie_is_half_a_win_for_each_unless_something_else_is_said() -> None:
    votes = duels({"a>b": 5, "b>a": 2, "a=b": 4})
    differences = {}
    for ties in ("half", "davidson", "skip"):
        made = ranking(votes, ties=ties, rounds=0)
        differences[ties] = (made["a"].ability or 0) - (made["b"].ability or 0)
        assert made["a"].ties == 4
    assert differences["half"] == pytest.approx(math.log(7 / 4))
    assert differences["davidson"] == pytest.approx(math.log(5 / 2))
    assert differences["skip"] == pytest.approx(math.log(5 / 2))


def test_the_tie_parameter_is_told_where_ties_are_an_outcome_of_their_own() -> None:
    votes = duels({"a>b": 8, "b>a": 2, "a=b": 4})
    assert ranking(votes, ties="davidson", rounds=0).tie_parameter == pytest.approx(1)
    assert ranking(votes, rounds=0).tie_parameter is None
    assert ranking(duels({"a>b": 8, "b>a": 2}), ties="davidson", rounds=0).tie_parameter == 0


def test_where_the_tie_model_has_no_fit_ties_count_half_and_it_is_said() -> None:
    made = ranking(duels({"a>b": 5, "a=b": 1}), ties="davidson", rounds=0)
    assert made.tie_parameter is None
    assert (made["a"].ability or 0) - (made["b"].ability or 0) == pytest.approx(math.log(11))
    assert any("Ties count half" in note for note in made.notes)


def test_that_all_were_bad_is_a_tie_or_nothing() -> None:
    votes = [*duels({"a>b": 3, "b>a": 1}), vote("a b", "bad"), vote("a b", "bad")]
    tied, skipped = ranking(votes, rounds=0), ranking(votes, bad="skip", rounds=0)
    assert (tied["a"].ties, tied.votes) == (2, 6)
    assert (skipped["a"].ties, skipped.votes) == (0, 4)
    assert (tied["a"].ability or 0) < (skipped["a"].ability or 0)


def test_the_share_is_that_against_an_average_model() -> None:
    made = ranking(duels({"a>b": 9, "b>a": 1}), rounds=0)
    assert made["a"].share == pytest.approx(3 / 4)  # odds of 9 to one are 3 to one against the middle between the two
    assert made["b"].share == pytest.approx(1 / 4)


def test_intervals_that_do_not_overlap_tell_ranks_apart() -> None:
    made = ranking(simulated({"a": 3, "b": 0, "c": 0.05}, 400, seed=2))
    assert ranges(made)["a"] == (1, 1)
    assert ranges(made)["b"] == ranges(made)["c"] == (2, 3)
    one = made["a"]
    assert one.rating_low is not None
    assert one.rating is not None
    assert one.rating_high is not None
    assert one.rating_low < one.rating < one.rating_high


def test_the_same_votes_give_the_same_ranking_whatever_their_order_and_each_counts_once() -> None:
    votes = simulated({"a": 0, "b": 0.4, "c": 1}, 60, seed=3)
    assert ranking(votes) == ranking(votes[::-1] + votes)
    assert ranking(votes, seed=1)["a"].low != ranking(votes)["a"].low


def test_groups_that_never_met_are_ranked_each_for_itself() -> None:
    made = ranking(duels({"a>b": 6, "b>a": 2, "c>d": 1, "d>c": 5, "d>e": 1, "e>d": 1}))
    assert made.groups == (("c", "d", "e"), ("a", "b"))
    assert ranks(made)["a"] == 1
    assert ranks(made)["d"] == 1 or ranks(made)["e"] == 1
    assert {each.worst_rank for each in made.standings if each.group == 1} <= {1, 2}
    for group in made.groups:
        assert sum(made[label].ability or 0 for label in group) == pytest.approx(0)


def test_who_won_all_or_lost_all_gets_a_rank_and_no_number() -> None:
    made = ranking(duels({"a>b": 3, "b>c": 4, "c>b": 3, "c>d": 2}))
    assert ranks(made) == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert (made["a"].place, made["d"].place) == ("above all", "below all")
    for label in "ad":
        standing = made[label]
        assert (standing.ability, standing.rating, standing.low, standing.high, standing.share) == (None,) * 5
    assert (made["b"].ability or 0) - (made["c"].ability or 0) == pytest.approx(math.log(4 / 3))
    assert made["b"].place == ""


def test_winning_all_is_certain_only_after_votes_enough() -> None:
    # Between equals, five in a row happen in 3.1 % of cases, six in 1.6 %: the tail of a 95 % interval is 2.5 %.
    assert ranges(ranking(duels({"a>b": 5}))) == {"a": (1, 2), "b": (1, 2)}
    assert ranges(ranking(duels({"a>b": 6}))) == {"a": (1, 1), "b": (2, 2)}
    # One vote on four answers is one vote, though it has three comparisons.
    assert ranges(ranking([vote("a b c d", "a")] * 2))["a"] == (1, 4)


def test_a_chain_is_as_certain_as_its_weakest_link() -> None:
    made = ranking(duels({"a>b": 9, "b>c": 1}))
    assert ranges(made) == {"a": (1, 2), "b": (1, 3), "c": (2, 3)} or ranges(made)["c"] == (1, 3)
    assert made["b"].place == "below a, above c"


def test_two_that_only_beat_a_third_share_the_first_rank() -> None:
    made = ranking(duels({"a>c": 9, "b>c": 9}))
    assert ranks(made) == {"a": 1, "b": 1, "c": 3}
    assert made["a"].place == "above c"
    assert ranges(made) == {"a": (1, 2), "b": (1, 2), "c": (3, 3)}


def test_equals_share_a_rank() -> None:
    assert ranks(ranking(duels({"a>b": 2, "b>a": 2}), rounds=0)) == {"a": 1, "b": 1}
    assert ranks(ranking(duels({"a=b": 2}), rounds=0)) == {"a": 1, "b": 1}


def test_one_that_only_tied_is_not_compared_when_ties_are_left_out() -> None:
    made = ranking(duels({"a=b": 2, "a>c": 1, "c>a": 1}), ties="skip")
    assert made["b"].place == "not compared"
    assert made.groups == (("a", "c"), ("b",))


def test_without_draws_there_are_no_intervals() -> None:
    made = ranking(duels({"a>b": 9, "b>a": 1}), rounds=0)
    assert ranges(made) == {"a": (None, None), "b": (None, None)}
    assert made["a"].low is None


def test_no_votes_rank_nobody() -> None:
    made = ranking([])
    assert (made.standings, made.groups, made.votes) == ((), (), 0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ties": "third"}, "half, davidson, skip"),
        ({"bad": "win"}, "tie, skip"),
        ({"rounds": -1}, "rounds"),
        ({"rounds": 1.5}, "rounds"),
        ({"rounds": True}, "rounds"),
        ({"rounds": 10**9}, "100,000"),
        ({"confidence": 95}, "confidence"),
        ({"confidence": 1}, "confidence"),
        ({"confidence": "high"}, "confidence"),
        ({"confidence": math.nan}, "confidence"),
    ],
)
def test_options_that_cannot_be_used_are_told(options: dict[str, Any], told: str) -> None:
    with pytest.raises(OptionError, match="cannot be") as caught:
        ranking([], **options)
    assert told in str(caught.value)

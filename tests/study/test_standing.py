from __future__ import annotations

import math
from dataclasses import replace

import pytest

from byom_magics.study.ranking import ranking
from byom_magics.study.standing import rating
from tests.study.ballots import duels


def test_a_rating_has_the_points_of_chess() -> None:
    assert rating(0) == 1000
    assert rating(math.log(10)) == pytest.approx(1400)
    assert rating(-math.inf) == -math.inf


def test_a_standing_is_found_by_its_label_and_given_as_plain_values() -> None:
    made = ranking(duels({"a>b": 3, "b>a": 1}), rounds=0)
    assert made["a"].rating == pytest.approx(1000 + 400 * math.log10(3) / 2)
    assert made["b"].rating_low is None
    with pytest.raises(KeyError):
        made["c"]
    first, second = made.rows()
    assert (first["label"], first["rank"], first["wins"], second["losses"]) == ("a", 1, 3, 3)
    assert first["rating"] == made["a"].rating


def test_the_ends_of_an_interval_are_points_too() -> None:
    one = replace(ranking(duels({"a>b": 3, "b>a": 1}), rounds=0)["a"], low=0.0, high=math.inf)
    assert (one.rating_low, one.rating_high) == (1000, math.inf)


def test_it_says_in_short_what_it_is() -> None:
    assert repr(ranking(duels({"a>b": 3, "b>a": 1}), rounds=0)) == "<Ranking of 2 models by 4 votes: 1. a, 2. b>"
    assert repr(ranking(duels({"a>b": 1}), rounds=0)) == "<Ranking of 2 models by 1 vote: 1. a, 2. b>"
    assert repr(ranking([])) == "<Ranking of 0 models by 0 votes>"

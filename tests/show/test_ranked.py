from __future__ import annotations

import math
from dataclasses import replace

import pytest

from byom_magics.show.ranked import interval_words, rank_words, rating_words, scale_letter, share_words
from byom_magics.study.ranking import ranking
from tests.study.ballots import duels

FIRST = ranking(duels({"a>b": 30, "b>a": 10}))["a"]


def test_a_rank_comes_with_those_that_are_possible() -> None:
    assert rank_words(FIRST) == "1 (1)"
    assert rank_words(replace(FIRST, rank=2, best_rank=1, worst_rank=3)) == "2 (1–3)"
    assert rank_words(replace(FIRST, best_rank=None, worst_rank=None)) == "1"


def test_a_rating_is_a_number_of_points_or_what_stands_in_its_place() -> None:
    assert rating_words(FIRST) == "1,095"
    assert rating_words(replace(FIRST, ability=None, place="above all")) == "above all"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 1.0, "1,000–1,174"),
        (-math.inf, 1.0, "below 1,174"),
        (0.0, math.inf, "above 1,000"),
        (-math.inf, math.inf, "no limits"),
        (None, None, "–"),
    ],
)
def test_an_interval_says_which_ends_it_has(low: float | None, high: float | None, words: str) -> None:
    assert interval_words(replace(FIRST, low=low, high=high)) == words


def test_shares_are_in_per_cent_and_scales_have_letters() -> None:
    assert (share_words(0.625), share_words(None)) == ("62%", "–")
    assert scale_letter(replace(FIRST, scale=4), [2, 4]) == "B"

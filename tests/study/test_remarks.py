from __future__ import annotations

import re
from typing import Any

from byom_magics.study.ranking import ranking
from byom_magics.study.vote import Vote, prompt_hash
from tests.study.ballots import duels, simulated, vote


def told(votes: list[Vote], **options: Any) -> str:
    return "\n".join(ranking(votes, **options).notes)


def test_it_begins_with_what_there_is() -> None:
    votes = [
        vote("a b", "a", voter="Ada"),
        vote("a b", "tie", voter="Bo"),
        vote("a b", "bad", prompt=prompt_hash("Other")),
    ]
    assert told(votes).startswith("3 votes by 2 named voters on 2 prompts: 1 with a winner, 1 tied, 1 all bad.")
    assert told([vote("a b", "a")]).startswith("1 vote on 1 prompt: 1 with a winner.")


def test_what_is_left_out_is_told() -> None:
    votes = [*duels({"a>b": 2, "b>a": 2, "a=b": 1}), vote("a b", "bad"), vote("a a b", "b")]
    usual, skipping = told(votes), told(votes, ties="skip", bad="skip")
    assert "1 vote that all were bad: counted as ties." in usual
    assert "1 comparison of a model with itself: counted for nothing." in usual
    assert "1 vote that all were bad: left out." in skipping
    assert "Ties are left out of the ratings." in skipping


def test_groups_that_never_met_are_named_and_what_would_connect_them() -> None:
    text = told(duels({"a>b": 2, "b>a": 2, "c>d": 1, "d>c": 1}))
    assert "Not connected: these were never compared with one another, not even through others: a, b; c, d." in text
    assert "Next: votes that show models of several groups together." in text


def test_who_has_no_finite_rating_is_named_with_the_reason() -> None:
    text = told(duels({"a>b": 3, "b>c": 1, "c>b": 1}))
    assert "No finite rating for a (above all): no comparison went the other way" in text
    assert "Next: more votes on it" in text


def test_scales_of_their_own_are_told() -> None:
    text = told(duels({"a>b": 1, "b>a": 1, "b>c": 1, "c>d": 1, "d>c": 1}))
    assert "Ratings are on 2 scales of their own, with mean 1,000 each: a, b; c, d." in text
    assert "scales of their own" not in told(duels({"a>b": 1, "b>a": 1, "c>d": 1, "d>c": 1}))


def test_pairs_with_few_votes_are_named_the_fewest_first() -> None:
    text = told(duels({"a>b": 9, "b>a": 9, "b>c": 1, "c>b": 1}))
    assert "Thin: 2 pairs have fewer than 5 direct comparisons: " in text
    assert re.search(r": (a and c|c and a) \(0\), (b and c|c and b) \(2\)\.", text)


def test_who_cannot_be_told_apart_is_named_and_how_many_votes_it_would_take() -> None:
    text = told(duels({"a>b": 12, "b>a": 8}))
    # 1.96² / (d² p q) with p = 0.6 and d = ln 1.5
    assert "Too few votes to tell apart (their intervals overlap): a and b." in text
    assert "about 98 votes between these two would tell them apart" in text
    assert "Too few votes" not in told(simulated({"a": 2, "b": -2}, 200, seed=1))


def test_if_no_two_can_be_told_apart_it_says_so_in_short() -> None:
    text = told(simulated({"a": 0, "b": 0.1, "c": 0.2, "d": 0.1}, 30, seed=4))
    assert "any two of" in text


def test_equals_are_called_equal_so_far() -> None:
    assert "these are equal so far" in told(duels({"a>b": 5, "b>a": 5}))


def test_places_are_told_with_what_would_be_even() -> None:
    text = told([vote("a b", "a")] * 7 + [vote("b a", "b")] * 7)
    # The same vote object counts once, so these are two.
    assert "The first place won 100% of 2 votes with a winner" in text
    fair = told(duels({"a>b": 10, "b>a": 10}))
    assert "50% would be even: no sign that places matter" in fair
    leaning = told([vote("a b", "a") for _ in range(10)] + [vote("b a", "b") for _ in range(10)])
    assert "places seem to matter" in leaning


def test_how_the_intervals_were_made_is_told() -> None:
    text = told(duels({"a>b": 4, "b>a": 1}), seed=7, rounds=200)
    assert "Intervals: 95% of 200 rankings of votes drawn anew from these (seed 7)." in text
    assert "Where one end is missing, the votes set no limit on that side." in text
    assert "Intervals" not in told(duels({"a>b": 4, "b>a": 1}), rounds=0)


def test_ties_of_their_own_are_told_with_what_they_mean() -> None:
    text = told(duels({"a>b": 8, "b>a": 2, "a=b": 4}), ties="davidson")
    assert "Ties are an outcome of their own (v = 1.000): two equals would tie 33% of the time." in text


def test_draws_without_a_fit_are_told() -> None:
    assert "nothing could be fitted" in told(duels({"a>b": 2, "b>a": 1, "a=b": 1}), ties="davidson")


def test_of_no_votes_there_is_little_to_say() -> None:
    assert ranking([]).notes == ("0 votes on 0 prompts: none.",)


def test_long_labels_are_cut_in_the_notes() -> None:
    made = ranking([Vote(prompt_hash(""), ("x" * 290, "y"), "win", "y")])
    assert max(map(len, made.notes)) < 400

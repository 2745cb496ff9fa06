"""Reasoning between tags in the text: told from the answer wherever the pieces are cut."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.events import Event
from byom_magics.wire.dialects.think import ThinkTags
from tests.wire.asking import replayed

# what comes, the answer, the reasoning
ROWS = [
    ("<think>Hmm.</think>Yes.", "Yes.", "Hmm."),
    ("<think>\nHmm.\n</think>\n\nYes.\n", "Yes.\n", "Hmm.\n"),
    (" \n<think>Hmm.</think>Yes.", "Yes.", "Hmm."),
    ("<thinking>Hmm.</thinking>Yes.", "Yes.", "Hmm."),
    ("<thought>Hmm.</thought>Yes.", "Yes.", "Hmm."),
    ("<think></think>Yes.", "Yes.", ""),
    ("<think>Hmm.", "", "Hmm."),
    ("<think>Hmm.</thi", "", "Hmm.</thi"),
    ("Hmm.</think>Yes.", "Yes.", "Hmm."),
    ("Hmm.\n</think>\n\nYes.", "Yes.", "Hmm.\n"),
    ("</think>Yes.", "Yes.", ""),
    ("Yes.", "Yes.", ""),
    ("", "", ""),
    ("1 < 2", "1 < 2", ""),
    ("<b>Yes</b>", "<b>Yes</b>", ""),
    ("<thinker>Yes", "<thinker>Yes", ""),
    ("Yes <thi", "Yes <thi", ""),
    ("Put it between <think> and </think>.", "Put it between <think> and </think>.", ""),
    ("It ends with `</think>`, always.", "It ends with `</think>`, always.", ""),
    ("<think>a</think>b<think>c</think>", "b<think>c</think>", "a"),
]


def sorted_out(*pieces: str) -> tuple[str, str]:
    tags, out = ThinkTags(), list[Event]()
    for piece in pieces:
        tags.feed(piece, out)
    tags.flush(out)
    return replayed(tuple(out))


@pytest.mark.parametrize(("text", "answer", "reasoning"), ROWS)
def test_text_is_sorted_the_same_wherever_it_is_cut(text: str, answer: str, reasoning: str) -> None:
    assert sorted_out(text) == (answer, reasoning)
    assert sorted_out(*text) == (answer, reasoning)
    for first, second in combinations(range(len(text) + 1), 2):
        pieces = text[:first], text[first:second], text[second:]
        assert sorted_out(*pieces) == (answer, reasoning), pieces


def test_what_is_certain_is_passed_on_at_once() -> None:
    tags, out = ThinkTags(), list[Event]()
    tags.feed("The answer", out)
    assert replayed(tuple(out)) == ("The answer", "")
    tags.feed(" is <", out)
    assert replayed(tuple(out)) == ("The answer is ", ""), "this may be the beginning of a tag"
    tags.feed("5", out)
    assert replayed(tuple(out)) == ("The answer is <5", "")


def test_a_server_with_a_field_for_reasoning_may_write_tags_in_its_text() -> None:
    tags, out = ThinkTags(), list[Event]()
    tags.leave(out)
    tags.feed("<think>is a tag</think>", out)
    assert replayed(tuple(out)) == ("<think>is a tag</think>", "")


PIECES = [
    "<think>",
    "</think>",
    "<thought>",
    "</thought>",
    "<thinking>",
    "</",
    "<",
    "think",
    ">",
    "`",
    "“",
    " ",
    "\n",
    "\r\n",
    "a",
]


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), st.lists(st.integers(0, 60), max_size=6))
def test_any_text_is_sorted_the_same_wherever_it_is_cut(text: str, cuts: list[int]) -> None:
    places = sorted({0, *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in zip(places, [*places[1:], len(text)], strict=True)]
    assert sorted_out(*pieces) == sorted_out(*text) == sorted_out(text)


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_nothing_but_tags_and_blanks_beside_them_is_lost(text: str) -> None:
    answer, reasoning = sorted_out(text)
    # What no tag has in it: taking tags out of a text may leave pieces beside each other that make another one.
    kept = [letter for letter in reasoning + answer if letter in "a`“"]
    assert kept == [letter for letter in text if letter in "a`“"]

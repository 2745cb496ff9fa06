"""Reasoning between tags in the text: told from the answer wherever the pieces are cut."""

from __future__ import annotations

from itertools import combinations

import pytest

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

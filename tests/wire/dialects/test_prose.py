"""What a model writes, put together from pieces."""

from __future__ import annotations

import pytest

from byom_magics.events import Event
from byom_magics.wire.dialects.prose import Prose, clean, oddities
from tests.wire.asking import replayed


def told(*pieces: tuple[str, str]) -> tuple[str, str, int]:
    prose, out = Prose(), list[Event]()
    for kind, text in pieces:
        (prose.answer if kind == "answer" else prose.reasoning)(text, out)
    prose.flush(out)
    text, reasoning = replayed(tuple(out))
    return text, reasoning, prose.lone_surrogates


def test_reasoning_stands_in_a_field_of_its_own_or_between_tags() -> None:
    assert told(("reasoning", "Hm."), ("answer", "Hi.")) == ("Hi.", "Hm.", 0)
    assert told(("answer", "<think>H"), ("answer", "m.</think>\nHi.")) == ("Hi.", "Hm.", 0)


def test_tags_mean_nothing_once_reasoning_came_in_a_field_of_its_own() -> None:
    assert told(("reasoning", "Hm."), ("answer", "<think>is a tag")) == ("<think>is a tag", "Hm.", 0)


@pytest.mark.parametrize("kind", ["answer", "reasoning"])
def test_a_pair_that_was_cut_in_two_is_joined(kind: str) -> None:
    text, reasoning, lone = told((kind, "a\ud83d"), (kind, "\ude00b"))
    assert (text + reasoning, lone) == ("a😀b", 0)


@pytest.mark.parametrize(
    ("pieces", "text", "lone"),
    [
        (["\ude00"], "\ufffd", 1),
        (["x\ud83d"], "x\ufffd", 1),
        (["\ud83d", "x"], "\ufffdx", 1),
        (["\ud83d\ud83d", "\ude00"], "\ufffd😀", 1),
        (["\ufffd"], "\ufffd", 0),
    ],
)
def test_halves_that_stay_alone_are_replaced_and_counted(pieces: list[str], text: str, lone: int) -> None:
    assert told(*(("answer", piece) for piece in pieces)) == (text, "", lone)


def test_a_text_is_cleaned_of_what_cannot_be_written() -> None:
    assert clean("plain") == "plain"
    assert clean("é\ud83d\ude00\ud83d") == "é😀\ufffd"


def test_oddities_are_told_only_where_there_are_some() -> None:
    assert oddities(0, 0) == ()
    assert [words.split()[0] for words in oddities(2, 1)] == ["2", "1"]

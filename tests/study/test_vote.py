from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.study.vote import Vote, prompt_hash
from tests.study.ballots import NOON, PROMPT


def made(**changes: Any) -> Vote:
    values: dict[str, Any] = {"prompt": PROMPT, "shown": ("a", "b"), "outcome": "win", "winner": "a", "when": NOON}
    return Vote(**(values | changes))


def test_a_prompt_is_known_by_the_sha_256_of_its_text() -> None:
    assert prompt_hash("abc") == hashlib.sha256(b"abc").hexdigest() == prompt_hash(b"abc")
    assert prompt_hash("\ud800") != prompt_hash("")


def test_each_vote_has_an_id_of_its_own_and_a_moment_with_a_time_zone() -> None:
    one, other = Vote(PROMPT, ("a", "b"), "tie"), Vote(PROMPT, ("a", "b"), "tie")
    assert one.id != other.id
    assert one.when.tzinfo == timezone.utc


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"winner": "c"}, "winner is one of the labels shown"),
        ({"winner": None}, "winner is one of the labels shown"),
        ({"winner": 1}, "winner is one of the labels shown"),
        ({"outcome": "tie"}, "winner is None where the outcome is tie"),
        ({"outcome": "best"}, "outcome is one of win, tie, bad"),
        ({"outcome": ["win"]}, "outcome is one of win, tie, bad"),
        ({"shown": ("a",)}, "shown is 2 to 8 labels"),
        ({"shown": tuple("abcdefghi")}, "shown is 2 to 8 labels"),
        ({"shown": ("a", "a")}, "at least two different labels"),
        ({"shown": ("a", "")}, "none empty"),
        ({"shown": "ab"}, "shown is a sequence of texts"),
        ({"shown": ("a", 1)}, "shown is a sequence of texts"),
        ({"when": datetime(2026, 3, 31)}, "with a time zone"),  # noqa: DTZ001 - that is the point
        ({"when": "today"}, "with a time zone"),
        ({"prompt": "Why?"}, "prompt is the SHA-256 of what was asked"),
        ({"prompt": PROMPT + "\n"}, "prompt is the SHA-256 of what was asked"),
        ({"prompt": None}, "prompt is the SHA-256 of what was asked"),
        ({"voter": None}, "voter is a text"),
        ({"id": "1"}, "id is 32 hexadecimal digits"),
    ],
)
def test_what_makes_no_vote_is_refused_and_the_field_named(changes: dict[str, Any], hint: str) -> None:
    with pytest.raises(OptionError, match="This is no vote") as caught:
        made(**changes)
    assert hint in str(caught.value)


def test_labels_and_names_are_kept_as_visible_lines() -> None:
    vote = made(shown=("a\x1b[2J", "b\nc"), winner="a\x1b[2J", voter="Ada\nL")
    assert vote.shown == ("a\\x1b[2J", "b c")
    assert (vote.winner, vote.voter) == ("a\\x1b[2J", "Ada L")


def test_the_place_of_the_winner_is_known_unless_its_label_stood_twice() -> None:
    assert made(shown=("b", "a")).place == 1
    assert made(shown=("a", "b", "a")).place is None
    assert made(outcome="bad", winner=None).place is None

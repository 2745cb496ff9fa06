from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.fields import Fields, RequestError, kind

FIELDS = Fields({"yes": True, "n": 3, "x": 0.5, "inner": {"word": "hello"}, "empty": "", "null": None}, "top.")


def refusal(param: str, take: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        take(param)
    assert caught.value.param == f"top.{param}"
    return caught.value


def test_a_field_is_taken_as_what_it_has_to_be() -> None:
    assert FIELDS.flag("yes") is True
    assert FIELDS.integer("n", lowest=1) == 3
    assert FIELDS.number("x", 0, 1) == 0.5
    assert FIELDS.object("inner").text("word") == "hello"


def test_a_field_that_is_not_given_has_its_usual_value() -> None:
    assert FIELDS.flag("nothing", otherwise=True) is True
    assert FIELDS.flag("null") is False
    assert FIELDS.integer("nothing") is None
    assert FIELDS.number("null", 0, 1) is None


def test_a_refusal_names_the_whole_way_to_the_field() -> None:
    assert "'top.n' must be true or false, not a number." in refusal("n", FIELDS.flag).message
    assert "must be a text, not an empty one" in refusal("empty", FIELDS.text).message
    assert "must be an object, not true or false" in refusal("yes", FIELDS.object).message
    with pytest.raises(RequestError, match=r"'top\.inner\.other'"):
        FIELDS.object("inner").text("other")


def test_a_field_that_has_to_be_there_is_missed_in_the_words_of_openai() -> None:
    missed = refusal("other", FIELDS.text)
    assert missed.message == "Missing required parameter: 'top.other'."
    assert (missed.status, missed.code) == (400, "missing_required_parameter")


@pytest.mark.parametrize(
    ("value", "words"),
    [(True, "true or false"), (1, "a number"), ("", "a text"), ([], "a list"), ({}, "an object"), (None, "null")],
)
def test_a_value_is_told_in_words(value: object, words: str) -> None:
    assert kind(value) == words

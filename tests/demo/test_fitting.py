from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.checking import fits
from byom_magics.demo.fitting import in_limits, texts_that_fit
from byom_magics.demo.schema import Schema


def first(texts: list[str], question: str = "", **node: Any) -> str | None:
    return next(texts_that_fit(texts, node, question), None)


def test_a_text_is_cut_at_the_end_of_a_word() -> None:
    assert first(["one two three four"], maxLength=12) == "one two…"
    assert first(["Supercalifragilistic"], maxLength=6) == "Super…"
    assert first(["abc"], maxLength=1) == "a"
    assert first(["abc"], maxLength=0) == ""


def test_a_text_that_is_too_short_goes_on_with_the_next() -> None:
    assert first(["one", "two", "three"], minLength=6) == "one two"
    assert first(["one", "one two"], minLength=6, format="date") == "one two"
    text = first(["one"], minLength=20)
    assert text is not None
    assert len(text) == 20


def test_a_pattern_is_met_by_a_text_a_word_of_the_question_or_one_that_is_made() -> None:
    assert first(["abc", "AB-12"], pattern=r"^[A-Z]+-\d+$") == "AB-12"
    assert first(["abc"], "Ticket XY-7, please", pattern=r"^[A-Z]+-\d+$") == "XY-7"
    assert first(["abc"], "nothing", pattern=r"^[A-Z]{2}-\d$") == "AB-1"
    assert first(["abc"], pattern="(") is None


@pytest.mark.parametrize(
    ("node", "whole"),
    [
        ({"minimum": 5}, True),
        ({"exclusiveMinimum": 5, "exclusiveMaximum": 7}, True),
        ({"minimum": -9, "maximum": -3, "multipleOf": 4}, True),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 0.5}, False),
        ({"minimum": 2.5, "maximum": 2.5}, False),
        ({"maximum": -1e9}, True),
    ],
)
def test_a_number_within_the_limits_is_found(node: dict[str, Any], whole: bool) -> None:
    schema = {**node, "type": "integer" if whole else "number"}
    assert any(fits(number, schema, Schema(schema)) for number in in_limits(node, whole=whole))

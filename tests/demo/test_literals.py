from __future__ import annotations

import pytest

from byom_magics.demo.literals import json_or_text, jsons, number_in


def test_json_is_found_among_words() -> None:
    assert list(jsons('Sort [3, 1] by {"key": "size"} and {so on}')) == [[3, 1], {"key": "size"}]
    assert list(jsons("[" * 100_000)) == []


def test_a_text_that_is_no_json_is_itself() -> None:
    assert json_or_text('{"a": 1}') == {"a": 1}
    assert json_or_text("3 degrees") == "3 degrees"
    assert json_or_text("[" * 100_000) == "[" * 100_000


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5), ("It is 2.5 today.", 2.5), ("1 or 2", None), ("none", None), ("3%", 3)]
)
def test_a_number_is_in_a_text_that_says_one_number(text: str, number: float | None) -> None:
    assert number_in(text) == number

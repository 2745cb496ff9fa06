from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.show.json_lines import JsonLines

WORDS = 'Here:\n{"title": "The \\"with\\" statement", "of": {"year": 2005, "by": null}, "tags": ["a", "b"], "no": []}\nDone.'


def lines(text: str, size: int = 10**9) -> str:
    outline = JsonLines()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return "".join([*map(outline.feed, pieces), outline.feed("", ended=True)])


def outline(value: Any) -> list[str]:
    return lines(json.dumps(value)).split("\n")


def test_keys_and_values_are_lines_and_words_around_them_stay() -> None:
    assert lines(WORDS) == (
        'Here:\ntitle: The "with" statement\nof:\n  year: 2005\n  by: null\ntags:\n  - a\n  - b\nno: []\nDone.'
    )


def test_objects_in_lists_begin_behind_a_dash() -> None:
    assert outline([{"a": 1, "b": [2]}, {"a": 3}]) == ["- a: 1", "  b:", "    - 2", "- a: 3"]
    assert outline({"rows": [{"a": 1, "b": 2}]}) == ["rows:", "  - a: 1", "    b: 2"]
    assert outline([[1, 2], [], {}]) == ["- - 1", "  - 2", "- []", "- {}"]
    assert outline({}) == ["{}"]
    assert outline({"a": {"b": {}}}) == ["a:", "  b: {}"]


@pytest.mark.parametrize(
    "text", [WORDS, json.dumps([{"a": 1, "b": [2]}, [[], {}], "x\ny"]), "no JSON {at all", '{"a": ["b']
)
def test_wherever_the_text_is_cut_the_lines_are_the_same(text: str) -> None:
    whole = lines(text)
    for at in range(len(text)):
        outline = JsonLines()
        assert outline.feed(text[:at]) + outline.feed(text[at:]) + outline.feed("", ended=True) == whole
    assert lines(text, 1) == whole


def test_what_has_come_is_there_to_be_read() -> None:
    outline = JsonLines()
    assert outline.feed('{"title": "The wi') == "title: The wi"
    assert outline.feed('th", "n": 1') == "th\nn: 1"


def test_a_value_cannot_pass_for_another_one_nor_steer_the_terminal() -> None:
    assert outline({"a": "x\nb: y"}) == ["a: x", "  b: y"]
    assert "\x1b" not in lines(json.dumps({"a": "\x1b[2J", "\x1b]0;b": 1}))


def test_what_breaks_off_or_is_no_json_is_shown_as_far_as_it_came() -> None:
    assert lines('{"a": [1, 2') == "a:\n  - 1\n  - 2"
    assert lines("Sorry, I cannot.") == "Sorry, I cannot."


def test_the_deep_and_the_long_stay_in_proportion() -> None:
    deep = "[" * 100_000 + "1" + "]" * 100_000
    assert len(lines(deep)) < 5 * len(deep)
    nested = json.dumps([{"a": [{"b": [1] * 5}] * 5}] * 50)
    assert len(lines(nested)) < 5 * len(nested)

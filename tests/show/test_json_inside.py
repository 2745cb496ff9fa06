from __future__ import annotations

import json
import re
from typing import Any

import pytest

from byom_magics.events import Reply
from byom_magics.show.answer import reply_bundle
from byom_magics.show.incoming import Incoming
from byom_magics.show.json_answer import json_answer_html
from byom_magics.show.json_inside import inner_text
from byom_magics.show.json_lines import JsonLines

VALUES = [
    [{"name": "Bob", "n": 3}, {"name": "Al", "n": 4}],
    {"a": {"n": 1}, "b": {"n": 2}},
    3,
    "a text",
    None,
    [],
    {},
    [1, 2, 3],
    [[1], [2, {"x": 1}]],
]


def words(html: str) -> str:
    return re.sub(r"[|\s]+", " ", re.sub(r"<[^>]+>", "|", html)).strip()


def lines(text: str, size: int = 1000) -> str:
    written = JsonLines(inside=True)
    fed = [written.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join([*fed, written.feed("", ended=True)])


@pytest.mark.parametrize("value", VALUES)
def test_the_value_is_shown_without_the_object_around_it(value: Any) -> None:
    text = json.dumps({"answer": value})
    html = json_answer_html(text, inside=True)
    assert "answer" not in html
    assert words(html.partition("<details")[0]) == words(
        json_answer_html(json.dumps(value)).partition("<details")[0]
    ).strip('"')
    assert inner_text(text) == json.dumps(value)


@pytest.mark.parametrize("value", VALUES)
def test_while_it_arrives_the_object_is_never_seen(value: Any) -> None:
    text = json.dumps({"answer": value})
    coming = Incoming("value")
    for letter in text:
        coming.feed(letter)
        assert "ans" not in coming.html()
    for size in (1, 3):
        assert lines(text, size) == lines(text)
    assert "answer" not in lines(text)


def test_a_long_table_goes_on_in_its_next_piece() -> None:
    text = json.dumps({"answer": [{"name": f"{'x' * 30} {row}", "n": row} for row in range(400)]})
    coming, parts = Incoming("value"), []
    for at in range(0, len(text), 40):
        coming.feed(text[at : at + 40])
        parts += coming.settle(2000)
    parts += coming.close()
    assert len(parts) > 5
    assert all("<table" in part.html and "answer" not in part.html for part in parts)
    assert sum(part.html.count("<tr") for part in parts) == 401


@pytest.mark.parametrize(
    ("text", "shown", "lined"),
    [
        ('{"answer":1,"b":2}', "answer : 1 b : 2", "1\nb: 2"),
        ('{"answ":1}', "answ : 1", "answ: 1"),
        ("{}", "empty object", "{}"),
        ("[1,2]", "1, 2", "- 1\n- 2"),
        ('words {"answer": [1]} more', "words 1 more", "words \n- 1\n more"),
        ('{"answer": 3', "3", "3"),
        ('```json\n{"answer": [7]}\n```', "7", "- 7\n"),
    ],
)
def test_what_is_another_object_stays_as_it_is(text: str, shown: str, lined: str) -> None:
    assert words(json_answer_html(text, inside=True).partition("<details")[0]) == shown
    assert lines(text) == lines(text, 1) == lined


@pytest.mark.parametrize(
    "text",
    [
        '{"answer":1,"b":2}',
        "[1]",
        "no json",
        '{"answer": 3',
        '{"answer": ' + "[" * 100_000,
        '{"answer": [1,' + " " * 1_000_000,  # a model that writes nothing but blanks, up to its limit
    ],
)
def test_what_is_no_such_object_is_no_other_text(text: str) -> None:
    assert inner_text(text) == text


def test_the_final_form_is_the_value_as_html_and_as_text() -> None:
    bundle = reply_bundle(Reply('{"answer": [{"a": 1}]}', form="value"), "value")
    assert "<table" in bundle.html
    assert bundle.plain.startswith('[{"a": 1}]')

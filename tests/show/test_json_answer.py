from __future__ import annotations

import json

import pytest

from byom_magics.show.json_answer import json_answer_html, pretty
from tests.show.safe import read, text_of


def test_the_answer_is_a_tree_and_its_text_one_click_away() -> None:
    html = json_answer_html('{"a":{"b":[1,2]}}')
    tree, _, fold = html.partition("<details")
    assert text_of(tree).strip() == "a:b: 1, 2"
    assert '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}' in text_of("<details" + fold)


def test_a_list_of_flat_objects_is_a_table() -> None:
    assert "table" in read(json_answer_html('[{"a": 1, "b": "x"}, {"a": 2}]')).tags


def test_words_around_it_stay() -> None:
    text = text_of(json_answer_html('Sure:\n```json\n{"a": 1}\n```\nDone.'))
    assert text.startswith("Sure:a: 1")
    assert "Done." in text.partition("JSON")[0]


def test_what_broke_off_is_a_tree_as_far_as_it_came() -> None:
    assert text_of(json_answer_html('{"a": 1, "b": ["x", "ye').partition("<details")[0]).strip() == "a: 1b: x, ye,"


@pytest.mark.parametrize("text", ["I cannot do that.", '{"a": 1 and on}', "{'a': 1}", "42", '"just <b>text</b>"'])
def test_what_is_no_object_and_no_list_is_shown_as_it_is(text: str) -> None:
    html = json_answer_html(text)
    assert text_of(html).strip() == text
    assert "details" not in read(html).tags


@pytest.mark.parametrize(
    "text",
    [
        "[" * 600_000,
        "[" * 250_000 + "]" * 250_000,
        '{"a":' * 100_000,
        "[" + "1," * 60_000 + "1]",
        "[" + '{"a":1},' * 20_000 + "{}]",
        ("[" * 29 + "]" * 29 + ",").join(["["] + [""] * 2_000) + "0]",
        json.dumps({"a": "<&>" * 150_000}),
        '{"a":1}\n' * 20_000,
        '{"a": "' + "word " * 120_000,
        '{"a": "' + "\\x" * 200_000,
        "[" + '"' * 500_001,
    ],
    ids=lambda text: text[:12],
)
def test_sec_10_any_text_gives_html_of_bounded_size(text: str) -> None:
    html = json_answer_html(text)
    assert len(html) < 8 * len(text) + 20_000
    read(html)


def test_indenting_changes_white_space_and_nothing_else() -> None:
    text = '{"a b": [1.50, 1e5, "x, {y}: \\u00e9\\""], "a b": [], "c": {}}'
    assert pretty(text) == (
        '{\n  "a b": [\n    1.50,\n    1e5,\n    "x, {y}: \\u00e9\\""\n  ],\n  "a b": [],\n  "c": {}\n}'
    )


def test_what_would_be_mostly_white_space_is_not_indented() -> None:
    assert pretty("[" * 50 + "]" * 50) == "[" * 50 + "]" * 50

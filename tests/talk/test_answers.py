from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.talk.answers import json_text, json_values, retry_message, why_not


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ("\ufeff\n[1, 2]\n", "[1, 2]"),
        ("42", "42"),
        ('"yes"', '"yes"'),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ('Sure:\n\n```\n{"a": 1}\n```\nThat is all [1].', '{"a": 1}'),
        ('~~~~JSON5\n{"a": "```"}\n~~~~', '{"a": "```"}'),
        ('```json\n{"a": 1}', '{"a": 1}'),
        ('```python\nx = [1]\n```\n```json\n{"a": 1}\n```', '{"a": 1}'),
        ('```python\nx = y\n```\nso it is {"a": 1}.', '{"a": 1}'),
        ('The answer is {"a": {"b": "}"}} as you see.', '{"a": {"b": "}"}}'),
        (r'It is {"a": "\"}"}.', r'{"a": "\"}"}'),
        ("Primes: [2, 3, 5]", "[2, 3, 5]"),
        ('{placeholder} is {"a": 1}', '{"a": 1}'),
        ('In LaTeX \\frac{a}{b}; in JSON [{"a": []}]', '[{"a": []}]'),
    ],
)  # fmt: skip
def test_the_json_is_found_in_fences_and_among_words(text: str, found: str) -> None:
    assert json_text(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot answer that.",
        '{"a": [{"b": 1}, {"b"',
        'Here: {"a": [{"b": 1}], ',
        '```json\n{"a": [{"b": 1}],\n',
        "{'a': [1]}",
        "{a: [1]}",
        "['a', [1]]",
        '{"a": NaN, "b": [1]}',
        '{"a": 1, "a": 2, "b": [1]}',
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)
def test_what_is_whole_inside_a_broken_value_is_never_taken_for_the_answer(text: str) -> None:
    assert json_text(text) is None


def test_several_values_among_words_are_given_in_order() -> None:
    assert list(json_values('As [1] and [2, 3] say: {"a": 1}')) == [[1], [2, 3], {"a": 1}]


def test_a_fence_that_says_that_it_is_json_comes_first() -> None:
    assert list(json_values("```\n[1]\n```\n```json\n[2]\n```")) == [[2], [1]]


def test_only_so_many_values_are_looked_at() -> None:
    assert len(list(json_values("see " + "[1] " * 100_000))) == 64


@given(st.text('[]{}"\\a1:, \n`', max_size=60))
def test_whatever_is_found_is_json(text: str) -> None:
    found = json_text(text)
    assert found is None or found in text
    assert (found is None) == (list(json_values(text)) == [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I cannot answer that.", "it is no JSON; it begins with 'I cannot answer that.'"),
        ('Here: {"a": [1', "it is no whole JSON: it breaks off at line 1, column 9"),
        ('Here:\n```json\n{"a": 1,}\n```', "it is no JSON"),
        ("", "it is empty"),
    ],
)
def test_why_there_is_none_is_told_of_what_comes_nearest(text: str, problem: str) -> None:
    assert why_not(text).startswith(problem)


def test_a_model_is_told_what_was_wrong_and_what_to_do() -> None:
    told = retry_message(ValueError("at a: 'x' is not of type 'integer'\nat b: 1 is not of type 'string'"))
    assert told == (
        "Your answer does not fit the JSON Schema that it has to be valid against:\n"
        "- at a: 'x' is not of type 'integer'\n"
        "- at b: 1 is not of type 'string'\n"
        "Answer again with the whole JSON value and nothing else: no words before or after it, no code fence."
    )


def test_what_a_model_is_told_is_bounded() -> None:
    told = retry_message(ValueError("x\x1b" * 1_000_000))
    assert len(told) <= 2_000
    assert told.endswith("no code fence.")
    assert "\x1b" not in told

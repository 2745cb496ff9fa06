from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.talk.json_values import JsonProblem, path_of, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=5),
)  # fmt: skip


def refused(text: str) -> str:
    with pytest.raises(JsonProblem) as caught:
        read_json(text)
    assert len(str(caught.value)) < 300
    return str(caught.value)


@given(VALUES)
def test_any_json_value_is_read(value: object) -> None:
    assert read_json(json.dumps(value)) == value


def test_white_space_and_a_byte_order_mark_around_it_do_not_matter() -> None:
    assert read_json('\ufeff \n{"a": [1, 2.5, null]}\n') == {"a": [1, 2.5, None]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("Sure! Here you are", "it is no JSON; it begins with 'Sure! Here you are'"),
        ('{"a": 1', "it is no whole JSON: it breaks off at line 1, column 8"),
        ('{"a": 1,\n "b" 2}', "it is no JSON: Expecting ':' delimiter at line 2, column 6"),
        ("[1, 2] and more", "it is no JSON: Extra data at line 1, column 8"),
        ("[NaN]", "NaN is no JSON"),
        ("[-Infinity]", "-Infinity is no JSON"),
        ("[1e999]", "the number 1e999 is too large"),
        ('[{"a": 1, "b": 2, "a": 3}]', "the name 'a' stands twice in one object"),
        (r'"\ud83d"', "it has half of a character in it (a lone surrogate)"),
        ('"\ud83d"', "it has half of a character in it (a lone surrogate)"),
        (r'{"\udc00": 1}', "it has half of a character in it (a lone surrogate)"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, problem: str) -> None:
    assert refused(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 100_000, "it is nested deeper than 100 levels"),
        ("[" * 100_000 + "]" * 100_000, "it is nested deeper than 100 levels"),
        ('{"a":' * 100_000, "it is nested deeper than 100 levels"),
        ('[{"a":' * 51, "it is nested deeper than 100 levels"),
        ("9" * 100_000, "it has a number of 100,000 digits"),
        ("[0." + "9" * 100_000 + "]", "it has a number of 100,002 digits"),
        ('"' + "a" * 50_000_000 + '"', "it is longer than 2,000,000 characters"),
        ('{"' + "a" * 20_000 + '": 1}', "it has a name of more than 10,000 characters"),
    ],
)
def test_what_is_beyond_a_bound_is_refused(text: str, problem: str) -> None:
    assert refused(text) == problem


def test_brackets_in_texts_are_no_nesting() -> None:
    text = json.dumps(["[" * 1_000, '\\"[{' * 500, "]" * 1_000])
    assert read_json(text) == json.loads(text)


def test_nesting_within_the_bound_is_read() -> None:
    assert json.dumps(read_json("[" * 100 + "]" * 100)) == "[" * 100 + "]" * 100


def test_what_steers_a_terminal_is_shown_in_a_problem() -> None:
    assert refused("\x1b[2Jhello") == r"it is no JSON; it begins with '\x1b[2Jhello'"


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ([], ""),
        (["countries", 2, "population"], "countries[2].population"),
        ([0, 1], "[0][1]"),
        (["größe", "a b", "c"], 'größe["a b"].c'),
        (["1"], '["1"]'),
        (["\x1b"], r'["\\x1b"]'),
    ],
)
def test_a_path_reads_as_in_code(steps: list[str | int], path: str) -> None:
    assert path_of(steps) == path


def test_a_path_is_bounded() -> None:
    assert len(path_of(["a" * 50] * 100)) < 250
    assert len(path_of(["x y" * 100_000])) < 100

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.talk.plain_data import brief, is_plain, plain_data


@pytest.mark.parametrize("value", [[1, "a"], (1,), {"a": {"b": [None]}}, {1}, frozenset({2}), b"bytes", [], {}, ()])
def test_what_fits_is_written_as_python_writes_it(value: Any) -> None:
    assert is_plain(value)
    made = plain_data(value, 1_000)
    assert (made.text, made.cut, made.note) == (repr(value), False, "")


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    made = plain_data(list(range(100_000)), 100)
    assert made.cut
    assert made.text.startswith("[0, 1, 2, 3")
    assert "of 100,000 elements" in made.note
    assert len(made.text) < 300


def test_a_list_that_holds_itself_ends() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert len(plain_data(loop, 500).text) < 1_000


def test_what_is_nested_deeply_ends() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert len(plain_data(deep, 500).text) < 1_000


def test_other_values_are_no_plain_data() -> None:
    assert not is_plain("text")
    assert not is_plain(iter([1]))
    assert not is_plain(object())


def test_any_value_has_a_brief_form() -> None:
    assert brief([1, 2], 100) == "[1, 2]"
    assert len(brief("x" * 10_000, 50)) < 60

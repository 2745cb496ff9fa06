from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.talk.plain_data import brief, is_plain, plain_data

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
DATA = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.integers())
        | st.frozensets(st.text())
    ),
    max_leaves=30,
)


@given(DATA)
def test_what_fits_is_written_as_python_writes_it(value: Any) -> None:
    assert brief(value, 10_000_000) == repr(value)


@given(DATA, st.integers(0, 40))
def test_what_does_not_fit_is_its_beginning(value: Any, limit: int) -> None:
    text = brief(value, limit)
    assert text == repr(value) or (text.endswith("…") and len(text) == limit + 1 and repr(value).startswith(text[:-1]))


class Own(set[int]):
    pass


def test_a_subclass_is_written_as_python_writes_it() -> None:
    assert brief(Own(), 99) == repr(Own())
    assert brief(Own([1]), 99) == repr(Own([1]))


def test_a_container_in_itself_ends() -> None:
    own: list[Any] = [1]
    own.append({"own": own})
    assert brief(own, 1_000) == repr(own) == "[1, {'own': [...]}]"


def test_a_container_that_is_there_twice_is_written_twice() -> None:
    twice = [1]
    assert brief([twice, twice], 99) == "[[1], [1]]"


def test_lists_nested_very_deep_are_cut_and_counted() -> None:
    deep: list[Any] = []
    for _ in range(30_000):
        deep = [deep]
    rendered = plain_data(deep, 50)
    assert rendered.text == "[" * 50 + "… (59,952 more characters were left out)"


def test_a_long_list_says_how_many_elements_are_shown() -> None:
    rendered = plain_data(list(range(10_000)), 30)
    assert rendered.text.startswith("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9,… (")
    assert rendered.text.endswith("10 of 10,000 elements are shown)")
    assert rendered.note == "10 of 10,000 elements"
    assert rendered.cut


def test_a_list_without_end_is_not_gone_through() -> None:
    seen = 0

    class Endless:
        def __repr__(self) -> str:
            nonlocal seen
            seen += 1
            return "x" * 1_000

    rendered = plain_data([Endless()] * 1_000_000, 50)
    assert "more than" in rendered.text
    assert seen < 2_000


def test_a_text_in_a_list_is_cut_before_it_is_written() -> None:
    rendered = plain_data(["x" * 10_000_000], 20)
    assert rendered.text == "['xxxxxxxxxxxxxxxxxx… (9,999,984 more characters were left out)"
    assert rendered.note == "9,999,984 characters left out"


class Point(NamedTuple):
    x: int


@pytest.mark.parametrize("value", ["text", 1, None, Counter("a"), OrderedDict(a=1), Point(1), range(3)])
def test_what_writes_itself_in_its_own_way_is_no_plain_data(value: Any) -> None:
    assert not is_plain(value)


@pytest.mark.parametrize("value", [[], (), {}, set(), frozenset(), b"", bytearray()])
def test_containers_and_bytes_are_plain_data(value: Any) -> None:
    assert is_plain(value)
    assert plain_data(value, 99).text == repr(value)
    assert not plain_data(value, 99).cut


def test_an_element_that_cannot_be_shown_is_an_error() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        plain_data([Broken()], 99)

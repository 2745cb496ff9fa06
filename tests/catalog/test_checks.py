from __future__ import annotations

import math
from typing import Any

import pytest

from byom_magics.catalog import checks
from byom_magics.errors import OptionError, RegistrationError


@pytest.mark.parametrize("value", ["a", "a/b:c@d.e", "м", "x" * 200])
def test_a_word_is_what_can_be_typed_after_a_magic(value: str) -> None:
    assert checks.word(value)


@pytest.mark.parametrize("value", ["", "a b", "-a", "%a", "a\x1b", "a'b", "{a}", "x" * 201, None, 5])
def test_anything_else_is_no_word(value: Any) -> None:
    assert not checks.word(value)


@pytest.mark.parametrize(
    ("value", "kept"), [(None, ()), ("a", ("a",)), (["a", " b "], ("a", "b")), (("a",), ("a",)), ([], ())]
)
def test_texts_are_one_or_several(value: Any, kept: tuple[str, ...]) -> None:
    assert checks.texts("tags", value) == kept


@pytest.mark.parametrize("value", [5, [""], [" "], ["a", 5], {"a": 1}, b"ab", [None]])
def test_what_is_no_list_of_texts_is_refused(value: Any) -> None:
    with pytest.raises(RegistrationError, match="tags"):
        checks.texts("tags", value)


def test_texts_that_need_not_be_lines_may_be_blanks_and_line_ends() -> None:
    assert checks.texts("stop", ["\n", " "], lines=False) == ("\n", " ")
    with pytest.raises(RegistrationError):
        checks.texts("stop", [""], lines=False)


@pytest.mark.parametrize("value", [True, -1, math.nan, math.inf, "1", 1.5])
def test_a_number_out_of_range_is_refused(value: Any) -> None:
    with pytest.raises(RegistrationError, match="from 0 to 1"):
        checks.number("top_p", value, most=1)


def test_numbers_in_range_are_kept() -> None:
    assert [checks.number("top_p", value, most=1) for value in (None, 0, 1, 0.5)] == [None, 0, 1, 0.5]
    assert [checks.whole("seed", value) for value in (None, -3, 0)] == [None, -3, 0]


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_a_whole_number_is_an_int(value: Any) -> None:
    with pytest.raises(RegistrationError, match="whole number"):
        checks.whole("seed", value)


def test_a_mapping_is_copied_and_anything_else_refused_by_the_error_that_is_asked_for() -> None:
    given = {"a": 1}
    assert checks.mapping("x", given) == given
    assert checks.mapping("x", given) is not given
    assert checks.mapping("x", None) == {}
    with pytest.raises(OptionError, match="mapping of names to values as x"):
        checks.mapping("x", [1], OptionError)


def test_an_unknown_name_is_told_with_the_nearest_or_all() -> None:
    assert checks.nearest("names", "colour", ["color", "size"]) == "did you mean color?"
    assert checks.nearest("names", "zzz", ["color", "size"]) == "the names are color, size"
    assert checks.nearest("names", "zzz", []) == "there are no names yet"


def test_what_is_repeated_is_short_and_visible() -> None:
    assert checks.shown("\x1b" + "a" * 1000) == "\\x1b" + "a" * 56

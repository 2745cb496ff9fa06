"""Assertions that say what was expected."""

from __future__ import annotations

import pytest

from byom_magics.testing.checks import fail, require, same


def test_what_holds_is_passed_over() -> None:
    require(["something"], "never said")
    same({"a": 1}, {"a": 1}, "never said")


def test_what_does_not_hold_is_said_with_both_values() -> None:
    with pytest.raises(AssertionError, match=r"^the number\n  found:    1\n  expected: 2$"):
        same(1, 2, "the number")
    with pytest.raises(AssertionError, match=r"^nothing there$"):
        require("", "nothing there")
    with pytest.raises(AssertionError, match=r"^no way$"):
        fail("no way")


def test_long_values_are_cut() -> None:
    with pytest.raises(AssertionError) as caught:
        same("x" * 100_000, "y", "the text")
    assert len(str(caught.value)) < 3000

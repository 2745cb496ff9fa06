from __future__ import annotations

import pytest

from byom_magics.errors import OptionError
from byom_magics.widgets.amounts import amount, count


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("", None),
        ("  ", None),
        ("0", 0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("0.", 0),
        ("128k", 128_000),
        ("1.5 M", 1_500_000),
        ("1,000,000", 1_000_000),
        ("1 000", 1_000),
        ("32_000", 32_000),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, value: float | None) -> None:
    assert amount("price", typed) == value


@pytest.mark.parametrize("typed", ["x", "-1", "1,5", "0x10", "nan", "inf", "1e3", ".", "k", "1" * 30, "1;2"])
def test_what_is_no_number_is_refused_with_what_can_be_typed(typed: str) -> None:
    with pytest.raises(OptionError) as caught:
        amount("price", typed)
    assert "price" in caught.value.what
    assert "0.5" in str(caught.value.hint)


def test_a_number_above_the_most_is_refused() -> None:
    assert amount("temperature", "2", most=2) == 2
    with pytest.raises(OptionError, match=r"cannot be 2\.1"):
        amount("temperature", "2.1", most=2)


@pytest.mark.parametrize("typed", ["0", "1.5", "0.5k5", "-3"])
def test_counts_are_whole_and_not_nothing(typed: str) -> None:
    with pytest.raises(OptionError):
        count("context", typed)


def test_counts_may_be_written_shortly() -> None:
    assert count("context", "1.5k") == 1_500
    assert count("context", "") is None

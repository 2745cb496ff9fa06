from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from byom_magics.talk.frames import array, frame, is_array, is_frame


def test_a_table_is_markdown_with_its_shape_and_types() -> None:
    made = frame(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), 10_000)
    assert made.text.startswith("DataFrame: 2 rows × 2 columns")
    assert "| a (int64) |" in made.text
    assert "| 1 | x |" in made.text
    assert (made.cut, made.note, made.block) == (False, "", True)


def test_a_long_and_wide_table_says_what_is_left_out_and_shows_both_ends() -> None:
    made = frame(pd.DataFrame({f"c{number}": range(2_000) for number in range(80)}), 100_000)
    assert made.note == "40 of 2,000 rows, 30 of 80 columns"
    assert "| 0 |" in made.text
    assert "| 1999 |" in made.text
    assert "c79" not in made.text


def test_a_table_keeps_to_its_limit() -> None:
    wide = pd.DataFrame({f"c{number}": ["x" * 1_000] * 100 for number in range(50)})
    assert len(frame(wide, 3_000).text) < 3_500


def test_ten_million_rows_are_not_looked_at() -> None:
    made = frame(pd.DataFrame({"a": np.zeros(10_000_000, dtype="int8")}), 10_000)
    assert "40 of 10,000,000 rows" in made.note


@pytest.mark.parametrize("index", [["one", "two"], pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])])
def test_an_index_that_says_something_is_shown(index: Any) -> None:
    text = frame(pd.DataFrame({"x": [1, 2]}, index=index), 10_000).text
    assert "one" in text or "('a', 1)" in text


def test_cells_cannot_break_the_table() -> None:
    class Broken:
        def __str__(self) -> str:
            raise ValueError

    text = frame(pd.DataFrame({"a|b": ["x|y\nz", Broken()], "n": [1, 2]}), 10_000).text
    assert r"x\|y z" in text
    assert "ValueError" in text
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert len(rows) == 4


@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame([[1, 2]], columns=["a", "a"])])
def test_odd_tables_are_tables(table: Any) -> None:
    assert frame(table, 1_000).text.startswith("DataFrame:")


def test_a_column_is_a_table_of_one() -> None:
    made = frame(pd.Series([1, 2], name="price"), 1_000)
    assert made.text.startswith("Series: 2 rows × 1 columns")
    assert "price (int64)" in made.text


def test_an_array_tells_its_shape_its_type_and_what_its_numbers_are_like() -> None:
    made = array(np.arange(5_000).reshape(50, 100), 20_000)
    assert "shape (50, 100)" in made.text
    assert "from 0 to 4999" in made.text
    assert made.note == "1,000 of 5,000 values"


@pytest.mark.parametrize("value", [np.array(3), np.array([]), np.array(["a", None], dtype=object), np.array([1 + 2j])])
def test_odd_arrays_are_arrays(value: Any) -> None:
    assert is_array(value)
    assert "array of shape" in array(value, 1_000).text


def test_only_tables_and_arrays_are_such() -> None:
    assert is_frame(pd.DataFrame())
    assert not is_frame([1])
    assert not is_array([1])

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from byom_magics.talk.table import Table, markdown

NUMBERED = object()


def table(rows: int, columns: int, cell: Any = NUMBERED, index: tuple[str, ...] = ()) -> Table:
    def read(first: int, last: int, places: Sequence[int]) -> list[Any]:
        numbers = [*range(first), *range(rows - last, rows)]
        return [
            (*(f"k{row}" for _ in index), *(f"{row}.{place}" if cell is NUMBERED else cell for place in places))
            for row in numbers
        ]

    return Table("DataFrame", rows, [f"c{at}" for at in range(columns)], ["int64"] * columns, read, index)


def test_a_small_table_is_whole_with_its_size_and_its_columns_types() -> None:
    rendered = markdown(table(2, 2), 20_000)
    assert rendered.text == (
        "DataFrame: 2 rows × 2 columns\n\n| c0 (int64) | c1 (int64) |\n| --- | --- |\n| 0.0 | 0.1 |\n| 1.0 | 1.1 |"
    )
    assert (rendered.note, rendered.cut, rendered.block) == ("", False, True)


def test_a_long_and_wide_table_shows_both_ends_and_says_what_is_left_out() -> None:
    rendered = markdown(table(2_000, 80), 20_000)
    lines = rendered.text.split("\n")
    assert lines[0] == "DataFrame: 2,000 rows × 80 columns; 40 of 2,000 rows and 12 of 80 columns are shown"
    assert rendered.note == "40 of 2,000 rows, 12 of 80 columns"
    assert rendered.cut
    assert lines[2].startswith("Columns that are not shown: c8 (int64), c9 (int64), ")
    assert lines[2].endswith(", c75 (int64)")
    grid = lines[4:]
    assert grid[0].replace(" (int64)", "") == "| c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7 | … | c76 | c77 | c78 | c79 |"
    assert len(grid) == 2 + 40 + 1
    assert grid[22] == "|" + " … |" * 13
    assert grid[21].startswith("| 19.0 |")
    assert grid[-1].endswith("| 1999.79 |")
    assert len({line.count("|") for line in grid}) == 1


def test_a_table_of_a_hundred_rows_is_whole_if_it_fits() -> None:
    assert not markdown(table(100, 3), 20_000).cut
    assert markdown(table(101, 3), 20_000).note == "40 of 101 rows"


def test_the_index_stands_before_the_columns() -> None:
    rendered = markdown(table(1, 30, index=("name", "day")), 20_000)
    assert "| name | day | c0 (int64) |" in rendered.text
    assert "| k0 | k0 | 0.0 |" in rendered.text
    assert len({line.count("|") for line in rendered.text.split("\n")[4:]}) == 1


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("a|b", "a\\|b"), ("a\n\r\nb", "a b"), ("a\u2028b", "a b"), (0.1 + 0.2, "0.3"), (3.0, "3.0"), (float("nan"), "nan"),
     (1e300, "1e+300"), (-2.0, "-2.0"), (None, "None"), ({"a": 1}, "{'a': 1}"), (" x ", "x"), (10**30, str(10**30))],
)  # fmt: skip
def test_a_cell_stays_in_its_place(cell: Any, shown: str) -> None:
    assert markdown(table(1, 1, cell), 20_000).text.endswith(f"\n| {shown} |")


def test_a_long_cell_is_cut_and_that_is_said() -> None:
    rendered = markdown(table(1, 1, "x" * 10_000_000), 20_000)
    assert rendered.text.endswith(f"| {'x' * 200}… |")
    assert rendered.note == "long cells cut"


def test_a_cell_of_pipes_cannot_make_a_column() -> None:
    assert markdown(table(1, 1, "|" * 500), 20_000).text.endswith("| " + "\\|" * 200 + "… |")


def test_an_object_that_cannot_be_shown_does_not_lose_the_table() -> None:
    class Broken:
        def __str__(self) -> str:
            raise OSError

    assert markdown(table(1, 1, Broken()), 20_000).text.endswith("| <OSError while it was shown> |")


@pytest.mark.parametrize("limit", [300, 2_000, 20_000])
@pytest.mark.parametrize("cell", [NUMBERED, "x" * 1_000, "|" * 1_000])
def test_no_table_is_longer_than_was_said(limit: int, cell: Any) -> None:
    text = markdown(table(5_000, 24, cell), limit).text
    grid = text[text.index("|") :]
    assert len(grid) <= limit + 60
    assert len(text) < limit + 3_000


def test_the_names_of_very_many_columns_are_bounded() -> None:
    text = markdown(table(10, 10_000), 20_000).text
    assert len(text) < 8_000
    assert " more\n\n|" in text


def test_a_table_without_columns_or_rows_is_told_too() -> None:
    assert markdown(table(0, 0), 99).text == "DataFrame: 0 rows × 0 columns\n\n"
    assert markdown(table(0, 1), 99).text.endswith("| c0 (int64) |\n| --- |")

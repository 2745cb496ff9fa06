from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from byom_magics.talk.frames import frame, table_of


def shown(value: Any, limit: int = 20_000) -> str:
    rendered = frame(value, limit)
    assert rendered is not None
    return rendered.text


def grid(value: Any) -> list[str]:
    """The lines of the table; types are looked at elsewhere."""
    text = shown(value)
    first, *others = text[text.index("|") :].split("\n")
    return [re.sub(r" \([\w\[\]]+\) \|", " |", first), *others]


PEOPLE = pd.DataFrame({"name": ["Ann", "B|o\nb"], "age": [31, 4], "part": [0.1 + 0.2, float("nan")]})


def test_a_frame_of_pandas_is_a_table_with_its_types() -> None:
    text = shown(PEOPLE)
    assert text.startswith("DataFrame: 2 rows × 3 columns\n\n| name (")
    assert "| age (int64) | part (float64) |" in text
    assert grid(PEOPLE) == [
        "| name | age | part |",
        "| --- | --- | --- |",
        "| Ann | 31 | 0.3 |",
        "| B\\|o b | 4 | nan |",
    ]


def test_an_index_is_shown_where_it_says_more_than_a_number() -> None:
    assert grid(PEOPLE.set_index("name"))[0] == "| name | age | part |"
    assert grid(PEOPLE[PEOPLE.age < 10]) == [
        "| index | name | age | part |",
        "| --- | --- | --- | --- |",
        "| 1 | B\\|o b | 4 | nan |",
    ]
    both = PEOPLE.set_index(["name", "age"])
    assert grid(both)[2] == "| Ann | 31 | 0.3 |"
    assert grid(both.rename_axis([None, "years"]))[0] == "| level 0 | years | part |"


def test_columns_of_several_levels_and_columns_of_one_name_are_kept_apart() -> None:
    grouped = PEOPLE.groupby("name").agg({"age": ["min", "max"]})
    assert grid(grouped)[0] == "| name | age / min | age / max |"
    twice = pd.DataFrame([[1, 2]], columns=["x", "x"])
    assert grid(twice) == ["| x | x |", "| --- | --- |", "| 1 | 2 |"]


def test_a_series_is_a_column_with_its_index() -> None:
    series = pd.Series([1.5, 2.0], index=["a", "b"], name="weight")
    assert shown(series).startswith("Series: 2 rows × 1 column\n\n| index | weight (float64) |")
    assert grid(series)[2:] == ["| a | 1.5 |", "| b | 2.0 |"]
    assert grid(pd.Series([True]))[0] == "| value |"


def test_values_of_every_type_of_pandas_have_a_cell() -> None:
    frame = pd.DataFrame(
        {
            "when": pd.to_datetime(["2026-01-02", None]),
            "kind": pd.Categorical(["a", "b"]),
            "maybe": pd.array([1, None], dtype="Int64"),
            "list": [[1, 2], {"a": 1}],
            "span": pd.to_timedelta([1, 2], unit="D"),
        }
    )
    assert grid(frame)[2:] == [
        "| 2026-01-02 00:00:00 | a | 1 | [1, 2] | 1 days 00:00:00 |",
        "| NaT | b | <NA> | {'a': 1} | 2 days 00:00:00 |",
    ]


def test_both_ends_of_a_long_frame_are_shown_and_its_middle_is_not_touched() -> None:
    class Touched:
        seen = 0

        def __str__(self) -> str:
            Touched.seen += 1
            return "x"

    frame = pd.DataFrame({"n": range(100_000), "o": pd.Series([Touched()] * 100_000, dtype=object)})
    Touched.seen = 0
    lines = grid(frame)
    assert [lines[2], lines[22], lines[-1]] == ["| 0 | x |", "| … | … |", "| 99999 | x |"]
    assert Touched.seen <= 40 * 7


def test_a_frame_of_ten_thousand_columns_is_bounded() -> None:
    text = shown(pd.DataFrame(np.zeros((50, 10_000))))
    assert "50 rows × 10,000 columns; 12 of 10,000 columns are shown" in text
    assert len(text) < 10_000


def test_a_subclass_and_a_styled_frame_are_tables_too() -> None:
    class Own(pd.DataFrame):  # type: ignore[misc]  # pandas has no types
        pass

    assert shown(Own({"a": [1]})).startswith("Own: 1 row × 1 column\n")
    # Styling itself needs jinja2, which pandas does not bring along.
    styler = type("Styler", (), {"__module__": "pandas.io.formats.style", "data": PEOPLE})
    assert grid(styler()) == grid(PEOPLE)


class PolarsFrame:
    """As polars has it: no index, rows as tuples."""

    __module__ = "polars.dataframe.frame"

    def __init__(self, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.columns, self._rows = names, rows
        self.dtypes = ["Int64"] * len(names)
        self.height = len(rows)

    def select(self, names: list[str]) -> PolarsFrame:
        places = [self.columns.index(name) for name in names]
        return PolarsFrame(names, [tuple(row[at] for at in places) for row in self._rows])

    def head(self, count: int) -> PolarsFrame:
        return PolarsFrame(self.columns, self._rows[:count])

    def tail(self, count: int) -> PolarsFrame:
        return PolarsFrame(self.columns, self._rows[-count:])

    def rows(self) -> list[tuple[Any, ...]]:
        return self._rows


class PolarsSeries:
    __module__ = "polars.series.series"

    def __init__(self, name: str, values: list[Any]) -> None:
        self.name, self._values, self.dtype = name, values, "Int64"

    def __len__(self) -> int:
        return len(self._values)

    def head(self, count: int) -> PolarsSeries:
        return PolarsSeries(self.name, self._values[:count])

    def tail(self, count: int) -> PolarsSeries:
        return PolarsSeries(self.name, self._values[-count:])

    def to_list(self) -> list[Any]:
        return self._values


PolarsFrame.__name__, PolarsSeries.__name__ = "DataFrame", "Series"


class Arrow:
    __module__ = "pyarrow.lib"

    class Column:
        def __init__(self, values: list[Any]) -> None:
            self._values = values

        def slice(self, at: int, count: int) -> Arrow.Column:
            return Arrow.Column(self._values[at : at + count])

        def to_pylist(self) -> list[Any]:
            return self._values

    class Schema:
        names = ("a", "b")
        types = ("int64", "string")

    schema = Schema()

    def __init__(self, rows: int) -> None:
        self.num_rows = rows

    def column(self, place: int) -> Arrow.Column:
        return Arrow.Column([f"{place}-{row}" for row in range(self.num_rows)])


Arrow.__name__ = "Table"


def test_frames_and_series_of_polars_are_tables() -> None:
    frame = PolarsFrame(["a", "b"], [(row, -row) for row in range(200)])
    assert shown(frame).startswith("DataFrame: 200 rows × 2 columns; 40 of 200 rows are shown\n\n| a (Int64) |")
    assert [grid(frame)[2], grid(frame)[-1]] == ["| 0 | 0 |", "| 199 | -199 |"]
    assert grid(PolarsFrame(["a"], [(1,)])) == ["| a |", "| --- |", "| 1 |"]
    series = PolarsSeries("n", list(range(200)))
    assert [grid(series)[0], grid(series)[2], grid(series)[-1]] == ["| n |", "| 0 |", "| 199 |"]
    assert grid(PolarsSeries("", [1]))[0] == "| value |"


def test_tables_of_pyarrow_are_tables() -> None:
    assert grid(Arrow(2)) == ["| a | b |", "| --- | --- |", "| 0-0 | 1-0 |", "| 0-1 | 1-1 |"]
    assert grid(Arrow(500))[-1] == "| 0-499 | 1-499 |"


@pytest.mark.parametrize("value", [1, [], {}, "DataFrame", np.zeros(3), pd.Index([1]), type("DataFrame", (), {})()])
def test_anything_else_is_no_table(value: Any) -> None:
    assert table_of(value) is None
    assert frame(value, 99) is None

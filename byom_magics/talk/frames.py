"""DataFrames, Series and tables of pandas, polars and pyarrow, read without their packages being imported here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from byom_magics.talk.lineage import kind_of, lineage
from byom_magics.talk.table import Table, markdown

if TYPE_CHECKING:
    from byom_magics.talk.expansion import Rendered

__all__ = ["frame", "table_of"]


def frame(value: Any, limit: int) -> Rendered | None:  # noqa: ANN401 - any value
    """
    A table, or a column of one, with its shape and its types; None if the value is none.

    Args:
        value: Anything; see `table_of`. Only what is shown of it is touched.
        limit: How many characters may be sent.
    """
    table = table_of(value)
    return None if table is None else markdown(table, limit)


def table_of(value: Any) -> Table | None:  # noqa: ANN401 - any value
    """
    The value as a table whose rows are read when they are shown; None if it is none.

    Args:
        value: Anything; tables are DataFrames and Series of pandas and polars, a Styler, and tables of pyarrow.
    """
    types = lineage(value)
    if "pandas.DataFrame" in types:
        return _pandas_frame(value)
    if "pandas.Series" in types:
        return _pandas_frame(value.to_frame(_series_name(value)), kind_of(value))
    if "pandas.Styler" in types:
        return _pandas_frame(value.data)
    if "polars.DataFrame" in types:
        return _polars_frame(value)
    if "polars.Series" in types:
        return _polars_series(value)
    if "pyarrow.Table" in types or "pyarrow.RecordBatch" in types:
        return _arrow_table(value)
    return None


def _pandas_frame(frame: Any, kind: str | None = None) -> Table:  # noqa: ANN401 - a DataFrame
    names = [_joined(name) for name in frame.columns]
    index = () if _only_counts(frame.index) else tuple(_index_names(frame.index))
    return Table(
        kind or kind_of(frame),
        len(frame),
        names,
        [str(each) for each in frame.dtypes],
        partial(_pandas_rows, frame, bool(index)),
        index,
    )


def _pandas_rows(frame: Any, with_index: bool, first: int, last: int, places: Sequence[int]) -> list[Any]:  # noqa: ANN401, FBT001 - a DataFrame
    # Rows first: they are a view, while some of the columns of a long frame would be a copy.
    rows: list[Any] = []
    for piece in (frame.iloc[:first], frame.iloc[len(frame) - last :]):
        shown = piece.iloc[:, list(places)]
        columns = [shown.iloc[:, at].tolist() for at in range(len(places))]
        index = [key if isinstance(key, tuple) else (key,) for key in piece.index.tolist()] if with_index else []
        rows += [(*(index[at] if with_index else ()), *(column[at] for column in columns)) for at in range(len(piece))]
    return rows


def _only_counts(index: Any) -> bool:  # noqa: ANN401 - an Index
    return "pandas.RangeIndex" in lineage(index) and index.start == 0 and index.step == 1 and index.name is None


def _index_names(index: Any) -> list[str]:  # noqa: ANN401 - an Index
    names = list(index.names)
    if len(names) == 1:
        return ["index" if names[0] is None else _joined(names[0])]
    return [f"level {at}" if name is None else _joined(name) for at, name in enumerate(names)]


def _joined(name: object) -> str:
    return " / ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


def _series_name(series: Any) -> object:  # noqa: ANN401 - a Series
    return "value" if series.name is None else series.name


def _polars_frame(frame: Any) -> Table:  # noqa: ANN401 - a DataFrame
    names = list(frame.columns)

    def read(first: int, last: int, places: Sequence[int]) -> list[Any]:
        shown = frame.select([names[place] for place in places])
        return [*shown.head(first).rows(), *(shown.tail(last).rows() if last else ())]

    return Table("DataFrame", frame.height, names, [str(each) for each in frame.dtypes], read)


def _polars_series(series: Any) -> Table:  # noqa: ANN401 - a Series
    def read(first: int, last: int, _: Sequence[int]) -> list[Any]:
        values = [*series.head(first).to_list(), *(series.tail(last).to_list() if last else ())]
        return [(value,) for value in values]

    return Table("Series", len(series), [series.name or "value"], [str(series.dtype)], read)


def _arrow_table(table: Any) -> Table:  # noqa: ANN401 - a Table or a RecordBatch
    count = table.num_rows

    def read(first: int, last: int, places: Sequence[int]) -> list[Any]:
        columns = [table.column(place) for place in places]
        head = [column.slice(0, first).to_pylist() for column in columns]
        tail = [column.slice(count - last, last).to_pylist() for column in columns]
        return [*zip(*head, strict=True), *zip(*tail, strict=True)]

    return Table(kind_of(table), count, list(table.schema.names), [str(each) for each in table.schema.types], read)

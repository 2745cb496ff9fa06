"""Tables and arrays as a model can read them: Markdown with shape and types, bounded whatever their size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from byom_magics.messages import Text
from byom_magics.plain import bounded
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.lineage import lineage

__all__ = ["array", "frame", "is_array", "is_frame"]

_ROWS = 40
_COLUMNS = 30
_CELL = 120
_VALUES = 1_000

_FRAMES = frozenset({"pandas.DataFrame", "pandas.Series", "polars.DataFrame", "polars.Series"})
_ARRAYS = frozenset({"numpy.ndarray"})


def is_frame(value: object) -> bool:
    """Whether this is a table or a column of pandas or polars."""
    return bool(lineage(value) & _FRAMES)


def is_array(value: object) -> bool:
    """Whether this is an array of numpy."""
    return bool(lineage(value) & _ARRAYS)


def frame(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - a table of whichever library
    """
    A table, or a column of one, with its shape and its types.

    Args:
        value: One that `is_frame`. Only what is shown of it is touched.
        limit: How many characters may be sent.
    """
    kind = type(value).__name__
    library = "pandas" if any(each.startswith("pandas.") for each in lineage(value)) else "polars"
    if kind == "Series" or not hasattr(value, "columns"):
        value = value.to_frame()
    rows, columns = (int(size) for size in value.shape)
    shown_columns = min(columns, _COLUMNS)
    shown_rows = min(rows, _ROWS)
    text = _table(value, library, rows, shown_rows, shown_columns)
    while len(text) > limit and (shown_rows > 2 or shown_columns > 1):
        shown_rows, shown_columns = max(2, shown_rows // 2), max(1, shown_columns * 3 // 4)
        text = _table(value, library, rows, shown_rows, shown_columns)
    left = []
    if shown_rows < rows:
        left.append(f"{shown_rows:,} of {rows:,} rows")
    if shown_columns < columns:
        left.append(f"{shown_columns:,} of {columns:,} columns")
    note = ", ".join(left)
    head = f"{kind}: {rows:,} rows × {columns:,} columns" + (f"; {note} are shown" if note else "")
    return Rendered(kind, (Text(f"{head}\n\n{bounded(text, limit)}"),), note=note, cut=bool(note), block=True)


def array(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - an array
    """
    An array: shape, type, what its numbers are like, and its values, or the first of them.

    Args:
        value: One that `is_array`.
        limit: How many characters may be sent.
    """
    facts = [f"array of shape {tuple(value.shape)}, {value.dtype}"]
    if value.size and value.dtype.kind in "iufb":
        facts.append(f"from {value.min()} to {value.max()}, mean {value.mean():.6g}")
    whole = value.size <= _VALUES
    values = value if whole else value.reshape(-1)[:_VALUES]
    listed = bounded(str(values.tolist()), limit)
    note = "" if whole else f"{_VALUES:,} of {value.size:,} values"
    shown = listed if whole else f"{listed} ({note} are shown)"
    return Rendered("array", (Text("; ".join(facts) + f"\n{shown}"),), note=note, cut=not whole, block=True)


def _table(value: Any, library: str, rows: int, shown: int, columns: int) -> str:  # noqa: ANN401 - a table
    head = rows if shown >= rows else -(-shown * 2 // 3)
    tail = 0 if shown >= rows else shown - head
    if library == "pandas":
        part = value.iloc[:, :columns]
        names = [str(name) for name in part.columns]
        kinds = [str(kind) for kind in part.dtypes]
        labelled = _has_labels(value)
        pieces = [part.iloc[:head], part.iloc[rows - tail :]]
        lines = [_pandas_rows(piece, labelled=labelled) for piece in pieces]
        names = ["", *names] if labelled else names
        kinds = ["", *kinds] if labelled else kinds
    else:
        part = value[:, :columns]
        names, kinds = [str(name) for name in part.columns], [str(kind) for kind in part.dtypes]
        lines = [part[:head].rows(), part[rows - tail :].rows() if tail else []]
    titles = [f"{name} ({kind})" if kind else name for name, kind in zip(names, kinds, strict=True)]
    made = [_row(titles), _row(["---"] * len(titles)), *map(_row, lines[0])]
    if tail:
        made += [_row(["…"] * len(titles)), *map(_row, lines[1])]
    return "\n".join(made)


def _has_labels(value: Any) -> bool:  # noqa: ANN401 - a table of pandas
    """Whether the index says more than the number of a row."""
    return type(value.index).__name__ != "RangeIndex"


def _pandas_rows(part: Any, *, labelled: bool) -> list[Sequence[object]]:  # noqa: ANN401 - a table of pandas
    return [tuple(row) for row in part.itertuples(index=labelled, name=None)]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(value: object) -> str:
    try:
        text = str(value)
    except Exception as problem:  # noqa: BLE001 - a value may raise anything
        text = f"({type(problem).__name__})"
    return bounded(" ".join(text[: 2 * _CELL].split()), _CELL).replace("|", r"\|")

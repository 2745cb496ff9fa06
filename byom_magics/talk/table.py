"""Tables as Markdown: as much of one as fits, with words on the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_end
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.plain_data import brief, is_plain

__all__ = ["Table", "markdown"]

_WHOLE_ROWS = 100
_WHOLE_COLUMNS = 24
_FIRST_COLUMNS, _LAST_COLUMNS = 8, 4
_HEADING = 60
_NAMES = 2_000  # characters on the names and types of columns that are not shown

# Rows and the width of their cells, in characters: the first pair whose table fits is taken.
_SIZES = ((40, 200), (40, 80), (20, 80), (20, 40), (10, 40), (4, 30))

# What would end a cell or its row. A backslash before a pipe of a code span is Markdown's own way too.
_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Table:
    """
    A table that is read in pieces.

    Attributes:
        kind: What it is, such as ``DataFrame``.
        rows: How many there are.
        columns: The names of all.
        types: Their types.
        read: Gives the first and the last so many rows, with the index if there is one before the cells of the
            columns at these places.
        index: The names of the index's levels; empty where it only counts.
    """

    kind: str
    rows: int
    columns: Sequence[str]
    types: Sequence[str]
    read: Callable[[int, int, Sequence[int]], Sequence[Sequence[object]]]
    index: tuple[str, ...] = ()


def markdown(table: Table, limit: int) -> Rendered:
    """
    The table as Markdown, with its size before it and its columns' types in it.

    Args:
        table: Any table.
        limit: How many characters may be sent.
    """
    places = _places(len(table.columns))
    sizes = [(table.rows, _SIZES[0][1]), *_SIZES] if table.rows <= _WHOLE_ROWS else list(_SIZES)
    shown, text, shortened = 0, "", False
    for rows, width in sizes:
        shown = min(rows, table.rows)
        text, shortened = _grid(table, shown, places, width)
        if len(text) <= limit:
            break
    left = []
    if shown < table.rows:
        left.append(f"{shown:,} of {table.rows:,} rows")
    if len(places) < len(table.columns):
        left.append(f"{len(places):,} of {len(table.columns):,} columns")
    note = ", ".join(left)
    if shortened:
        note = f"{note}, long cells cut" if note else "long cells cut"
    text, missing = cut_end(text, limit)
    if missing:
        note = f"{note}, {missing:,} characters left out" if note else f"{missing:,} characters left out"
    return Rendered(table.kind, (Text(f"{_head(table, left, places)}{text}"),), note=note, cut=bool(note), block=True)


def _head(table: Table, left: Sequence[str], places: Sequence[int]) -> str:
    rows = "1 row" if table.rows == 1 else f"{table.rows:,} rows"
    columns = "1 column" if len(table.columns) == 1 else f"{len(table.columns):,} columns"
    said = f"; {' and '.join(left)} are shown" if left else ""
    head = f"{table.kind}: {rows} × {columns}{said}\n\n"
    if len(places) == len(table.columns):
        return head
    names: list[str] = []
    length = 0
    for at in range(_FIRST_COLUMNS, len(table.columns) - _LAST_COLUMNS):
        names.append(f"{_cell(table.columns[at], _HEADING)} ({_cell(table.types[at], _HEADING)})")
        length += len(names[-1])
        if length > _NAMES:
            break
    more = len(table.columns) - len(places) - len(names)
    return f"{head}Columns that are not shown: {', '.join(names)}{f' and {more:,} more' if more else ''}\n\n"


def _places(count: int) -> list[int]:
    if count <= _WHOLE_COLUMNS:
        return list(range(count))
    return [*range(_FIRST_COLUMNS), *range(count - _LAST_COLUMNS, count)]


def _grid(table: Table, rows: int, places: Sequence[int], width: int) -> tuple[str, bool]:
    last = 0 if rows == table.rows else rows // 2
    first = rows - last
    body = [[_cell(each, width) for each in row] for row in table.read(first, last, places)]
    titles = (f"{_cell(table.columns[place], _HEADING)} ({_cell(table.types[place], _HEADING)})" for place in places)
    heading = [*(_cell(name, _HEADING) for name in table.index), *titles]
    if not heading:
        return "", False
    lines = [heading, ["---"] * len(heading), *body]
    if len(places) < len(table.columns):
        gap = len(table.index) + _FIRST_COLUMNS
        lines = [[*line[:gap], "---" if at == 1 else "…", *line[gap:]] for at, line in enumerate(lines)]
    if last:
        lines.insert(2 + first, ["…"] * len(lines[0]))
    shortened = any(cell.endswith("…") and len(cell) > width for line in body for cell in line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines), shortened


def _cell(value: Any, width: int) -> str:  # noqa: ANN401 - whatever stands in a table
    text = _words(value, width)
    if len(text) > width:
        text = f"{text[:width]}…"
    return _BREAKS.sub(" ", text).replace("|", "\\|").strip()


def _words(value: Any, width: int) -> str:  # noqa: ANN401 - whatever stands in a table
    if type(value) is float:
        short = format(value, ".10g")
        return short if not short.lstrip("-").isdigit() else f"{short}.0"
    try:
        if is_plain(value):
            return brief(value, width)
        # A cell may hold a book: what follows would go through all of it.
        return value[: width + 1] if isinstance(value, str) else str(value)[: width + 1]
    except Exception as problem:  # noqa: BLE001 - one object that cannot be shown is no reason to lose the table
        return f"<{type(problem).__name__} while it was shown>"

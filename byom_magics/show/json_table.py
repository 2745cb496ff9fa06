"""A list of flat objects as a table: which columns it has, and its rows as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape as escape_html
from typing import TYPE_CHECKING

from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.show.json_nodes import Node
    from byom_magics.show.json_place import Columns

__all__ = ["columns_of", "fits", "table_html"]

_MOST_COLUMNS = 20
_LONGEST_NAME = 60
# A cell with more than this is read better as a line of its own.
_LONGEST_CELL = 300
_WIDEST = 40
_LOOKED_AT = 50
_SHOWN = 1_000


def columns_of(node: Node) -> Columns:
    """Give the columns of a list that is to be a table; none if it is shown better in another way."""
    if node.columns is not None:
        return node.columns
    names: dict[str, None] = {}
    for row in node.children:
        if not fits(row):
            return ()
        for cell in row.children:
            names.setdefault(cell.key or "")
            if len(names) > _MOST_COLUMNS or len(cell.key or "") > _LONGEST_NAME or _length(cell) > _LONGEST_CELL:
                return ()
    return tuple(_column(name, node.children[:_LOOKED_AT]) for name in names)


def fits(row: Node) -> bool:
    """Whether a value can be a row: an object of texts, numbers and lists of them."""
    return row.kind == "object" and all(
        not cell.is_container or (cell.kind == "list" and all(not each.is_container for each in cell.children))
        for cell in row.children
    )


def table_html(columns: Columns, rows: Sequence[Node], *, is_first: bool, whole: bool, indent: float) -> str:
    """
    Give rows as a table.

    Args:
        columns: Its columns. What a row has beyond them stands behind its last cell.
        rows: The rows.
        is_first: Whether it begins here, and so has a head.
        whole: Whether all of it is here; else its columns have fixed widths, as in the pieces before and after.
        indent: How far it stands to the right, in em.
    """
    total = sum(width for _, width, _ in columns) + 2 * len(columns)
    width = "" if whole else f"table-layout:fixed;width:min(100%,{total}ch);"
    head = ";overflow-wrap:normal" if whole else ""  # a column is as wide as its name, and does not break it
    widths = [""] * len(columns) if whole else [f";width:{100 * (width + 2) / total:.0f}%" for _, width, _ in columns]
    html = [f'<table style="{width}text-indent:0;margin:0 0 0 {indent:g}em">']
    if is_first:
        heads = (
            f'<th style="text-align:{_side(number)}{width}{head}">{_text(name)}</th>'
            for (name, _, number), width in zip(columns, widths, strict=True)
        )
        html.append(f"<thead><tr>{''.join(heads)}</tr></thead>")
        widths = [""] * len(columns)
    html.append("<tbody>")
    for row in rows:
        html.append(f"<tr>{''.join(_cells(row, columns, widths))}</tr>")
        widths = [""] * len(columns)
    html.append("</tbody></table>")
    return "".join(html)


def _cells(row: Node, columns: Columns, widths: Sequence[str]) -> Iterator[str]:
    by_name = {cell.key or "": cell for cell in row.children}
    for (name, _, number), width in zip(columns, widths, strict=True):
        cell = by_name.pop(name, None)
        text = _text(_words(cell)) if cell is not None else ""
        if cell is not None and cell.is_literal:
            text = f"<em>{text}</em>"
        # A line of the text is a line of the cell; JupyterLab would fold them.
        lines = ";white-space:pre-wrap" if "\n" in text else ""
        yield f'<td style="text-align:{_side(number)}{width}{lines}">{text}</td>'
    if by_name:
        more = "; ".join(f"{name}: {_words(cell)}" for name, cell in by_name.items())
        yield f'<td style="text-align:left">{_text(more)}</td>'


def _side(is_number: bool) -> str:  # noqa: FBT001 (a field of a column)
    return "right" if is_number else "left"


def _column(name: str, rows: Sequence[Node]) -> tuple[str, int, bool]:
    cells = [cell for row in rows for cell in row.children if cell.key == name]
    width = max(map(_length, cells), default=0)
    numbers = [cell.kind == "scalar" and cell.text.lstrip("-")[:1].isdigit() for cell in cells if not cell.is_literal]
    return name, max(len(name) + 1, min(width, _WIDEST), 4), bool(numbers) and all(numbers)


def _length(cell: Node) -> int:
    return len(_words(cell))


def _words(cell: Node) -> str:
    return ", ".join(each.text for each in cell.children) if cell.is_container else cell.text


def _text(text: str) -> str:
    more = len(text) - _SHOWN
    shown = escape_html(visible(text[:_SHOWN]), quote=False)
    return f"{shown}<small>… {more:,} more characters</small>" if more > 0 else shown

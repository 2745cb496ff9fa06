"""A table of texts, for lists such as the registry's: safe HTML, and aligned plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from byom_magics.plain import one_line
from byom_magics.show.sheet import document, escape, note_html

__all__ = ["Table", "text_width"]

_WIDEST = 60
_MOST_ROWS = 1_000


@dataclass(frozen=True)
class Table:
    """
    Rows of texts under named columns.

    Attributes:
        columns: The names of the columns.
        rows: The texts, as many in each row as there are columns. They may come from anywhere: both forms show
            what hides in them, and neither takes them for markup.
        note: A line below, such as how to go on.
        numeric: The places of the columns that hold numbers, from 0: these end at the same place.
    """

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    numeric: tuple[int, ...] = ()

    @property
    def html(self) -> str:
        """The table as safe HTML."""
        side = [f'style="text-align:{"right" if at in self.numeric else "left"}"' for at in range(len(self.columns))]
        head = "".join(f"<th {style}>{escape(name)}</th>" for style, name in zip(side, self.columns, strict=True))
        body = "".join(
            "<tr>"
            + "".join(map("<td {}>{}</td>".format, side, (escape(one_line(cell, 300)) for cell in row)))
            + "</tr>\n"
            for row in self.rows[:_MOST_ROWS]
        )
        table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>"
        return document(
            f'<div role="group" aria-label="table" tabindex="0" style="overflow-x:auto">{table}</div>\n',
            *(note_html(one_line(note, 1_000)) for note in (self._left_out, self.note) if note),
        )

    @property
    def plain(self) -> str:
        """The table as aligned text."""
        cells = [self.columns, *self.rows[:_MOST_ROWS]]
        lines = [[one_line(cell, _WIDEST) for cell in row] for row in cells]
        widths = [max(map(text_width, column)) for column in zip(*lines, strict=True)]
        lines.insert(1, ["─" * width for width in widths])
        right = [at in self.numeric for at in range(len(widths))]
        text = "\n".join("  ".join(map(_padded, line, widths, right)).rstrip() for line in lines)
        return "\n".join(part for part in (text, self._left_out, one_line(self.note, 1_000)) if part)

    @property
    def _left_out(self) -> str:
        more = len(self.rows) - _MOST_ROWS
        return f"… and {more:,} more" if more > 0 else ""


def text_width(text: str) -> int:
    """Columns on a terminal: letters of East Asian scripts take two, marks that combine none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _padded(text: str, width: int, right: bool) -> str:  # noqa: FBT001 - mapped over columns
    blanks = " " * (width - text_width(text))
    return blanks + text if right else text + blanks

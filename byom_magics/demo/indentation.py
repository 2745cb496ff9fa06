"""Repairs of lines that are indented too little, too much, or with tabs among blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from byom_magics.demo.syntax import first_read

if TYPE_CHECKING:
    from byom_magics.demo.cell import Cell
    from byom_magics.demo.failure import Failure, Repair

__all__ = ["wrong_indentation"]

_STEP = 4
_FARTHEST = 200  # blanks: what is indented farther, and moved with many lines, would be of any length
_LEADING = re.compile(r"[ \t]*")


def wrong_indentation(failure: Failure, cell: Cell) -> Repair | None:
    """``IndentationError`` and ``TabError``: the first other indentation with which the cell is Python."""
    return first_read(cell, _tries(failure, cell))


def _tries(failure: Failure, cell: Cell) -> Iterator[tuple[str, str]]:
    said = failure.message
    line = failure.lines[0] if failure.lines else 0
    if any("\t" in _leading(each) for each in cell.lines):
        for size in (_STEP, 8):
            lines = (_leading(each).expandtabs(size) + each[len(_leading(each)) :] for each in cell.lines)
            yield "Tabs and blanks are mixed here; now there are blanks only.", "\n".join(lines)
    if not 1 < line <= len(cell.lines):
        return
    width = _width(cell.lines[line - 1])
    before = [_width(each) for each in cell.lines[: line - 1] if each.strip()]
    if not before or max(width, *before) > _FARTHEST:
        return
    if "expected an indented block" in said:
        why = f"What follows a colon is indented, and line {line} was not. If more lines belong to it, indent them too."
        yield why, _shifted(cell, line, before[-1] + _STEP - width, width + 1)
    elif "unexpected indent" in said:
        why = f"Line {line} is indented further than the line before it, which opens no block."
        yield why, _shifted(cell, line, before[-1] - width, width)
    elif "unindent" in said:
        why = f"Line {line} is indented like none of the lines that it might go on from."
        for other in sorted(set(before), key=lambda each: (abs(each - width), each))[:5]:
            yield why, _shifted(cell, line, other - width, width)


def _shifted(cell: Cell, line: int, by: int, least: int) -> str:
    """The text with a line moved, and with it what follows and is indented at least that far."""
    lines = list(cell.lines)
    for at in range(line - 1, len(lines)):
        if not lines[at].strip():
            continue
        width = _width(lines[at])
        if at >= line and width < least:
            break
        lines[at] = " " * (width + by) + lines[at].lstrip(" \t")
    return "\n".join(lines)


def _width(line: str) -> int:
    return len(_leading(line).expandtabs(_STEP))


def _leading(line: str) -> str:
    match = _LEADING.match(line)
    return match[0] if match else ""

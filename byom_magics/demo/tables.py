"""A table drawn with ``+--+`` lines, as a Markdown table."""

from __future__ import annotations

import re
from itertools import pairwise

from byom_magics.demo.inline import inline, joined

__all__ = ["table"]


def table(drawn: list[str]) -> str:
    """
    The table as Markdown.

    Args:
        drawn: Its lines. A border of ``=`` ends the heading; without one the heading is left empty.

    Returns:
        A pipe table, or the drawing in a code fence where cells span several columns.
    """
    edges = [match.start() for match in re.finditer(r"\+", drawn[0])]
    rows: list[list[list[str]]] = [[]]
    head = 0
    for line in drawn[1:]:
        if re.fullmatch(r"[+|][-=+|]+[+|]", line):
            head = len(rows) if "=" in line else head
            rows.append([])
        elif all(line[edge : edge + 1] == "|" for edge in edges):
            rows[-1].append([line[left + 1 : right] for left, right in pairwise(edges)])
        else:
            return "\n".join(["```text", *drawn, "```"])
    cells = [[_cell(list(column)) for column in zip(*row, strict=True)] for row in rows if row]
    headings = cells[:head] or [[""] * (len(edges) - 1)]
    lines = [_row(row) for row in headings]
    return "\n".join([*lines, "| " + " | ".join(["---"] * (len(edges) - 1)) + " |", *map(_row, cells[head:])])


def _cell(lines: list[str]) -> str:
    return inline(joined([line for line in lines if line.strip()])).replace("|", r"\|")


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"

"""The tables of options of all magics, by how the magics are written."""

from __future__ import annotations

from byom_magics.magics import completion

__all__ = ["TABLES"]

TABLES = {table.magic: table for table in completion.TABLES.values()}
# Written over a cell to compare, and on a line for the last comparison.
TABLES["%byom_compare"] = TABLES["%%byom_compare"]

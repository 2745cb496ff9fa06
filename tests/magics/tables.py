"""The tables of options of all magics, by how the magics are written."""

from __future__ import annotations

from byom_magics.magics import completion

__all__ = ["TABLES"]

TABLES = {table.magic: table for table in completion.TABLES.values()}

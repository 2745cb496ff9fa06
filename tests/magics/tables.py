"""The tables of options of all magics, by the magics' names."""

from __future__ import annotations

from byom_magics.magics import discover, doctor, keys, options

__all__ = ["TABLES"]

TABLES = {
    table.magic: table
    for table in (
        options.ASK,
        options.DEFAULT,
        options.FORGET,
        options.MODELS,
        options.REGISTER,
        discover.DISCOVER,
        doctor.DOCTOR,
        keys.KEY,
    )
}

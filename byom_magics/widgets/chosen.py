"""The parameters that were chosen in a picker, for cells that name no model. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from byom_magics.plain import one_line

__all__ = ["beside", "words"]

_LONGEST = 60


def beside(given: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give what of the chosen options a cell gets beside its own.

    Args:
        given: The options of its line, which win.
        chosen: The options of `Session.stream` that were chosen.
    """
    return {name: value for name, value in chosen.items() if value is not None and name not in given}


def words(chosen: Mapping[str, Any]) -> str:
    """Say what was chosen, such as ``temperature 0.2, at most 500 tokens``; empty if nothing was."""
    said = []
    for name, value in chosen.items():
        if name == "temperature":
            said.append(f"temperature {value:g}")
        elif name == "max_tokens":
            said.append(f"at most {value:,} tokens")
        elif name == "system":
            said.append(f"system message “{one_line(str(value), _LONGEST)}”")
        else:
            said.append(f"{name} {one_line(str(value), _LONGEST)}")
    return ", ".join(said)

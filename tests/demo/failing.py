"""Cells that fail, told as ``%byom_fix`` tells them."""

from __future__ import annotations

import ast
import difflib
import linecache
from typing import Any

from byom_magics.demo.cell import Cell
from byom_magics.demo.failure import Failure, told_failure
from byom_magics.talk import failure as telling
from byom_magics.talk.needed import names_needed, names_used
from byom_magics.talk.trace import traced


def prompt(source: str, before: str = "", error: BaseException | None = None, line: int | None = None) -> str:
    """
    Run a cell that fails, and tell of it.

    Args:
        source: The cell.
        before: What was run before it.
        error: What it is said to raise; it is run if this is None.
        line: The line that is said to be running.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(before, names)
    error = error or _raised(source, names)
    trace = traced(error, lambda file: "Cell In[1]" if file == "Cell" else None)
    own = {name: value for name, value in names.items() if not name.startswith("__")}
    missing = getattr(error, "name", None) if isinstance(error, NameError) else None
    failure = telling.Failure(
        source,
        trace.error_type,
        trace.message,
        trace.text,
        line=line or next((each.line for each in trace.own), getattr(error, "lineno", None)),
        place="Cell In[1]",
        alike=tuple(difflib.get_close_matches(missing, own, n=5)) if missing else (),
    )
    inside = {
        f"{each.function} (Cell In[1], line {each.line})": names_needed(each.values, each.values)
        for each in trace.own
        if each.function
    }
    return telling.fix_messages(failure, names_needed(names_used(source), own), {"Python": "3"}, inside)[1]


def told(source: str, before: str = "", error: BaseException | None = None) -> tuple[Failure, Cell]:
    """What ``demo/pydoc`` reads of it."""
    failure = told_failure(prompt(source, before, error))
    assert failure is not None
    return failure, Cell(failure.cell)


def _raised(source: str, names: dict[str, Any]) -> BaseException:
    lines = source.splitlines(keepends=True)
    linecache.cache["Cell"] = (len(source), None, lines, "Cell")
    try:
        exec(compile(ast.parse(source, "Cell"), "Cell", "exec"), names)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing failed")

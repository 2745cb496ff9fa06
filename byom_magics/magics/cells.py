"""The last cells of the notebook, as far as IPython has kept them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from byom_magics.talk.cells import Cell
from byom_magics.talk.values import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["last_cells"]

_OUTPUT = 4_000
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def last_cells(shell: InteractiveShell, count: int) -> list[Cell]:
    """
    The last cells before the one that runs, the oldest first.

    Args:
        shell: Where they ran.
        count: How many, at most.
    """
    history: Any = shell.history_manager
    sources: Sequence[str] = history.input_hist_raw
    # The cell that runs stands at the end, unless it is not kept at all.
    last = len(sources) - 1 if len(sources) > shell.execution_count else len(sources)
    numbers = [number for number in range(1, last) if sources[number].strip()]
    return [Cell(number, sources[number], _output(shell, history, number), _error(history, number))
            for number in numbers[-count:]]  # fmt: skip


def _output(shell: InteractiveShell, history: Any, number: int) -> str:  # noqa: ANN401 - IPython's history manager
    """What it printed and displayed where IPython keeps that (from version 9 on), and its result."""
    kept = [_shown(each) for each in getattr(history, "outputs", {}).get(number, ())]
    values = shell.user_ns.get("Out", {})
    if number in values and not any(each for each in kept):
        kept.append(_text(values[number]))
    return "\n".join(each for each in kept if each)


def _shown(output: Any) -> str:  # noqa: ANN401 - an output of IPython's
    bundle = getattr(output, "bundle", {})
    stream = bundle.get("stream")
    text = "".join(stream) if isinstance(stream, list) else stream or bundle.get("text/plain", "")
    return _COLOURS.sub("", str(text)).rstrip("\n")


def _text(value: object) -> str:
    try:
        return rendered(value, _OUTPUT).text
    except Exception as problem:  # noqa: BLE001 - a value may fail in any way when it is looked at
        return f"({type(value).__name__}, which cannot be shown: {type(problem).__name__})"


def _error(history: Any, number: int) -> str:  # noqa: ANN401 - IPython's history manager
    kept = getattr(history, "exceptions", {}).get(number)
    return _COLOURS.sub("", "\n".join(map(str, kept.get("traceback", ())))) if isinstance(kept, dict) else ""

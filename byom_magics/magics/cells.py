"""The last cells of the notebook, as far as IPython has kept them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.secrets import mask
from byom_magics.talk.cells import Cell
from byom_magics.talk.passwords import hide_passwords
from byom_magics.talk.sources import raised
from byom_magics.talk.values import as_text, rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["last_cells"]

_OUTPUT = 10_000
_PRINTED = 1_000_000  # characters of what a cell printed that are looked at
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_OURS = re.compile(r"\s*(?:%byom|%(?:re|un)?load_ext\s+byom_magics|%config\s+Byom|%%?byom\w*\?|#|$)")


def last_cells(shell: InteractiveShell, count: int) -> list[Cell]:
    """
    The last cells before the one that runs, the oldest first; keys and passwords are hidden in them.

    Cells that only ask models, or set them up, do not count: what was asked before is what conversations are for.

    Args:
        shell: Where they ran.
        count: How many, at most.
    """
    history: Any = shell.history_manager
    sources: Sequence[str] = history.input_hist_raw
    # The cell that runs stands at the end; it asks a model, so that it does not count either.
    numbers: list[int] = []
    for number in range(len(sources) - 1, 0, -1):
        if len(numbers) == count:
            break
        if not _is_ours(sources[number]) and not _runs_now(sources, number):
            numbers.append(number)
    return [_cell(shell, history, number) for number in reversed(numbers)]


def _is_ours(source: str) -> bool:
    """Whether a cell does nothing but ask models, or set them up; an empty one does nothing either."""
    return source.lstrip().startswith("%%byom") or all(_OURS.match(line) for line in source.splitlines())


def _runs_now(sources: Sequence[str], number: int) -> bool:
    """Whether this is the cell that asks, among other things that it does."""
    return number == len(sources) - 1 and "byom" in sources[number]


def _cell(shell: InteractiveShell, history: Any, number: int) -> Cell:  # noqa: ANN401 - IPython's history manager
    texts = (history.input_hist_raw[number], _output(shell, history, number), _error(shell, history, number))
    return Cell(number, *(hide_passwords(mask(text)) for text in texts))


def _output(shell: InteractiveShell, history: Any, number: int) -> str:  # noqa: ANN401 - IPython's history manager
    """What it printed and displayed where IPython keeps that (from version 9 on), and its result."""
    kept = list(getattr(history, "outputs", {}).get(number, ()))
    shown = [_shown(each) for each in kept]
    values = shell.user_ns.get("Out", {})
    if number in values and not any(getattr(each, "output_type", "") == "execute_result" for each in kept):
        shown.append(getattr(history, "output_hist_reprs", {}).get(number) or _text(values[number]))
    return "\n".join(each for each in shown if each)


def _shown(output: Any) -> str:  # noqa: ANN401 - an output of IPython's
    bundle = getattr(output, "bundle", {})
    stream = bundle.get("stream")
    text = "".join(stream) if isinstance(stream, list) else stream or bundle.get("text/plain", "")
    return _COLOURS.sub("", str(text)[-_PRINTED:]).rstrip("\n")


def _text(value: object) -> str:
    try:
        return value if isinstance(value, str) else rendered(value, _OUTPUT).text or as_text(value)
    except Exception as problem:  # noqa: BLE001 - a value may fail in any way when it is looked at
        return f"({type(value).__name__}, which cannot be shown: {type(problem).__name__})"


def _error(shell: InteractiveShell, history: Any, number: int) -> str:  # noqa: ANN401 - IPython's history manager
    kept = getattr(history, "exceptions", {}).get(number)
    if isinstance(kept, dict):
        return _COLOURS.sub("", "\n".join(map(str, kept.get("traceback", ()))))
    # Before version 9 only the last cell's error is still there.
    last = getattr(shell, "last_execution_result", None)
    if last is None or last.execution_count != number:
        return ""
    error = last.error_before_exec or last.error_in_exec
    return "" if error is None else raised(error).text

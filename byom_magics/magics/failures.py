"""What failed last in a notebook: the cell as typed, and its exception."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Failed", "Failures"]

_OLD_NAME = re.compile(r"<ipython-input-(\d+)-")
_CELL_FILE = re.compile(r"<ipython-input-|.*[\\/]ipykernel_\d+[\\/]")
_RUN = re.compile(r"\s*%run\s")
_RAN = "get_ipython().run_line_magic('run'"  # what becomes of it
_IPYTHON = re.compile(r".*[\\/]IPython[\\/]")


@dataclass(frozen=True)
class Failed:
    """
    Something that failed.

    Attributes:
        error: The exception.
        source: The cell as typed; of a script that was run, the script; empty if nobody knows it.
        script: The file of a script that was run; empty for a cell.
        file: The file that the source is, as tracebacks name it; empty if that is not known.
    """

    error: BaseException
    source: str = ""
    script: str = ""
    file: str = field(default="", repr=False)


class Failures:
    """
    Remembers what failed last.

    The exception is the one that Python itself keeps for the debugger (``sys.last_value``), so that nothing lives
    longer than it would anyway; but for a cell that asks about a failure: what goes wrong there is not remembered.

    Args:
        shell: Where cells run.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._seen: BaseException | None = None
        self._last: tuple[BaseException, str] | None = None
        self._asks = False
        self._look("")  # what failed before

    def install(self) -> Callable[[], None]:
        """Watch the cells; returns what ends that."""
        events: Any = self._shell.events
        watched = (("pre_run_cell", self._begins), ("post_run_cell", self._ended))
        for name, callback in watched:
            events.register(name, callback)

        def uninstall() -> None:
            for name, callback in watched:
                if callback in events.callbacks[name]:
                    events.unregister(name, callback)
            self._last = self._seen = None

        return uninstall

    def asks(self) -> None:
        """Say that the running cell asks about a failure: what goes wrong in it is not one to ask about."""
        self._asks = True

    def last(self) -> Failed | None:
        """What failed last; None if nothing did."""
        self._look("")
        if self._last is None:
            return None
        error, typed = self._last
        if _RUN.match(typed):
            file = self._script_file(error)
            if file:
                return Failed(error, "".join(linecache.getlines(file)), "" if self.cell_of(file) else file, file)
        file = self._cell_file(error)
        return Failed(error, typed or self._typed(file), "", file)

    def cell_of(self, file: str) -> str | None:
        """What a person calls a file of code of the notebook, such as ``Cell In[3]``; None for all other files."""
        number = self._number(file)
        if number:
            return f"Cell In[{number}]"
        return "a cell" if _CELL_FILE.match(file) or number is not None else None

    def _begins(self, info: object = None) -> None:  # noqa: ARG002 - IPython's argument
        self._look("")  # what failed between two cells, such as what a button does
        self._asks = False

    def _ended(self, result: Any) -> None:  # noqa: ANN401 - IPython's ExecutionResult
        typed = str(getattr(getattr(result, "info", None), "raw_cell", "") or "")
        if self._asks:
            self._seen = _last_value()
            return
        self._look(typed)
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        if isinstance(error, BaseException):
            self._last = error, typed

    def _look(self, typed: str) -> None:
        """Note the last exception if it is a new one. ``%run`` shows what went wrong, and its cell ends well."""
        error = _last_value()
        if error is not None and error is not self._seen:
            self._last = error, typed
        self._seen = error

    def _number(self, file: str) -> int | None:
        old = _OLD_NAME.match(file)
        if old is not None:
            return int(old[1])
        known: dict[str, int] = getattr(self._shell.compile, "_filename_map", {})
        return known.get(file)

    def _typed(self, file: str) -> str:
        """A cell as it was typed; if that is not known, as Python got it."""
        number = self._number(file)
        inputs = self._shell.history_manager.input_hist_raw if self._shell.history_manager is not None else []
        if number and number < len(inputs) and inputs[number]:
            return str(inputs[number])
        return "".join(linecache.getlines(file)) if file else ""

    def _cell_file(self, error: BaseException) -> str:
        return next((file for file in _files(error) if self.cell_of(file) is not None), "")

    def _script_file(self, error: BaseException) -> str:
        """The script of a ``%run``, or the cell of a notebook that it ran: what IPython's own code called first."""
        files = _files(error)
        called = [file for before, file in pairwise(files)
                  if _IPYTHON.match(before) and not _IPYTHON.match(file)]  # fmt: skip
        for file in called:
            lines = "".join(linecache.getlines(file))
            if lines and not lines.startswith(_RAN):
                return file
        return ""


def _files(error: BaseException) -> list[str]:
    """The files that an exception came through, the outermost first; of code that is no Python, its own."""
    found: list[str] = []
    trace = error.__traceback__
    while trace is not None and len(found) < 10_000:
        found.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        found.append(error.filename)
    return found


def _last_value() -> BaseException | None:
    error = getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None

"""A real IPython shell in this process, and what its cells print, display and raise."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Cell:
    """
    What came of a cell.

    Attributes:
        printed: All that it printed, tracebacks included.
        displays: The MIME bundles that it displayed.
        error: What it raised, or None.
    """

    printed: str
    displays: tuple[Mapping[str, Any], ...]
    error: BaseException | None

    @property
    def plain(self) -> str:
        return "\n".join(str(data.get("text/plain", "")) for data in self.displays)

    @property
    def html(self) -> str:
        return "\n".join(str(data.get("text/html", "")) for data in self.displays)

    @property
    def everything(self) -> str:
        return f"{self.printed}\n{self.plain}\n{self.html}"


class Notebook:
    """Cells, one after the other, in one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    @property
    def names(self) -> dict[str, Any]:
        """The variables of the notebook."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def run(self, code: str) -> Cell:
        """Run a cell, whatever it raises."""
        with capture_output() as captured:
            result = self.shell.run_cell(code)
        error = result.error_before_exec or result.error_in_exec
        displays = tuple(dict(output.data) for output in captured.outputs)
        return Cell(COLOURS.sub("", captured.stdout + captured.stderr), displays, error)

    def ok(self, code: str) -> Cell:
        """Run a cell that must not raise."""
        cell = self.run(code)
        assert cell.error is None, cell.printed
        return cell

    def fails(self, code: str, kind: type[BaseException]) -> str:
        """Run a cell that must raise an error of that kind; its message."""
        cell = self.run(code)
        assert isinstance(cell.error, kind), f"{cell.error!r} after: {cell.printed}"
        return str(cell.error)


@contextmanager
def notebook(settings: Mapping[str, Any] | None = None) -> Iterator[Notebook]:
    """A shell with these settings of ``Byom``, which is no longer there afterwards."""
    config = Config()
    config.HistoryManager.enabled = False
    for name, value in (settings or {}).items():
        setattr(config.Byom, name, value)
    assert not InteractiveShell.initialized()
    shell: Any = InteractiveShell.instance(config=config)
    try:
        yield Notebook(shell)
    finally:
        if "byom_magics" in shell.extension_manager.loaded:
            shell.extension_manager.unload_extension("byom_magics")
        shell.restore_sys_module_state()
        # It collects garbage when Python ends; hundreds of shells would do that for a minute.
        atexit.unregister(shell.atexit_operations)
        InteractiveShell.clear_instance()

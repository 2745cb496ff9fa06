from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.history import HistoryManager

from byom_magics.catalog.secrets.masking import look_for
from byom_magics.magics.cells import last_cells
from tests.magics.notebook import notebook

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


class History:
    """What IPython keeps of cells, from version 9 on."""

    def __init__(self, *sources: str) -> None:
        self.input_hist_raw = ["", *sources]
        self.outputs: dict[int, list[Any]] = {}
        self.exceptions: dict[int, Any] = {}


class Shell:
    def __init__(self, *sources: str, running: bool = True) -> None:
        self.history_manager = History(*sources, *(["%%byom"] if running else []))
        self.execution_count = len(self.history_manager.input_hist_raw) - 1
        self.user_ns: dict[str, Any] = {"Out": {}}


class Output:
    def __init__(self, **bundle: Any) -> None:
        self.bundle = bundle


def test_the_last_cells_are_those_before_the_one_that_runs() -> None:
    shell: Any = Shell("a = 1", "b = 2", "c = 3")
    assert [(cell.number, cell.source) for cell in last_cells(shell, 2)] == [(2, "b = 2"), (3, "c = 3")]
    assert [cell.number for cell in last_cells(shell, 9)] == [1, 2, 3]


def test_results_and_what_was_printed_go_along() -> None:
    shell: Any = Shell("1 + 1", "print(2)", "1/0")
    shell.user_ns["Out"][1] = 2
    shell.history_manager.outputs[2] = [Output(stream=["2\n"])]
    shell.history_manager.exceptions[3] = {"traceback": ["\x1b[31mZeroDivisionError\x1b[0m"]}
    cells = last_cells(shell, 3)
    assert [cell.output for cell in cells] == ["2", "2", ""]
    assert cells[2].error == "ZeroDivisionError"


def test_a_result_that_cannot_be_shown_is_no_failure() -> None:
    class Broken:
        def __str__(self) -> str:
            raise ValueError

    shell: Any = Shell("x")
    shell.user_ns["Out"][1] = Broken()
    assert "Broken" in last_cells(shell, 1)[0].output


@pytest.fixture
def kept() -> Iterator[Notebook]:
    with notebook() as made:
        for kept in ("outputs", "exceptions"):  # shared by all shells of a process
            getattr(made.shell.history_manager, kept, {}).clear()
        made.ok("%load_ext byom_magics")
        yield made


def test_in_a_real_shell_they_are_sent_with_the_question(kept: Notebook) -> None:
    for cell in ("value = 41", "value + 1"):
        kept.shell.run_cell(cell, store_history=True, silent=False)
    kept.shell.run_cell("%byom_register there --url http://localhost:1/v1", store_history=True)
    shown = kept.ok("%%byom there --cells 3 --dry-run\nWhy?")
    assert "value + 1" in shown.plain
    assert "42" in shown.plain


def ran(notebook: Notebook, *cells: str) -> None:
    """Run cells as a front end does, each with a number of its own."""
    for cell in cells:
        with redirect_stdout(io.StringIO()):  # IPython keeps what it shows itself, and not what is captured
            notebook.shell.run_cell(cell, store_history=True)


ASKS = "from byom_magics.magics.cells import last_cells as _last\nfound = _last(get_ipython(), {count})  # byom"


def found(notebook: Notebook, count: int) -> list[Any]:
    ran(notebook, ASKS.format(count=count))
    cells: list[Any] = notebook.names["found"]
    return cells


def test_in_a_real_shell_the_cell_that_asks_is_not_among_them(kept: Notebook) -> None:
    ran(kept, "a = 1", "a + 41", "'given'")
    assert [(cell.source, cell.output) for cell in found(kept, 2)] == [("a + 41", "42"), ("'given'", "'given'")]


def test_in_a_real_shell_the_last_error_goes_along_in_plain_text(kept: Notebook) -> None:
    ran(kept, "a = 1", "1 / 0")
    (cell,) = found(kept, 1)
    assert "ZeroDivisionError: division by zero" in cell.error
    assert "\x1b" not in cell.error


@pytest.mark.skipif(not hasattr(HistoryManager, "outputs"), reason="IPython keeps it from version 9 on")
def test_in_a_real_shell_earlier_errors_and_what_was_printed_go_along(kept: Notebook) -> None:
    ran(kept, "1 / 0", "print('said')\n'given'", "def broken(:")
    first, second, third = found(kept, 3)
    assert "ZeroDivisionError" in first.error
    assert second.output == "said\n'given'"
    assert "SyntaxError" in third.error


def test_cells_that_only_ask_models_or_set_them_up_do_not_count(kept: Notebook) -> None:
    ran(
        kept,
        "a = 1",
        "%byom_models",
        "%%byom demo/pydoc --quiet\nWhat is a list?",
        "# a remark\n\n%byom_default demo/pydoc\n",
        "  ",
        "%load_ext byom_magics",
        "b = 2",
        "c = 3\n%byom_models",
    )
    assert [cell.source for cell in found(kept, 9)][-3:] == ["a = 1", "b = 2", "c = 3\n%byom_models"]


def test_sec_20_keys_and_passwords_are_hidden_in_cells(kept: Notebook) -> None:
    look_for("sk-canary-0123456789")
    ran(
        kept,
        "password = 'hunter2hunter2'",
        "print('sk-canary-' + '0123456789')",
        "1 / int('0'), 'sk-canary-0123456789'",
    )
    text = str(found(kept, 3))
    assert "canary-0" not in text
    assert "hunter2" not in text


def test_before_ipython_9_results_and_the_last_error_are_there() -> None:
    class Old:
        input_hist_raw = ("", "1 + 1", "1 / 0", "%%byom\nWhy?")

    shell: Any = Shell()
    shell.history_manager = Old()
    shell.user_ns["Out"][1] = 2
    shell.last_execution_result = SimpleNamespace(
        execution_count=2, error_before_exec=None, error_in_exec=ZeroDivisionError("division by zero")
    )
    first, second = last_cells(shell, 2)
    assert (first.output, first.error) == ("2", "")
    assert "ZeroDivisionError: division by zero" in second.error


def test_a_cell_that_printed_megabytes_is_bounded() -> None:
    shell: Any = Shell("noise()")
    shell.history_manager.outputs[1] = [Output(stream=["x" * 10_000_000])]
    assert len(last_cells(shell, 1)[0].output) <= 1_000_000

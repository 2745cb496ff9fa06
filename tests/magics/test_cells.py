from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

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
        made.ok("%load_ext byom_magics")
        yield made


def test_in_a_real_shell_they_are_sent_with_the_question(kept: Notebook) -> None:
    for cell in ("value = 41", "value + 1"):
        kept.shell.run_cell(cell, store_history=True, silent=False)
    kept.shell.run_cell("%byom_register there --url http://localhost:1/v1", store_history=True)
    shown = kept.ok("%%byom there --cells 3 --dry-run\nWhy?")
    assert "value + 1" in shown.plain
    assert "42" in shown.plain

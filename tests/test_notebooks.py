"""The notebooks run from the first cell to the last, and are kept without outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def text_of(cell: Any) -> str:
    """What a person reads in the outputs of a cell."""
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])
    )


def test_there_is_a_quickstart() -> None:
    assert ROOT / "notebooks" / "quickstart.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    kept = [cell.id for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert not kept
    assert "widgets" not in notebook.metadata


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks = {}
    for path in NOTEBOOKS:
        notebook = read(path)
        client = NotebookClient(
            notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
        notebooks[path.name] = notebook
    return notebooks


@pytest.mark.kernel
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_every_cell_of_a_notebook_runs_without_an_error(executed: dict[str, Any], path: Path) -> None:
    outputs = [output for cell in executed[path.name].cells for output in cell.get("outputs", [])]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


@pytest.mark.kernel
def test_every_question_of_the_quickstart_is_answered(executed: dict[str, Any]) -> None:
    asked = [cell for cell in executed["quickstart.ipynb"].cells if cell.source.startswith("%%byom")]
    assert len(asked) >= 5
    unanswered = [cell.source for cell in asked if len(text_of(cell)) < 40]
    assert not unanswered


@pytest.mark.kernel
def test_the_first_answer_speaks_of_what_was_asked(executed: dict[str, Any]) -> None:
    first = next(cell for cell in executed["quickstart.ipynb"].cells if cell.source.startswith("%%byom"))
    assert "with" in text_of(first)
    assert "context manager" in text_of(first)


@pytest.mark.kernel
def test_the_first_answer_is_one_output_when_it_has_ended(executed: dict[str, Any]) -> None:
    first = next(cell for cell in executed["quickstart.ipynb"].cells if cell.source.startswith("%%byom"))
    assert len(first.outputs) == 1
    assert {"text/html", "text/plain"} <= set(first.outputs[0].data)

"""The quickstart in a browser: tokens arrive over time, and the saved notebook shows the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

QUICKSTART = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"


def test_the_quickstart_runs_and_its_first_answer_arrives_over_time(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(QUICKSTART)
    first = next(number for number, cell in enumerate(notebook.saved().cells) if cell.source.startswith("%%byom"))
    notebook.run(first - 1)
    notebook.watch(first)
    notebook.run(first)
    seen = notebook.seen()
    sizes = [len(entry["text"]) for entry in seen["texts"]]
    print(f"{len(sizes)} states, {seen['most']} outputs at most")
    assert len({size for size in sizes if size > 100}) >= 5
    assert seen["most"] <= 40
    assert len(notebook.outputs(first)) == 1
    shown = notebook.shown(first)
    assert "context manager" in shown
    assert "complete" in shown
    assert notebook.area(first).locator("h1, h2, h3, h4").count() >= 1
    assert notebook.area(first).locator("pre").count() >= 1
    notebook.save()
    notebook.open(wait_for_kernel=False)
    notebook.shows(first, shown)
    assert not notebook.foreign

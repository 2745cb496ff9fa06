"""One JupyterLab and one browser for all tests of this folder, and notebooks of their own for each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import Notebook, browsing, chromium, served, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IN_CI = os.environ.get("CI") == "true"
HERE = Path(__file__).resolve().parent
VIEWPORT = {"width": 1150, "height": 1000}


def missing() -> str | None:
    """What the browser tests need and is not here."""
    from importlib.util import find_spec

    if not find_spec("jupyterlab"):
        return "JupyterLab is not installed: pip install -e '.[lab]'"
    if not chromium():
        return "there is no Chromium: apt-get install chromium, or name one in BYOM_CHROMIUM"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the quick ones are told first, and a browser's loop runs beside nothing else."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab") / "notebooks"


@pytest.fixture(scope="session")
def _lab(_folder: Path) -> Iterator[str]:
    reason = missing()
    if reason and IN_CI:
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    _folder.mkdir()
    with served(_folder) as address:
        yield address


@pytest.fixture(scope="session")
def _browser(_lab: str) -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def open_notebook(_lab: str, _browser: Browser, _folder: Path) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook with these cells, or a copy of this file, in a page of its own."""
    opened: list[Notebook] = []

    def open_(cells: Sequence[str] | Path) -> Notebook:
        name = f"notebook-{next(_numbers)}.ipynb"
        if isinstance(cells, Path):
            shutil.copy(cells, _folder / name)
        else:
            write_notebook(_folder / name, cells)
        context = _browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
        notebook = Notebook(context.new_page(), _lab, _folder, name)
        opened.append(notebook)
        return notebook

    yield open_
    for notebook in opened:
        notebook.close()
        notebook.page.context.close()


_numbers = count(1)

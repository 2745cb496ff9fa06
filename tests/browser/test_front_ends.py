"""The same comparison in Notebook 7 and as a Voilà application."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import PATIENCE_S, Notebook, served, write_notebook
from tests.browser.voila import voila

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext byom_magics",
    "%%byom_compare demo/pydoc demo/bigram demo/5gram --max-tokens 60\nHow does the with statement work?",
    "%%byom_compare demo/bigram demo/5gram --blind --max-tokens 30\nThe interpreter",
    "%byom_picker",
    "%byom_chat demo/pydoc",
]


def wanted(package: str) -> None:
    """Skip where a front end is not installed; in CI nothing may be missing."""
    if os.environ.get("CI") != "true":
        pytest.importorskip(package)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("front-ends") / "notebooks"
    folder.mkdir()
    write_notebook(folder / "seven.ipynb", CELLS)
    write_notebook(folder / "application.ipynb", CELLS)
    return folder


@pytest.fixture(scope="module")
def seven(_browser: Browser, folder: Path) -> Iterator[Notebook]:
    wanted("notebook")
    with served(folder, "notebook") as address:
        context = _browser.new_context(viewport={"width": 1150, "height": 1000})
        notebook = Notebook(context.new_page(), address, folder, "seven.ipynb", "notebook")
        notebook.run(0)
        yield notebook
        notebook.close()
        context.close()


@pytest.fixture(scope="module")
def application(_browser: Browser, folder: Path) -> Iterator[Page]:
    wanted("voila")
    with voila(folder) as address:
        context = _browser.new_context(viewport={"width": 1150, "height": 1000})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(f"{address}application.ipynb")
        page.locator("button:has-text('Compare')").first.wait_for()
        yield page
        context.close()


def test_notebook_7_streams_columns_and_keeps_them(seven: Notebook) -> None:
    seven.start(1)
    seven.page.locator("button:has-text('Stop demo/5gram')").wait_for()
    seven.ended(1)
    shown = seven.shown(1)
    assert "The with statement" in shown
    assert "demo/5gram · " in shown
    seven.save()
    assert set(seven.saved().cells[1].outputs[0].data) == {"text/html", "text/plain"}


def test_notebook_7_takes_a_blind_vote_by_keyboard(seven: Notebook) -> None:
    seven.run(2)
    assert "demo/" not in seven.shown(2)
    button = seven.page.locator("button:has-text('Tie')")
    button.focus()
    seven.page.keyboard.press("Space")
    seven.until_shown(2, "a tie")
    assert "demo/bigram" in seven.shown(2)


def test_in_voila_a_comparison_starts_from_its_button(application: Page) -> None:
    first = application.locator("textarea").first
    assert first.input_value() == "How does the with statement work?"
    assert not application.locator(".byom-compare-column").count()
    application.locator("button:has-text('Compare')").first.click()
    application.locator(".byom-compare-column >> text=demo/5gram").first.wait_for()
    application.locator("text=Differences from").first.wait_for()
    shown = application.locator("body").inner_text()
    assert "The with statement" in shown
    assert "demo/5gram · " in shown


def test_in_voila_another_prompt_is_compared_with_the_same_button(application: Page) -> None:
    application.locator("textarea").first.fill("What does the del statement do?")
    application.locator("button:has-text('Compare')").first.click()
    application.locator("text=The del statement").first.wait_for()


def test_in_voila_a_blind_vote_can_be_given(application: Page) -> None:
    application.locator("button:has-text('Compare')").nth(1).click()
    application.locator("button:has-text('B is better')").click()
    application.locator("text=voted best").wait_for()
    assert "B: demo/" in json.dumps(application.locator("body").inner_text())


def test_in_voila_code_has_the_font_of_code(application: Page) -> None:
    application.locator(".byom-chat input[placeholder^=type]").fill("How does the with statement work?")
    application.locator(".byom-chat input[placeholder^=type]").press("Enter")
    # It is painted anew while it comes.
    application.wait_for_function(
        """() => {
          const code = document.querySelector('.byom-chat pre tt');
          return code && getComputedStyle(code).fontFamily.includes('monospace');
        }"""
    )

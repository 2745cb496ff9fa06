"""The model picker in a page: search as you type, choose, follow the registry, and what is left of it in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

MANY = """
import byom_magics as byom
for number in range(300):
    byom.register(f"team/model-{number}", url="https://llm.example/v1", model="m", api_key="env:TEAM_KEY")
"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(
        [
            f"%load_ext byom_magics\n{MANY}",
            "%byom_picker",
            "%byom_register later --url http://localhost:1/v1 --model m",
            "%byom_default",
            "%%byom --dry-run\nhi",
        ]
    )
    for cell in range(2):
        notebook.run(cell)
    notebook.page.wait_for_selector(".byom-picker select option")
    return notebook


def options(notebook: Notebook) -> list[str]:
    return [text.strip() for text in notebook.page.locator(".byom-picker select option").all_inner_texts()]


def until_options(notebook: Notebook, holds: str) -> None:
    notebook.page.wait_for_function(
        f"() => {{ const all = [...document.querySelectorAll('.byom-picker select option')].map(o => o.innerText); return {holds}; }}"
    )


def search(notebook: Notebook, text: str) -> None:
    box = notebook.page.locator(".byom-picker input[type=text]")
    box.click()
    box.press("Control+a")
    box.press_sequentially(text)


def test_typing_narrows_the_list_and_a_click_chooses_the_default(notebook: Notebook) -> None:
    notebook.select(1)
    assert len(options(notebook)) >= 100
    search(notebook, "model-29")
    until_options(notebook, "all.length === 11")
    search(notebook, "bigram")
    until_options(notebook, "all.length === 1 && all[0].includes('demo/bigram')")
    notebook.page.locator(".byom-picker select").select_option(index=0)
    notebook.page.wait_for_function("document.querySelector('.byom-picker').innerText.includes('demo/bigram')")
    notebook.run(3)
    assert "demo/bigram" in notebook.shown(3)
    notebook.run(4)
    assert '"model": "demo/bigram"' in notebook.shown(4)


def test_a_model_that_is_registered_in_another_cell_appears(notebook: Notebook) -> None:
    notebook.select(1)
    search(notebook, "later")
    until_options(notebook, "all.length === 0")
    notebook.run(2)
    notebook.select(1)
    until_options(notebook, "all.length === 1 && all[0].includes('later')")


def test_the_file_has_a_table_for_readers_without_a_kernel(notebook: Notebook) -> None:
    notebook.save()
    [output] = notebook.saved().cells[1].outputs
    assert "demo/pydoc" in output.data["text/plain"]
    assert "<table" in output.data["text/html"]
    assert not notebook.foreign

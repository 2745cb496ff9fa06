"""What a person meets beside answers: Tab, the manual, errors, the request, unloading; in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import DARK, LIGHT
from tests.wire.answers import CHUNKED, chunk, chunked, frame, refused, sse
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

MARKDOWN = "## A heading\n\nSome *emphasis*.\n\n```python\ndef add(a, b):\n    return a + b  # the sum\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(["%load_ext byom_magics", "", "", "print('next')"])
    notebook.run(0)
    return notebook


def put(notebook: Notebook, cell: int, text: str) -> None:
    notebook.page.evaluate(
        "([cell, text]) => jupyterapp.shell.currentWidget.content.model.cells.get(cell).sharedModel.setSource(text)",
        [cell, text],
    )


def run(notebook: Notebook, text: str, cell: int = 2) -> str:
    put(notebook, cell, text)
    notebook.run(cell)
    return notebook.shown(cell)


def register(notebook: Notebook, server: RawServer) -> None:
    run(notebook, f"%byom_register mine --url {server.url} --model m", 1)


def test_tab_completes_a_model_s_key(notebook: Notebook) -> None:
    notebook.type(2, "%%byom demo/p")
    notebook.page.keyboard.press("Tab")
    notebook.page.wait_for_function(
        """() => document.querySelector('.jp-Completer:not(.lm-mod-hidden)')?.innerText.includes('demo/pydoc')
          || jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource().includes('demo/pydoc')"""
    )
    if "demo/pydoc" not in notebook.source(2):
        notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_function(
        "jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource() === '%%byom demo/pydoc'"
    )
    notebook.page.keyboard.press("Escape")


def test_a_question_mark_shows_the_manual(notebook: Notebook) -> None:
    put(notebook, 2, "%%byom?")
    notebook.run(2)
    notebook.page.wait_for_function(
        "document.body.innerText.includes('Ask a model; the answer streams into the cell.')"
    )
    assert notebook.page.evaluate("document.body.innerText.includes('--temperature NUMBER')")


def test_an_error_is_readable_and_run_all_stops(notebook: Notebook) -> None:
    with RawServer([refused("401 Unauthorized", {"error": {"message": "Your key is unknown here."}})]) as server:
        register(notebook, server)
        put(notebook, 2, "%%byom mine\nhi")
        shown = run(notebook, "%%byom mine\nhi")
    assert "Your key is unknown here." in shown
    assert "401" in shown
    assert "Next:" in shown
    assert "Traceback" not in shown
    assert len(shown.splitlines()) < 20


def test_an_error_is_only_shown_when_asked_so_and_the_part_that_came_stays(notebook: Notebook) -> None:
    with RawServer([CHUNKED, frame(chunk("Half an ans"))]) as server:
        register(notebook, server)
        shown = run(notebook, "%%byom mine --on-error show\nhi")
    assert "Half an ans" in shown
    assert "Next:" in shown
    assert [output["output_type"] for output in notebook.outputs(2)] == ["display_data"]


def test_a_dry_run_shows_the_request(notebook: Notebook) -> None:
    shown = run(notebook, "%%byom demo/pydoc -t 0.5 --dry-run\nhi")
    assert '"temperature": 0.5' in shown
    assert "nothing was sent" in shown


def test_the_models_are_a_table(notebook: Notebook) -> None:
    run(notebook, "%byom_models")
    table = notebook.area(2).locator("table")
    assert table.count() == 1
    assert "demo/pydoc" in table.inner_text()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_an_answer_can_be_read_in_both_themes(notebook: Notebook, theme: str) -> None:
    with RawServer([chunked(sse(MARKDOWN))]) as server:
        register(notebook, server)
        run(notebook, "%%byom mine\nhi")
        notebook.theme(theme)
        contrasts = notebook.area(2).evaluate(CONTRASTS)
    notebook.theme(LIGHT)
    worst = min(contrasts, key=lambda each: each["contrast"])
    print(f"{theme}: {len(contrasts)} pieces of text, the worst contrast {worst['contrast']:.1f} ({worst['text']!r})")
    assert len(contrasts) > 10
    assert len({each["colour"] for each in contrasts}) >= 4, "code is highlighted"
    assert worst["contrast"] >= 4.5, worst  # WCAG 2, 1.4.3


# The contrast of each piece of text with what it stands on, as WCAG 2 measures it.
CONTRASTS = """
area => {
  const parse = colour => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.9) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest('.jp-OutputPrompt')) continue;
    const colour = getComputedStyle(element).color;
    const [a, b] = [light(parse(colour)), light(ground(element))].sort((x, y) => y - x);
    found.push({text, colour, contrast: (a + 0.05) / (b + 0.05)});
  }
  return found;
}
"""


def test_reloading_keeps_what_is_registered_and_unloading_takes_the_magics_away(notebook: Notebook) -> None:
    run(notebook, "%byom_register mine --url http://localhost:1/v1 --model m", 1)
    run(notebook, "%reload_ext byom_magics", 1)
    assert "mine" in run(notebook, "%byom_models")
    run(notebook, "%unload_ext byom_magics", 1)
    assert "not found" in run(notebook, "%%byom demo/pydoc\nhi")
    run(notebook, "%load_ext byom_magics", 1)
    assert "mine" in run(notebook, "%byom_models")
    assert not notebook.foreign

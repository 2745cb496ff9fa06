"""JSON, formulas, pictures and tokens in JupyterLab: by mouse, by keyboard, in both themes, and not trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.browser.jupyterlab import DARK, LIGHT
from tests.browser.test_surface import CONTRASTS

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

PREPARED = """
import base64, json, math
from IPython.display import display
from byom_magics.events import Reply, State
from byom_magics.messages import Image
from byom_magics.show.answer import reply_bundle

def show(text, format_name="markdown", **more):
    bundle = reply_bundle(Reply(text, state=State.COMPLETE, **more), format_name, logprobs="logprobs" in more)
    display({"text/html": bundle.html, "text/plain": bundle.plain}, raw=True)
"""
JSON = """
show(json.dumps({"title": "Three cities", "cities": [
    {"city": "Berlin", "population": 3677472, "capital": True},
    {"city": "Hamburg", "population": 1906411, "capital": False},
], "nested": {"source": {"name": "<b>Destatis</b>"}}}), "json")
"""
MATH = r"""show("$$\\frac{a}{b}$$", "math")"""
PICTURE = """
data = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
show("A *dot*.", "image", images=(Image(data), Image(b"<svg/>", "image/svg+xml")))
"""
TOKENS = """
def token(text, probability, *others):
    top = [{"token": each, "logprob": math.log(p)} for each, p in others]
    return {"token": text, "logprob": math.log(probability), "top_logprobs": top}

show("The sky.", "text", logprobs=(
    token("The", 0.98, ("A", 0.01)), token(" sky", 0.3, (" sea", 0.6), (" <b>moon</b>", 0.05)), token(".", 0.01, ("!", 0.9))))
"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook([PREPARED, JSON, MATH, PICTURE, TOKENS])
    for cell in range(5):
        notebook.run(cell)
    return notebook


@pytest.fixture(scope="module")
def received(
    notebook: Notebook, open_notebook: Callable[..., Notebook], tmp_path_factory: pytest.TempPathFactory
) -> Notebook:
    """The same notebook, as somebody else gets it."""
    notebook.save()
    changed: Any = notebook.saved()
    changed.metadata["note"] = "no longer what was signed"
    path = tmp_path_factory.mktemp("received") / "received.ipynb"
    nbformat.write(changed, path)
    received = open_notebook(path)
    assert not received.page.evaluate("jupyterapp.shell.currentWidget.content.model.cells.get(1).trusted")
    return received


def test_json_is_lines_and_a_table(notebook: Notebook) -> None:
    area = notebook.area(1)
    assert area.locator("th").all_inner_texts() == ["city", "population", "capital"]
    assert "name: <b>Destatis</b>" in area.inner_text()
    assert "{" not in area.inner_text()
    area.locator("summary").click()
    assert '"population": 3677472' in area.inner_text()
    area.locator("summary").click()


def test_a_formula_is_drawn(notebook: Notebook) -> None:
    notebook.until_drawn(2)
    assert "frac" not in notebook.area(2).locator("mjx-container").first.inner_text()


def test_a_picture_is_seen_and_what_is_none_is_told_of(notebook: Notebook) -> None:
    area = notebook.area(3)
    assert area.locator("img").evaluate_all("all => all.map(each => each.naturalWidth)") == [1]
    assert "image 2: image/svg+xml, 6 bytes" in area.inner_text()


def box(notebook: Notebook) -> str:
    """What the box of alternatives says, where one is open."""
    said = (
        notebook.area(4)
        .locator(".byom-tokens > span")
        .evaluate_all(
            "all => all.map(each => getComputedStyle(each, '::after').content).filter(each => each !== 'none').join('|')"
        )
    )
    return str(said)


def test_the_alternatives_of_a_token_open_when_it_is_pointed_at(notebook: Notebook) -> None:
    tokens = notebook.area(4).locator(".byom-tokens > span")
    assert box(notebook) == ""
    tokens.nth(1).hover()
    assert "60%" in box(notebook)
    assert "sea" in box(notebook)
    notebook.page.mouse.move(1, 1)
    assert box(notebook) == ""


def test_tab_goes_from_token_to_token_and_opens_them(notebook: Notebook) -> None:
    notebook.area(4).locator(".byom-tokens > span").first.focus()
    assert "98%" in box(notebook)
    notebook.page.keyboard.press("Tab")
    assert "sea" in box(notebook)
    notebook.page.keyboard.press("Tab")
    assert "!" in box(notebook)
    notebook.page.keyboard.press("Shift+Tab")
    assert "sea" in box(notebook)
    notebook.page.evaluate("() => document.activeElement.blur()")


def test_the_box_of_the_last_line_is_not_cut_off(notebook: Notebook) -> None:
    area = notebook.area(4)
    area.locator(".byom-tokens > span").last.focus()
    output = area.locator(".jp-OutputArea-output").last
    assert output.evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    notebook.page.evaluate("() => document.activeElement.blur()")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_all_of_it_can_be_read_in_both_themes(notebook: Notebook, theme: str) -> None:
    notebook.theme(theme)
    try:
        for cell in (1, 3, 4):
            contrasts = notebook.area(cell).evaluate(CONTRASTS)
            worst = min(contrasts, key=lambda each: each["contrast"])
            assert worst["contrast"] >= 3, (cell, worst)
    finally:
        notebook.theme(LIGHT)


def test_not_trusted_json_and_pictures_are_as_they_were(notebook: Notebook, received: Notebook) -> None:
    for cell in (1, 3):
        received.shows(cell, notebook.shown(cell))
    assert received.area(3).locator("img").count() == 1


def test_not_trusted_the_tokens_are_in_the_table(received: Notebook) -> None:
    area = received.area(4)
    assert "The sky." in area.inner_text()
    assert "byom-tokens" not in area.inner_text(), "the style sheet is no text"
    area.locator("summary").last.click()
    received.until_shown(4, "sea 60%")

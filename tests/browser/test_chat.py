"""The chat panel in a page: by keyboard alone, with two models, edited, stopped, reloaded, and what the file keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import DARK, LIGHT
from tests.browser.test_surface import CONTRASTS

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

BOX = ".byom-chat input[placeholder^=type]"
ANSWERING = ".byom-chat .mod-danger"


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(
        [
            "%load_ext byom_magics",
            "%byom_chat demo/pydoc demo/bigram",
            "%%byom demo/pydoc -c\nHow does the while statement work?",
            "import time\ntime.sleep(600)",
            "print(answer.model, answer.text[:20])",
        ]
    )
    for cell in range(2):
        notebook.run(cell)
    notebook.page.wait_for_selector(BOX)
    return notebook


def focused(notebook: Notebook) -> str:
    """What has the keyboard's focus: the words on a button, or what a box is for."""
    return str(
        notebook.page.evaluate(
            """() => {
              const element = document.activeElement;
              return element.labels?.[0]?.innerText.trim() || element.innerText.trim() || element.tagName;
            }"""
        )
    )


def tab_to(notebook: Notebook, wanted: str, key: str = "Tab") -> None:
    """Press Tab until something has the focus; the panel has fewer than fifty things to stop at."""
    for _ in range(50):
        notebook.page.keyboard.press(key)
        if focused(notebook) == wanted:
            return
    pytest.fail(f"Tab does not lead to {wanted}")


def to_the_box(notebook: Notebook) -> None:
    notebook.select(1)
    notebook.page.locator(BOX).focus()


def ask(notebook: Notebook, text: str) -> None:
    """Type a question into the box that has the focus, and press Enter."""
    notebook.page.keyboard.type(text)
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_selector(ANSWERING)


def answered(notebook: Notebook) -> None:
    notebook.page.wait_for_function("selector => !document.querySelector(selector)", arg=ANSWERING)


def until(notebook: Notebook, side: int, text: str) -> None:
    notebook.page.wait_for_function(
        "([side, text]) => document.querySelectorAll('.byom-chat-side')[side]?.innerText.includes(text)",
        arg=[side, text],
    )


def sides(notebook: Notebook) -> list[str]:
    notebook.select(1)
    return [str(text) for text in notebook.page.locator(".byom-chat-side").all_inner_texts()]


def test_by_keyboard_alone_both_are_asked_one_is_stopped_and_the_question_is_asked_anew(notebook: Notebook) -> None:
    to_the_box(notebook)
    assert focused(notebook) == "Question"
    ask(notebook, "How does the with statement work?")
    until(notebook, 0, "context manager")
    tab_to(notebook, "Stop", "Shift+Tab")  # that of the second one
    tab_to(notebook, "Stop", "Shift+Tab")
    notebook.page.keyboard.press("Enter")
    until(notebook, 0, "CANCELLED")
    assert focused(notebook) == "Stop"
    answered(notebook)
    tab_to(notebook, "Edit")
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_function("document.activeElement?.value === 'How does the with statement work?'")
    notebook.page.keyboard.press("Control+a")
    ask(notebook, "How does the try statement work?")
    answered(notebook)
    for text in sides(notebook):
        assert "How does the try statement work?" in text
        assert "the with statement" not in text
        assert "1 turn and 1 replaced answer" in text


def test_a_question_that_comes_too_early_stays_in_the_box(notebook: Notebook) -> None:
    to_the_box(notebook)
    ask(notebook, "How does the class statement work?")
    notebook.page.wait_for_function("selector => document.querySelector(selector).value === ''", arg=BOX)
    notebook.page.keyboard.type("too early")
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_function("document.querySelector('.byom-chat').innerText.includes('stays in the box')")
    assert notebook.page.locator(BOX).input_value() == "too early"
    tab_to(notebook, "Stop all")
    notebook.page.keyboard.press("Enter")
    answered(notebook)
    notebook.page.locator(BOX).fill("")


def test_an_answer_is_adopted_and_its_source_can_be_selected_whole(notebook: Notebook) -> None:
    to_the_box(notebook)
    tab_to(notebook, "Copy", "Shift+Tab")
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_function("document.activeElement?.tagName === 'TEXTAREA'")
    notebook.page.keyboard.press("Control+a")
    assert notebook.page.evaluate(
        "() => { const box = document.activeElement; return box.selectionEnd - box.selectionStart === box.value.length; }"
    )
    first_side = notebook.page.locator(".byom-chat-side").first
    first_side.get_by_role("button", name="Adopt").first.focus()
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_function("document.activeElement?.value === 'answer'")
    notebook.page.keyboard.press("Enter")
    until(notebook, 0, "answer is the reply now")
    notebook.run(4)
    assert "demo/pydoc *Built-in demo" in notebook.shown(4)


def test_a_cell_goes_on_with_it_and_its_turn_appears_in_the_panel(notebook: Notebook) -> None:
    notebook.run(2)
    notebook.select(1)
    until(notebook, 0, "How does the while statement work?")
    assert "the while statement" not in sides(notebook)[1]


def test_stop_is_heard_while_a_cell_runs(notebook: Notebook) -> None:
    to_the_box(notebook)
    ask(notebook, "How does the for statement work?")
    notebook.start(3)
    notebook.select(1)
    notebook.page.wait_for_function(
        "jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status === 'busy'"
    )
    notebook.page.locator(ANSWERING).first.click()
    until(notebook, 0, "CANCELLED")
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.interrupt()")
    notebook.ended(3)
    notebook.select(1)
    answered(notebook)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_all_text_stands_out_in_both_themes(notebook: Notebook, theme: str) -> None:
    notebook.select(1)
    notebook.theme(theme)
    to_the_box(notebook)
    ask(notebook, "How does the class statement work?")
    until(notebook, 0, "class")
    contrasts = notebook.area(1).evaluate(CONTRASTS)
    worst = min(contrasts, key=lambda each: each["contrast"])
    tab_to(notebook, "Stop all")
    notebook.page.keyboard.press("Enter")
    answered(notebook)
    assert worst["contrast"] >= 4.5, worst


def test_everything_that_takes_the_focus_has_a_name(notebook: Notebook) -> None:
    notebook.select(1)
    nameless = notebook.page.evaluate(
        """() => [...document.querySelectorAll('.byom-chat :is(button, input, select, textarea)')]
          .filter(element => element.checkVisibility())
          .filter(element => !(element.labels?.[0]?.innerText.trim() || element.innerText.trim()))
          .map(element => element.outerHTML.slice(0, 100))"""
    )
    assert nameless == []


def test_narrow_pages_have_the_sides_below_one_another_and_nothing_beyond_the_edge(notebook: Notebook) -> None:
    notebook.select(1)
    wide = [box["y"] for box in map(_place, notebook.page.locator(".byom-chat-side").all())]
    notebook.page.set_viewport_size({"width": 560, "height": 1000})
    notebook.page.wait_for_function(
        """() => {
          const [left, right] = document.querySelectorAll('.byom-chat-side');
          return right.getBoundingClientRect().top >= left.getBoundingClientRect().bottom;
        }"""
    )
    assert notebook.page.evaluate(
        "() => { const panel = document.querySelector('.byom-chat'); return panel.scrollWidth <= panel.clientWidth + 1; }"
    )
    notebook.page.set_viewport_size({"width": 1150, "height": 1000})
    assert wide[0] == wide[1]


def test_after_a_reload_the_panel_is_there_and_goes_on(notebook: Notebook) -> None:
    notebook.save()
    notebook.open()
    notebook.select(1)
    notebook.page.wait_for_selector(BOX)
    until(notebook, 0, "How does the try statement work?")
    to_the_box(notebook)
    ask(notebook, "How does the if statement work?")
    answered(notebook)
    until(notebook, 0, "The if statement is used for conditional execution")


def test_closing_leaves_the_transcript_in_the_file(notebook: Notebook) -> None:
    notebook.run(1)  # a panel of this page
    notebook.page.wait_for_selector(BOX)
    notebook.page.get_by_role("button", name="Close and keep the transcript").click()
    notebook.until_shown(1, "The chat is closed")
    notebook.save()
    closed, transcript = notebook.saved().cells[1].outputs
    assert "application/vnd.jupyter.widget-view+json" not in closed.data
    for text in ("How does the try statement work?", "How does the if statement work?", "demo/bigram"):
        assert text in transcript.data["text/html"]
        assert text in transcript.data["text/plain"]
    assert not notebook.foreign


def _place(locator: object) -> dict[str, float]:
    place: dict[str, float] = locator.bounding_box()  # type: ignore[attr-defined]
    return place

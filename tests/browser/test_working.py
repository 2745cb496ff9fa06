"""Cells that do real work, as a person sees them: tools, leave, async tools, shapes, conversations, reasoning, new cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.jupyterlab import DARK, LIGHT

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

DEFINED = '''
%load_ext byom_magics
import asyncio, time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

def get_weather(city: str) -> dict:
    """The weather in a city."""
    while not Path("gate").exists():
        time.sleep(0.02)
    print("looked at", city)
    return {"city": city, "degrees": 3, "sky": "rain"}

@dataclass
class Topic:
    """A topic of the Python reference."""

    title: str
    summary: str
    keywords: list[str]
    difficulty: Literal["easy", "medium", "hard"]
'''
MADE = '''
lock, ready, notes = asyncio.Lock(), asyncio.Event(), []
async def warm():
    await asyncio.sleep(0)
    return 700_000
warming = asyncio.create_task(warm())
async with lock:
    await asyncio.sleep(0)
asyncio.get_running_loop().call_later(1, ready.set)

async def population(city: str) -> int:
    """How many people live in a city."""
    try:
        async with lock:
            asyncio.get_running_loop().call_soon(print, "it waits")  # it does by then
            await ready.wait()
            return await warming
    except asyncio.CancelledError:
        notes.append("cancelled")
        raise
'''
RESULTS = "print([(each.outcome, each.text) for each in _byom.tool_results])"


def put(notebook: Notebook, cell: int, text: str) -> None:
    notebook.page.evaluate(
        "([cell, text]) => jupyterapp.shell.currentWidget.content.model.cells.get(cell).sharedModel.setSource(text)",
        [cell, text],
    )


def answer(notebook: Notebook, question: str, reply: str) -> None:
    """Answer the question that the notebook asks now; its box is at hand."""
    box = notebook.page.locator(".jp-Stdin", has_text=question).locator("input.jp-Stdin-input")
    box.wait_for()
    notebook.page.wait_for_function("document.activeElement.classList.contains('jp-Stdin-input')")
    notebook.page.keyboard.type(reply)
    notebook.page.keyboard.press("Enter")


def saved_forms(notebook: Notebook, cell: int) -> list[dict[str, Any]]:
    """The data of what a cell displays, in the file."""
    notebook.save()
    outputs = notebook.saved().cells[cell].outputs
    return [dict(output.data) for output in outputs if output.output_type == "display_data"]


def test_a_tool_is_shown_before_it_runs_and_folded_when_it_has(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        [
            DEFINED,
            "%%byom demo/pydoc --tools get_weather --allow get_weather\nWhat is the weather in Oslo?",
            "%%byom demo/pydoc --tools get_weather -o tokens_per_second=0\nWhat is the weather in Oslo and in Rome?",
            RESULTS,
        ]
    )
    notebook.run(0)
    notebook.start(1)
    notebook.until_shown(1, 'get_weather(city="Oslo")')
    assert "degrees" not in notebook.shown(1)
    notebook.path.with_name("gate").touch()
    notebook.ended(1)
    area = notebook.area(1)
    assert 'get_weather(city="Oslo") →' in area.locator("summary").first.inner_text()
    assert not area.locator("pre", has_text='city = "Oslo"').is_visible()
    area.locator("summary").first.click()
    assert area.locator("pre", has_text='city = "Oslo"').is_visible()
    shown = area.inner_text()
    assert shown.index("looked at Oslo") < shown.index("for Oslo says") < shown.index("complete")
    for theme in (DARK, LIGHT):
        notebook.theme(theme)
        assert notebook.area(1).locator("summary").first.is_visible()

    notebook.start(2)
    answer(notebook, 'Run get_weather(city="Oslo")', "y")
    answer(notebook, 'Run get_weather(city="Rome")', "n")
    notebook.ended(2)
    asked = notebook.shown(2)
    assert "refused" in asked
    assert "looked at Rome" not in asked
    assert asked.index("looked at Oslo") < asked.index("did not allow") < asked.index("complete")
    notebook.run(3)
    assert "'refused'" in notebook.shown(3)

    for form in saved_forms(notebook, 1) + saved_forms(notebook, 2):
        assert set(form) == {"text/html", "text/plain"}
        assert "<script" not in form["text/html"]
    notebook.open(wait_for_kernel=False)
    assert "for Oslo says" in notebook.shown(1)
    assert "looked at Oslo" in notebook.shown(1)
    notebook.path.with_name("gate").unlink()
    assert not notebook.foreign


def test_an_async_tool_lives_on_the_kernel_s_loop_and_can_be_stopped(open_notebook: Callable[..., Notebook]) -> None:
    ask = "%%byom demo/pydoc --tools population --allow all\nWhat is the population of Rome and of Oslo?"
    notebook = open_notebook([DEFINED, MADE, ask, "await asyncio.sleep(0.01); print('went on')", RESULTS, ""])
    notebook.command("notebook:run-all-cells")
    notebook.ended(4)
    assert "for Rome says: 700000" in notebook.shown(2)
    assert notebook.shown(3) == "went on\n"
    assert "('done', '700000'), ('done', '700000')" in notebook.shown(4)

    put(notebook, 5, "ready.clear()")
    notebook.run(5)
    before = notebook.count(2)
    notebook.start(2)
    notebook.until_shown(2, 'population(city="Rome") · 1 of 2')
    notebook.until_shown(2, "it waits")
    notebook.press_stop()
    notebook.ended(2, before)
    stopped = notebook.shown(2)
    assert "interrupted" in stopped
    assert "not begun" in stopped
    assert "CANCELLED" in stopped
    assert "Traceback" not in stopped
    notebook.run(3)
    assert notebook.shown(3) == "went on\n"
    notebook.run(4)
    assert "('interrupted', " in notebook.shown(4)
    assert "('left', " in notebook.shown(4)
    put(notebook, 5, "print(notes, lock.locked())")
    notebook.run(5)
    assert notebook.shown(5) == "['cancelled'] False\n"
    assert not notebook.foreign


def test_a_shape_is_a_tree_from_the_first_word_on(open_notebook: Callable[..., Notebook]) -> None:
    one = "%%byom demo/pydoc --schema Topic -o tokens_per_second=60\nHow does the with statement work?"
    many = "%%byom demo/pydoc --schema list[Topic] -o tokens_per_second=200\nHow does the with statement work?"
    notebook = open_notebook([DEFINED, one, many, "_byom.parsed[0].keywords"])
    notebook.run(0)
    notebook.watch(1)
    notebook.run(1)
    states = [entry["text"] for entry in notebook.seen()["texts"]]
    assert len({text for text in states if "summary" in text}) >= 5
    assert not [text for text in states if "{" in text or '"' in text]
    assert "difficulty:" in notebook.shown(1)
    notebook.watch(2)
    notebook.run(2)
    assert not [entry["text"] for entry in notebook.seen()["texts"] if "{" in entry["text"]]
    table = notebook.area(2).locator("table")
    assert "difficulty" in table.locator("thead").inner_text()
    assert table.locator("tbody tr").count() >= 1
    notebook.run(3)
    assert notebook.shown(3).endswith("]")
    [form] = saved_forms(notebook, 1)
    assert set(form) == {"text/html", "text/plain"}
    assert not notebook.foreign


def test_turns_of_cells_reasoning_and_a_new_cell(open_notebook: Callable[..., Notebook]) -> None:
    fast = "-o tokens_per_second=0"
    notebook = open_notebook(
        [
            DEFINED,
            f"%%byom demo/pydoc -c lesson {fast}\nWhat is a decorator?",
            f"%%byom demo/pydoc -c lesson {fast}\nWhat is a generator?",
            "%byom_history lesson",
            f"%%byom demo/pydoc --to-cell {fast}\nHow does the with statement work?",
            "'the last cell'",
        ]
    )
    for cell in (0, 1):
        notebook.run(cell)
    put(notebook, 1, f"%%byom demo/pydoc -c lesson {fast}\nWhat is a slice?")
    notebook.run(1)
    notebook.run(3)
    assert "· 1 turn ·" in notebook.shown(3)
    assert "What is a slice?" in notebook.shown(3)
    assert "What is a decorator?" not in notebook.shown(3)
    notebook.run(2)
    notebook.run(2)
    notebook.run(3)
    assert "· 2 turns ·" in notebook.shown(3)

    notebook.run(4)
    notebook.page.wait_for_function("jupyterapp.shell.currentWidget.content.model.cells.length === 7")
    assert "with" in notebook.source(5)
    assert "```" not in notebook.source(5)
    assert notebook.count(5) is None
    assert notebook.source(6) == "'the last cell'"

    put(notebook, 6, "%%byom demo/pydoc --reasoning high -o tokens_per_second=300\nHow do `is` and `==` differ?")
    notebook.start(6)
    notebook.until_shown(6, "Thinking…")
    notebook.ended(6)
    fold = notebook.area(6).locator("details").first
    assert fold.get_attribute("open") is None
    assert "Reasoning" in fold.locator("summary").inner_text()
    assert "tokens" in fold.locator("summary").inner_text()
    assert "Thinking…" not in notebook.shown(6)
    [form] = saved_forms(notebook, 6)
    assert "<details" in form["text/html"]
    assert not notebook.foreign

"""A comparison in a page: columns that move, one that is stopped, a vote by keyboard, and what is left in the file."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.jupyterlab import DARK, LIGHT
from tests.wire.answers import CHUNKED, DONE, LAST, chunk, frame
from tests.wire.raw_server import Peer, RawServer

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

WORDS = 400
# What a page has to see of every column before the quickest of them may end.
COLUMN = ".byom-compare-column"


class Paced:
    """A server whose answer comes word by word, for as long as it is asked to go on."""

    def __init__(self, name: str, every_s: float) -> None:
        self.name = name
        self.end = threading.Event()
        self._every_s = every_s
        self.server = RawServer([self._answer])

    def _answer(self, peer: Peer) -> None:
        peer.send(CHUNKED)
        for number in range(WORDS):
            peer.send(frame(chunk(f"{self.name}{number} ")))
            if self.end.is_set() or peer.peer_gone(self._every_s):
                break
        peer.send(frame(chunk(finish="stop") + DONE) + LAST)


@pytest.fixture(scope="module")
def paced() -> Iterator[list[Paced]]:
    made = [Paced("quick", 0.02), Paced("middling", 0.06), Paced("slow", 0.15)]
    yield made
    for each in made:
        each.end.set()
        each.server.close()


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook], paced: list[Paced]) -> Notebook:
    register = "\n".join(f"%byom_register {each.name} --url {each.server.url} --model m" for each in paced)
    notebook = open_notebook(
        [
            f"%load_ext byom_magics\n{register}",
            "%%byom_compare quick middling slow\nSay words.",
            "%byom_compare --last --quiet --out replies\n[reply.state_text for reply in replies]",
            "%%byom_compare demo/bigram demo/5gram --blind --max-tokens 30\nThe interpreter",
            "%byom_leaderboard",
            "%%byom_compare demo/bigram demo/5gram --background --max-tokens 100\nThe interpreter",
            "%%byom_compare demo/bigram demo/5gram demo/pydoc --max-tokens 40\nThe with statement",
            "print(answer.model, len(answer.text) > 0)",
            "%byom_compare --last",
        ]
    )
    notebook.run(0)
    return notebook


def words_in(notebook: Notebook) -> list[int]:
    """How many words of each column are seen."""
    counts: list[int] = notebook.page.evaluate(
        """names => names.map(name => {
          const column = [...document.querySelectorAll('.byom-compare-column')].find(c => c.innerText.includes(name));
          return column ? (column.innerText.match(new RegExp(name + '[0-9]+', 'g')) || []).length : 0; })""",
        ["quick", "middling", "slow"],
    )
    return counts


def until_words(notebook: Notebook, column: int, count: int) -> None:
    notebook.page.wait_for_function(
        """([place, count]) => {
          const column = document.querySelectorAll('.byom-compare-column')[place];
          return column && (column.innerText.match(/(quick|middling|slow)[0-9]+/g) || []).length >= count; }""",
        arg=[column, count],
    )


def test_three_columns_move_each_at_its_own_pace_and_one_is_stopped_alone(
    notebook: Notebook, paced: list[Paced]
) -> None:
    notebook.start(1)
    for column in range(3):
        until_words(notebook, column, 3)
    first = words_in(notebook)
    for column in range(3):
        until_words(notebook, column, first[column] + 2)
    quick, middling, slow = words_in(notebook)
    assert quick > middling > slow > 0
    # The kernel is busy with this very cell.
    notebook.page.locator("button:has-text('Stop middling')").click()
    clicked = time.monotonic()
    hang_up = paced[1].server.wait_for_hang_up()
    assert hang_up.at - clicked < 3  # generously: the figure itself is measured, and stands in the notes
    before = words_in(notebook)
    until_words(notebook, 0, before[0] + 3)
    until_words(notebook, 2, before[2] + 2)
    for each in paced:
        each.end.set()
    notebook.ended(1)
    notebook.run(2)
    assert json.loads(notebook.shown(2).split("\n")[-1].replace("'", '"')) == ["complete", "cancelled", "complete"]


def test_what_came_is_in_the_file_without_widgets(notebook: Notebook) -> None:
    shown = notebook.shown(1)
    for word in ("quick0", "middling0", "slow0", "complete", "cancelled"):
        assert word in shown
    notebook.save()
    first = notebook.saved().cells[1].outputs[0]
    assert set(first.data) == {"text/html", "text/plain"}
    for word in ("quick0", "middling0", "slow0"):
        assert word in first.data["text/html"]
        assert word in first.data["text/plain"]


def test_a_blind_vote_is_given_by_keyboard_and_tells_the_names_then(notebook: Notebook) -> None:
    notebook.run(3)
    notebook.select(3)
    shown = notebook.shown(3)
    assert "demo/" not in shown
    page = notebook.page
    first = page.locator("button:has-text('A is better')")
    first.wait_for()
    notebook.select(3)
    # From the note of the cell, Tab leads to the first button, and further Tabs to the next ones.
    first.focus()
    page.keyboard.press("Tab")
    assert "B is better" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('.byom-compare-strip')?.innerText.includes('is better')")
    notebook.page.wait_for_function(
        "[...document.querySelectorAll('.jp-OutputArea')].some(area => area.innerText.includes('B: demo/'))"
    )
    after = notebook.shown(3)
    assert "A: demo/" in after
    assert "voted best" in after
    notebook.run(4)
    assert "demo/5gram" in notebook.shown(4)


def test_in_the_background_the_cell_ends_at_once_and_its_output_goes_on(notebook: Notebook) -> None:
    notebook.run(5)
    notebook.page.wait_for_function(
        "[...document.querySelectorAll('.byom-compare-column')].some(column => column.innerText.includes('Stop'))"
    )
    notebook.until_shown(5, "tokens in")
    notebook.save()
    assert "widget-view" not in json.dumps(notebook.saved().cells[5].outputs[0].data)


def test_an_answer_is_compared_and_adopted_with_a_click(notebook: Notebook) -> None:
    notebook.run(6)
    notebook.select(6)
    area = notebook.page.locator('.jp-Notebook .jp-Cell[data-windowed-list-index="6"]')
    area.locator("select").first.select_option(label="2. demo/5gram")
    area.locator("ins").first.wait_for()
    area.locator("select").nth(1).select_option(label="3. demo/pydoc")
    area.locator("button:has-text('into the variable')").click()
    notebook.until_shown(6, "is in answer")
    notebook.run(7)
    assert notebook.shown(7).strip() == "demo/pydoc True"
    area.locator("button:has-text('into the conversation')").click()
    notebook.until_shown(6, "goes on from this answer")


def test_narrow_pages_wrap_the_columns_and_both_themes_can_be_read(notebook: Notebook) -> None:
    notebook.select(6)
    page = notebook.page
    size: Any = page.viewport_size
    section = '.jp-Cell[data-windowed-list-index="6"] section'
    try:
        page.set_viewport_size({"width": 600, "height": 1000})
        notebook.select(6)
        page.wait_for_function(
            f"""() => {{ const all = [...document.querySelectorAll('{section}')].map(s => s.getBoundingClientRect());
            return all.length === 3 && all[2].top > all[0].top && all.every(box => box.right <= innerWidth); }}"""
        )
    finally:
        page.set_viewport_size(size)
    for theme in (DARK, LIGHT):
        notebook.theme(theme)
        notebook.select(6)
        colours = page.evaluate(
            f"""() => {{ const title = document.querySelector('{section} h4');
            let back = title; while (getComputedStyle(back).backgroundColor === 'rgba(0, 0, 0, 0)') back = back.parentElement;
            return [getComputedStyle(title).color, getComputedStyle(back).backgroundColor]; }}"""
        )
        assert contrast(*colours) >= 4.5


def test_after_reloading_the_page_everything_is_there(notebook: Notebook) -> None:
    notebook.save()
    notebook.open()
    assert "quick0" in notebook.shown(1)
    assert "voted best" in notebook.shown(3)
    notebook.run(8)
    assert "The with statement" in notebook.shown(8)
    notebook.select(6)
    area = notebook.page.locator('.jp-Notebook .jp-Cell[data-windowed-list-index="6"]')
    area.locator("select").first.select_option(label="1. demo/bigram")
    area.locator("ins").first.wait_for()
    assert not notebook.foreign


def test_after_reloading_the_page_in_mid_run_the_cell_and_last_show_all_that_came(
    notebook: Notebook, paced: list[Paced]
) -> None:
    for each in paced:
        each.end.clear()
    notebook.start(1)
    until_words(notebook, 2, 2)
    notebook.save()
    notebook.open(wait_for_kernel=False)
    for each in paced:
        each.end.set()
    notebook.select(1)
    notebook.until_shown(1, "Differences from")
    notebook.until_shown(1, "slow1")
    notebook.run(8)
    for cell in (1, 8):
        assert all(word in notebook.shown(cell) for word in ("quick1", "middling1", "slow1", "complete"))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)

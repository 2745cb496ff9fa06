"""The model picker in a page: searched, filtered and used by keyboard, and what is left of it in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.jupyterlab import DARK, LIGHT, PATIENCE_S

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

MANY = """
import byom_magics as byom
at = {"url": "https://llm.example/v1", "api_key": "env:TEAM_KEY"}
for number in range(2000):
    byom.register(
        f"team/model-{number}", model=f"m{number}", endpoint="team", **(at if number == 0 else {}),
        price_out=number % 50 or None, context_window=1000 * (number % 9 + 1),
        capabilities={"tools": number % 2 == 0 or None}, tags=["even" if number % 2 == 0 else "odd"],
    )
"""

SET, PICKER, LATER, DEFAULT, DRY, ASK, BUSY, WHAT = range(8)
CELLS = [
    f"%load_ext byom_magics\n{MANY}",
    "%byom_picker",
    "%byom_register later --url http://localhost:1/v1 --model m",
    "%byom_default",
    "%%byom --dry-run\nhi",
    "%%byom demo/bigram --max-tokens 5\nHow does the with statement work?",
    f"""
import time
end = time.monotonic() + {PATIENCE_S - 10}
byom.models.set_default("demo/pydoc")
while byom.models.default != "demo/bigram" and time.monotonic() < end:
    time.sleep(0.05)
print(byom.models.default)""",
    "print(_byom.model)",
]

# How well a person can tell a control's words from what is behind them (WCAG 2, 1.4.3).
CONTRAST = """
() => {
  const parse = text => { const c = text.match(/[\\d.]+/g).map(Number); return [c[0], c[1], c[2], c[3] ?? 1]; };
  const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3])).concat(1);
  const behind = element => {
    let colours = [];
    for (let at = element; at; at = at.parentElement) colours.push(parse(getComputedStyle(at).backgroundColor));
    return colours.reverse().reduce((below, above) => over(above, below), [255, 255, 255, 1]);
  };
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const seen = [...document.querySelectorAll(
    '.byom-picker button:not(:disabled), .byom-picker label, .byom-picker [role=status] div, .byom-picker td, .byom-picker th')];
  return seen.filter(e => e.checkVisibility() && e.innerText.trim()).map(e => {
    const back = behind(e);
    let opacity = 1;
    for (let at = e; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const front = parse(getComputedStyle(e).color);
    const [a, b] = [light(over([...front.slice(0, 3), front[3] * opacity], back)), light(back)];
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.innerText.slice(0, 40)];
  }).sort((a, b) => a[0] - b[0]);
}
"""

# Controls without words that say what they are for.
NAMELESS = """
() => [...document.querySelectorAll('.byom-picker input, .byom-picker select, .byom-picker textarea, .byom-picker button')]
  .filter(e => e.checkVisibility())
  .filter(e => !(e.labels?.length && [...e.labels].some(l => l.innerText.trim())) && !e.innerText.trim()
    && !e.getAttribute('aria-label'))
  .map(e => e.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(CELLS)
    for cell in (SET, PICKER):
        notebook.run(cell)
    notebook.page.wait_for_selector(".byom-picker select[size] option")
    return notebook


def options(notebook: Notebook) -> list[str]:
    return [text.strip() for text in notebook.page.locator(".byom-picker select[size] option").all_inner_texts()]


def until_options(notebook: Notebook, holds: str) -> None:
    notebook.page.wait_for_function(
        f"""() => {{ const all = [...document.querySelectorAll('.byom-picker select[size] option')].map(o => o.innerText.replaceAll('\u00a0', ' '));
          return {holds}; }}"""
    )


def until_told(notebook: Notebook, text: str) -> None:
    notebook.page.wait_for_function(
        "text => document.querySelector('.byom-picker')?.innerText.includes(text)", arg=text
    )


def field(notebook: Notebook, label: str) -> Any:
    return notebook.page.locator(".byom-picker").get_by_label(label, exact=True)


def press(notebook: Notebook, words: str) -> None:
    notebook.page.locator(".byom-picker").get_by_role("button", name=words, exact=True).click()


def search(notebook: Notebook, text: str) -> None:
    box = field(notebook, "Search")
    box.click()
    box.press("Control+a")
    if text:
        box.press_sequentially(text)
    else:
        box.press("Delete")


def focused(notebook: Notebook) -> str:
    """The words of the control that has the focus."""
    words: str = notebook.page.evaluate(
        "() => { const e = document.activeElement; return (e.labels?.[0]?.innerText || e.innerText || '').trim(); }"
    )
    return words


def tab_to(notebook: Notebook, words: str) -> list[str]:
    """Press Tab until the control with these words has the focus; those on the way."""
    on_the_way: list[str] = []
    for _ in range(40):
        notebook.page.keyboard.press("Tab")
        on_the_way.append(focused(notebook))
        if on_the_way[-1] == words:
            return on_the_way
    raise AssertionError(on_the_way)


def test_typing_narrows_the_list_and_a_click_chooses_the_default(notebook: Notebook) -> None:
    notebook.select(PICKER)
    assert len(options(notebook)) >= 100
    search(notebook, "model-29")
    until_options(notebook, "all.length === 11")
    search(notebook, "bigram")
    until_options(notebook, "all.length === 1 && all[0].includes('demo/bigram')")
    field(notebook, "Models").select_option(index=0)
    until_told(notebook, "now asks demo/bigram")
    notebook.run(DEFAULT)
    assert "demo/bigram" in notebook.shown(DEFAULT)
    notebook.run(DRY)
    assert '"model": "demo/bigram"' in notebook.shown(DRY)


def test_two_thousand_models_are_filtered_and_sorted(notebook: Notebook) -> None:
    notebook.select(PICKER)
    search(notebook, "")
    press(notebook, "Show filters")
    field(notebook, "tools").check()
    field(notebook, "cloud").check()
    until_told(notebook, "Filters on: tools, cloud.")
    field(notebook, "Price up to").fill("4")
    field(notebook, "Context from").fill("9k")
    until_told(notebook, "at least 9,000 tokens of context")
    until_options(notebook, "all.length === 9 && all[0].includes('team/model-152')")
    until_told(notebook, "Left out because nobody said: tools (")
    field(notebook, "Sort by").select_option("price")
    until_options(notebook, "all.length === 9 && all[0].includes('2 USD') && all[8].includes('4 USD')")
    field(notebook, "Price up to").fill("cheap")
    until_told(notebook, "The price cannot be 'cheap'.")
    press(notebook, "Clear filters")
    until_told(notebook, "200 shown, and 1,803 more")
    press(notebook, "Hide filters")
    field(notebook, "Price up to").wait_for(state="detached")


def test_it_is_used_by_keyboard_alone(notebook: Notebook) -> None:
    keyboard = notebook.page.keyboard
    notebook.select(PICKER)
    field(notebook, "Search").focus()
    keyboard.press("Control+a")
    keyboard.type("demo/")
    until_options(notebook, "all.length === 3")
    keyboard.press("Enter")
    until_told(notebook, "now asks demo/pydoc")
    keyboard.press("Enter")
    until_told(notebook, "now asks demo/bigram")
    tab_to(notebook, "Show filters")
    keyboard.press("Enter")
    until_told(notebook, "Can do:")
    assert focused(notebook) == "Hide filters"
    on_the_way = tab_to(notebook, "favourites only")
    assert on_the_way[0] == "tools"
    assert "cloud" in on_the_way
    tab_to(notebook, "Sort by")
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    until_options(notebook, "all.length === 3 && all[0].includes('demo/5gram')")
    tab_to(notebook, "Clear filters")
    keyboard.press("Space")
    until_options(notebook, "all.length === 3 && all[0].includes('demo/pydoc')")
    tab_to(notebook, "Models")
    keyboard.press("End")
    until_told(notebook, "now asks demo/5gram")
    tab_to(notebook, "Add to favourites")
    keyboard.press("Space")
    until_options(notebook, "all.some(line => line.includes('demo/5gram ★'))")
    assert focused(notebook) == "Remove favourite"
    tab_to(notebook, "Set parameters")
    keyboard.press("Enter")
    until_told(notebook, "Nothing is set")
    tab_to(notebook, "Temperature")
    keyboard.type("0.2")
    until_told(notebook, "asks with temperature 0.2")
    assert len(notebook.saved().cells) == len(CELLS)
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    notebook.run(DRY)
    assert "temperature 0.2, from the picker" in notebook.shown(DRY)
    assert '"temperature": 0.2' in notebook.shown(DRY)
    notebook.select(PICKER)
    press(notebook, "Reset parameters")
    until_told(notebook, "Nothing is set")
    press(notebook, "Hide parameters")
    press(notebook, "Hide filters")


def test_a_model_is_tested_and_asked_the_same_below_the_list(notebook: Notebook) -> None:
    notebook.run(ASK)
    notebook.select(PICKER)
    search(notebook, "5gram")
    until_options(notebook, "all.length === 1")
    field(notebook, "Search").press("Enter")
    until_told(notebook, "now asks demo/5gram")
    press(notebook, "Test")
    until_told(notebook, "All is well: %%byom demo/5gram")
    press(notebook, "Ask it the same")
    until_told(notebook, "demo/5gram, asked the same: “How does the with statement work?”")
    until_told(notebook, "The reply is in _byom.")
    notebook.run(WHAT)
    assert notebook.shown(WHAT).strip() == "demo/5gram"
    notebook.select(PICKER)
    press(notebook, "Close the test")
    press(notebook, "Close the answer")
    notebook.page.wait_for_function("!document.querySelector('.byom-picker').innerText.includes('asked the same')")


def test_it_is_heard_while_a_cell_runs(notebook: Notebook) -> None:
    notebook.start(BUSY)
    notebook.select(PICKER)
    until_told(notebook, "now asks demo/pydoc")
    search(notebook, "bigram")
    until_options(notebook, "all.length === 1 && all[0].includes('demo/bigram')")
    field(notebook, "Search").press("Enter")
    notebook.ended(BUSY)
    assert notebook.shown(BUSY).strip() == "demo/bigram"


def test_a_model_is_registered_in_the_form_and_a_key_is_not_taken(notebook: Notebook) -> None:
    notebook.select(PICKER)
    press(notebook, "Register a model")
    field(notebook, "URL").fill("http://localhost:1/v1")
    field(notebook, "Call it").fill("formed")
    field(notebook, "API key from").fill("sk-abcdefghij0123456789")
    field(notebook, "API key from").press("Tab")
    until_told(notebook, "may be a key itself")
    assert "%byom_key set formed --url http://localhost:1/v1" in notebook.page.locator(".byom-picker").inner_text()
    assert field(notebook, "API key from").input_value() == ""
    field(notebook, "API key from").fill("env:NOT_SET")
    press(notebook, "Register")
    until_told(notebook, "Registered formed")
    press(notebook, "Hide the form")
    search(notebook, "formed")
    until_options(notebook, "all.length === 1 && all[0].includes('formed')")


def test_a_model_that_is_registered_in_another_cell_appears(notebook: Notebook) -> None:
    notebook.select(PICKER)
    search(notebook, "later")
    until_options(notebook, "all.length === 0")
    notebook.run(LATER)
    notebook.select(PICKER)
    until_options(notebook, "all.length === 1 && all[0].includes('later')")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_everything_has_words_that_can_be_read(notebook: Notebook, theme: str) -> None:
    notebook.theme(theme)
    notebook.select(PICKER)
    search(notebook, "")
    for words in ("Show filters", "Set parameters", "Register a model"):
        press(notebook, words)
    for label in ("tools", "System", "URL"):
        field(notebook, label).wait_for()
    assert notebook.page.evaluate(NAMELESS) == []
    worst = notebook.page.evaluate(CONTRAST)
    assert len(worst) > 30
    assert worst[0][0] >= 4.5, worst[:5]
    for words in ("Hide filters", "Hide parameters", "Hide the form"):
        press(notebook, words)


def test_the_file_has_a_table_for_readers_without_a_kernel(notebook: Notebook) -> None:
    notebook.save()
    [output] = notebook.saved().cells[PICKER].outputs
    assert "demo/pydoc" in output.data["text/plain"]
    assert "<table" in output.data["text/html"]
    assert "sk-abc" not in notebook.path.read_text(encoding="utf-8")
    assert not notebook.foreign

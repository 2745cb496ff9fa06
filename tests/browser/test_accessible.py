"""What a screen reader is told, what the keyboard reaches, and what stands out, in a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.jupyterlab import DARK, LIGHT

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

SET, CHAT, CELL, PICKER, COMPARE = range(5)
CELLS = [
    "%load_ext byom_magics",
    "%byom_chat demo/pydoc demo/bigram",
    "%%byom demo/pydoc -o tokens_per_second=0\nHow does the with statement work?",
    "%byom_default demo/bigram\n%byom_picker",
    "%%byom_compare demo/bigram demo/5gram --max-tokens 20\nThe interpreter",
]
ANSWERING = ".byom-chat .mod-danger"

# Whatever a live region is given: a screen reader says each of these once.
LISTEN = """
() => {
  window.byomHeard = [];
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => {
    if (node.nodeType !== 1) return;
    const around = change.target.closest('[aria-live]');
    const found = around ? [around] : [node, ...node.querySelectorAll('*')].filter(each => each.matches('[aria-live]'));
    found.filter(each => each.innerText.trim()).forEach(each => byomHeard.push(each.innerText));
  }))).observe(document.body, {childList: true, subtree: true});
}
"""

# How well frames of fields and of what has the focus stand out from what is behind them (WCAG 2, 1.4.11).
FRAMES = """
async roots => {
  const parse = text => { const c = text.match(/[\\d.]+/g).map(Number); return [c[0], c[1], c[2], c[3] ?? 1]; };
  const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3])).concat(1);
  const behind = element => {
    const colours = [];
    for (let at = element; at; at = at.parentElement) colours.push(parse(getComputedStyle(at).backgroundColor));
    return colours.reverse().reduce((below, above) => over(above, below), [255, 255, 255, 1]);
  };
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const contrast = (front, back) => {
    const [a, b] = [light(over(parse(front), back)), light(back)];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  };
  const found = [];
  for (const element of document.querySelectorAll(roots)) {
    if (!element.checkVisibility() || element.disabled) continue;
    const what = `${element.tagName} ${element.innerText?.slice(0, 30) || element.placeholder || ''}`;
    const back = behind(element.parentElement);
    if (element.matches('select, textarea, input:not([type=checkbox])'))
      found.push({what: `frame of ${what}`, contrast: contrast(getComputedStyle(element).borderTopColor, back)});
    element.focus({focusVisible: true});
    const style = getComputedStyle(element);
    const seen = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1 ? 1
      : contrast(style.outlineColor, back);
    found.push({what: `focus of ${what}`, contrast: seen});
  }
  return found.sort((a, b) => a.contrast - b.contrast);
}
"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(CELLS)
    for cell in range(len(CELLS)):
        notebook.run(cell)
    return notebook


def box(notebook: Notebook) -> Any:
    notebook.select(CHAT)
    return notebook.page.locator(".byom-chat input[placeholder^=type]")


def tree(notebook: Notebook) -> list[dict[str, Any]]:
    """Chromium's accessibility tree: what a screen reader is given."""
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Accessibility.enable")
    found = []
    for node in session.send("Accessibility.getFullAXTree")["nodes"]:
        if not node["ignored"]:
            properties = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
            texts = {name: node.get(name, {}).get("value", "") for name in ("role", "name")}
            found.append({**texts, **properties})
    session.detach()
    return found


def test_an_answer_is_told_sentence_by_sentence_in_one_polite_region_for_each_side(notebook: Notebook) -> None:
    page = notebook.page
    box(notebook).fill("How does the with statement work?")
    page.evaluate(LISTEN)
    box(notebook).press("Enter")
    page.wait_for_function("document.querySelector('.byom-chat [aria-busy=true]')?.innerText.includes('with_stmt')")
    nodes = tree(notebook)
    regions = {node["name"]: node for node in nodes if node["role"] == "log"}
    assert regions.keys() == {f"{name}: the answer as it comes" for name in ("demo/pydoc", "demo/bigram")}
    assert all(node["live"] == "polite" and not node.get("busy") for node in regions.values())
    assert any(node.get("busy") and not node.get("live") for node in nodes)
    page.wait_for_function("selector => !document.querySelector(selector)", arg=ANSWERING)
    page.wait_for_function("byomHeard.some(text => text.includes('and more'))")
    heard = [text for text in page.evaluate("byomHeard") if text.startswith("demo/pydoc: ")]
    assert len(heard) > 5
    for once in ("is used to wrap the execution", "The suite is executed.", "and more"):
        assert sum(once in text for text in heard) == 1, once
    assert max(map(len, heard)) < 1_000


@pytest.mark.parametrize("cell", [CHAT, CELL])
def test_tab_leads_to_code_that_scrolls(notebook: Notebook, cell: int) -> None:
    code = notebook.area(cell).locator("pre[tabindex='0']").first
    assert (code.get_attribute("role"), code.get_attribute("aria-label")) == ("group", "code")
    code.focus()
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Shift+Tab")
    assert notebook.page.evaluate("document.activeElement.tagName") == "PRE"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("cell", "panel"), [(CHAT, "chat"), (PICKER, "picker"), (COMPARE, "compare-strip")])
def test_fields_and_what_has_the_focus_stand_out(notebook: Notebook, theme: str, cell: int, panel: str) -> None:
    notebook.theme(theme)
    notebook.select(cell)
    notebook.page.locator(f".byom-{panel} button").first.wait_for()
    frames = notebook.page.evaluate(FRAMES, f".byom-{panel} :is(button, input, select, textarea)")
    assert len(frames) > 5
    assert frames[0]["contrast"] >= 3, frames[:5]


def press(notebook: Notebook, panel: str, words: str) -> None:
    button = notebook.page.locator(f".byom-{panel}").get_by_role("button", name=words, exact=True).last
    button.focus()
    notebook.page.keyboard.press("Enter")


def until_focused(notebook: Notebook, words: str) -> None:
    notebook.page.wait_for_function(
        """words => {
          const element = document.activeElement;
          return (element.labels?.[0]?.innerText || element.innerText || '').trim() === words;
        }""",
        arg=words,
    )


def test_what_goes_away_leaves_the_focus_to_what_comes_next(notebook: Notebook) -> None:
    box(notebook).fill("What is a name?")
    box(notebook).press("Enter")
    notebook.page.wait_for_selector(ANSWERING)
    press(notebook, "chat", "Stop all")
    notebook.page.wait_for_function("selector => !document.querySelector(selector)", arg=ANSWERING)
    press(notebook, "chat", "Edit")
    until_focused(notebook, "Question")
    press(notebook, "chat", "Leave it as it was")
    until_focused(notebook, "Question")
    press(notebook, "chat", "Again")
    until_focused(notebook, "Question")
    press(notebook, "chat", "Stop all")
    notebook.select(PICKER)
    press(notebook, "picker", "Test")
    press(notebook, "picker", "Close the test")
    until_focused(notebook, "Test")

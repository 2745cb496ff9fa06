"""
Make the pictures of the README and the notebooks, as JupyterLab shows them.

    python -m tests.browser.screenshot [NAME…]

``NAME`` is of ``quickstart``, ``compare``, ``vote`` and ``chat``; all if none is named. They go to ``notebooks/images``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.browser.jupyterlab import Notebook, browsing, served, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"
IMAGES = ROOT / "notebooks" / "images"
WIDTH = 1000
SCALE = 1.5
LOAD = "%load_ext byom_magics"


class Picture(NamedTuple):
    """What is photographed: the notebook, given as a file or as cells, how high the window is, and what is done."""

    notebook: Path | list[str]
    height: int
    take: Callable[[Notebook], None]


def quickstart(notebook: Notebook) -> None:
    """Run what comes before the first answer, and the answer itself."""
    first = next(number for number, cell in enumerate(notebook.saved().cells) if cell.source.startswith("%%byom"))
    for cell in range(first + 1):
        notebook.run(cell)
    to_the_top(notebook)


def compare(notebook: Notebook) -> None:
    """One model at three temperatures; the second time, since it has then read what it learns from."""
    notebook.run(0)
    notebook.run(1)
    notebook.run(1)
    notebook.until_shown(1, "Differences from")
    to_the_top(notebook)


def vote(notebook: Notebook) -> None:
    """Two answers without names, with the keyboard on a button."""
    notebook.run(0)
    notebook.run(1)
    notebook.until_shown(1, "Which answer is better?")
    to_the_top(notebook)
    notebook.page.get_by_role("button", name="A is better").focus()
    notebook.page.keyboard.press("Tab")


def chat(notebook: Notebook) -> None:
    """A question typed into the panel, and its answer."""
    notebook.run(0)
    notebook.run(1)
    box = notebook.page.get_by_label("Question").first
    box.fill("What does pass do?")
    box.press("Enter")
    notebook.until_shown(1, "complete")
    to_the_top(notebook)


SWEPT = """\
%%byom_compare demo/5gram --sweep temperature=0,0.7,1.4 --seed 1 --max-tokens 60 --stop .
A lambda expression is"""
BLIND = """\
%%byom_compare demo/bigram demo/5gram --blind -t 0.7 --seed 2 --max-tokens 60
A function is"""

PICTURES = {
    "quickstart": Picture(QUICKSTART, 820, quickstart),
    "compare": Picture([LOAD, SWEPT], 860, compare),
    "vote": Picture([LOAD, BLIND], 715, vote),
    "chat": Picture([LOAD, "%byom_chat demo/pydoc"], 850, chat),
}


def main() -> None:
    """Make the pictures that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshot", description="Make the pictures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}; all if none is named")
    names = parser.parse_args().names or list(PICTURES)
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        parser.error(f"there is no {unknown[0]}: choose from {', '.join(PICTURES)}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "notebooks"
        folder.mkdir()
        with served(folder) as address, browsing() as browser:
            for name in names:
                photograph(browser, address, folder, name)


def photograph(browser: Browser, address: str, folder: Path, name: str) -> None:
    """Do what a picture shows, and keep what a person sees then."""
    picture = PICTURES[name]
    file = folder / f"{name}.ipynb"
    if isinstance(picture.notebook, Path):
        shutil.copy(picture.notebook, file)
    else:
        write_notebook(file, picture.notebook)
    context = browser.new_context(viewport={"width": WIDTH, "height": picture.height}, device_scale_factor=SCALE)
    notebook = Notebook(context.new_page(), address, folder, file.name)
    if notebook.page.locator(".jp-FileBrowser").is_visible():
        notebook.command("application:toggle-left-area")
    picture.take(notebook)
    notebook.page.mouse.move(0, 0)
    notebook.page.screenshot(path=IMAGES / f"{name}.png")
    notebook.close()


def to_the_top(notebook: Notebook) -> None:
    """Show the first cell, with the cursor nowhere."""
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.content.scrollToItem(0, 'start').then(() => 0)")
    notebook.page.evaluate("() => { document.activeElement?.blur(); return 0; }")


if __name__ == "__main__":
    main()

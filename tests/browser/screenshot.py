"""
Make the README's picture: the quickstart's first question in JupyterLab, answered.

    python -m tests.browser.screenshot [FILE]

``FILE`` is ``notebooks/images/quickstart.png`` if it is left out.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.browser.jupyterlab import Notebook, browsing, served

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"
PICTURE = ROOT / "notebooks" / "images" / "quickstart.png"
SIZE = {"width": 1000, "height": 820}
SCALE = 1.5


def main(picture: Path) -> None:
    """Run the first cells and photograph them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "notebooks"
        folder.mkdir()
        shutil.copy(QUICKSTART, folder)
        with served(folder) as address, browsing() as browser:
            context = browser.new_context(viewport=SIZE, device_scale_factor=SCALE)  # type: ignore[arg-type]
            notebook = Notebook(context.new_page(), address, folder, QUICKSTART.name)
            photograph(notebook, picture)
            notebook.close()


def photograph(notebook: Notebook, picture: Path) -> None:
    """Run what comes before the first answer and the answer itself, and keep what a person sees then."""
    first = next(number for number, cell in enumerate(notebook.saved().cells) if cell.source.startswith("%%byom"))
    if notebook.page.locator(".jp-FileBrowser").is_visible():
        notebook.command("application:toggle-left-area")
    for cell in range(first + 1):
        notebook.run(cell)
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.content.scrollToItem(0, 'start').then(() => 0)")
    notebook.page.evaluate("() => { document.activeElement?.blur(); return 0; }")
    picture.parent.mkdir(parents=True, exist_ok=True)
    notebook.page.screenshot(path=picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)

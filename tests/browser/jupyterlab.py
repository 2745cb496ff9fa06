"""JupyterLab and Notebook 7 in a real Chromium: a server, a browser, and a notebook as a person sees it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import nbformat

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE_S = 60
"""Seconds that anything here waits at most for what must come."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_APPS = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}
_PAGES = {"jupyterlab": "lab/tree", "notebook": "notebooks"}
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"

# What the page notes of one cell's output: each change of its text, and the moment when it was painted.
WATCH = """
cell => {
  const seen = window.byomSeen = {texts: [], most: 0};
  const note = () => {
    const area = document.querySelector(`.jp-Notebook .jp-Cell[data-windowed-list-index="${cell}"] .jp-OutputArea`);
    if (!area) return;
    seen.most = Math.max(seen.most, area.querySelectorAll('.jp-OutputArea-child').length);
    const text = area.innerText;
    const last = seen.texts[seen.texts.length - 1];
    if (last && last.text === text) return;
    const entry = {text, at: Date.now()};
    seen.texts.push(entry);
    requestAnimationFrame(() => setTimeout(() => { entry.painted = Date.now(); }, 0));
  };
  new MutationObserver(note).observe(document.querySelector('.jp-Notebook'),
                                     {childList: true, subtree: true, characterData: true});
}
"""


def chromium() -> str | None:
    """The path of a Chromium on this machine: ``BYOM_CHROMIUM``, or what is on the PATH."""
    named = os.environ.get("BYOM_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def served(folder: Path, program: str = "jupyterlab") -> Iterator[str]:
    """Serve a folder with JupyterLab, or with ``notebook``; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": str(folder),
        "IdentityProvider.token": "",
        "ServerApp.disable_check_xsrf": True,
        "ServerApp.open_browser": False,
        f"{_APPS[program]}.expose_app_in_browser": True,
        f"{_APPS[program]}.user_settings_dir": str(_settings(folder)),
        "LabApp.extension_manager": "readonly",
    }
    command = [
        sys.executable,
        "-m",
        program,
        "--allow-root",
        *(f"--{name}={value}" for name, value in options.items()),
    ]
    log = folder.parent / f"{folder.name}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONWARNINGS": ""}
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_server(server, f"{address}/api/status", log)
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _settings(folder: Path) -> Path:
    """Settings without JupyterLab's question about news, which would lie over the page."""
    settings = folder.parent / f"{folder.name}-settings"
    notification = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notification.parent.mkdir(parents=True)
    notification.write_text('{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8")
    return settings


def wait_for_server(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until something answers at an address; what the server wrote says why it does not."""
    end = time.monotonic() + PATIENCE_S
    while not _answers(address):
        running = server.poll() is None and time.monotonic() < end
        assert running, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.05)


def _answers(address: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=5):
            return True
    except (URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium without a window."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    assert path, "there is no Chromium on this machine"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """A notebook with these code cells."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, path)


class Notebook:
    """
    A notebook in a page of its own.

    Args:
        page: The page.
        address: The server.
        folder: What the server serves.
        name: The notebook's file in it.
        program: What serves it, as for `served`.
    """

    def __init__(self, page: Page, address: str, folder: Path, name: str, program: str = "jupyterlab") -> None:
        self.page = page
        self._pages = _PAGES[program]
        self.path = folder / name
        self.foreign: list[str] = []
        self._address = address
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("request", lambda request: self._note(request.url))
        page.on("dialog", self._dialog)
        page.on("popup", lambda popup: self.foreign.append(f"popup {popup.url}"))
        self.open()

    def open(self, *, wait_for_kernel: bool = True) -> None:
        """Open it, or open it again."""
        self.page.goto(f"{self._address}/{self._pages}/{self.path.name}?reset")
        self.page.wait_for_function(
            """window.jupyterapp?.shell.currentWidget?.context?.isReady
            && document.querySelector('.jp-Notebook .jp-Cell')"""
        )
        if wait_for_kernel:
            self.page.wait_for_function(
                """() => {
                  const session = jupyterapp.shell.currentWidget.context.sessionContext;
                  return session.isReady && session.session?.kernel?.status === 'idle'
                    && session.session.kernel.connectionStatus === 'connected';
                }"""
            )

    def command(self, command: str, **arguments: Any) -> None:
        """Run one of JupyterLab's commands, and wait until it has run."""
        self.page.evaluate(
            "([name, args]) => jupyterapp.commands.execute(name, args).then(() => 0)", [command, arguments]
        )

    def select(self, cell: int) -> None:
        """Click on a cell, so that it is the one that commands are about."""
        self.page.evaluate(
            """async cell => {
              const notebook = jupyterapp.shell.currentWidget.content;
              notebook.activeCellIndex = cell;
              notebook.deselectAll();
              await notebook.scrollToItem(cell, 'center');
              return 0;
            }""",
            cell,
        )

    def start(self, cell: int) -> None:
        """Run a cell with the toolbar's button, and do not wait for it."""
        self.select(cell)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); return 0; }")

    def run(self, cell: int) -> None:
        """Run a cell to its end."""
        before = self.count(cell)
        self.start(cell)
        self.ended(cell, before)

    def ended(self, cell: int, before: int | None = None) -> None:
        """Wait until a cell has ended."""
        self.page.wait_for_function(
            """([cell, before]) => {
              const now = jupyterapp.shell.currentWidget.content.model.cells.get(cell).executionCount;
              return now !== null && now !== before && !document.querySelector('.jp-InputPrompt')?.innerText.includes('*')
                && jupyterapp.shell.currentWidget.content.model.cells.get(cell).executionState !== 'running';
            }""",
            arg=[cell, before],
        )

    def count(self, cell: int) -> int | None:
        """The number in the brackets before a cell."""
        number: int | None = self.page.evaluate(
            "cell => jupyterapp.shell.currentWidget.content.model.cells.get(cell).executionCount", cell
        )
        return number

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """The outputs of a cell, as they are in the notebook's model."""
        found: str = self.page.evaluate(
            "cell => JSON.stringify(jupyterapp.shell.currentWidget.content.model.cells.get(cell).outputs.toJSON())",
            cell,
        )
        outputs: list[dict[str, Any]] = json.loads(found)
        return outputs

    def area(self, cell: int) -> Any:
        """The part of the page with a cell's outputs, once it shows as many as the model has."""
        self.select(cell)
        self.page.wait_for_function(
            """cell => {
              const model = jupyterapp.shell.currentWidget.content.model.cells.get(cell);
              const area = document.querySelector(
                `.jp-Notebook .jp-Cell[data-windowed-list-index="${cell}"] .jp-OutputArea`);
              return area && (area.checkVisibility() || model.outputs.length === 0)
                && area.querySelectorAll('.jp-OutputArea-child').length === Math.min(model.outputs.length, 50);
            }""",
            arg=cell,
        )
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{cell}"] .jp-OutputArea').first

    def shown(self, cell: int) -> str:
        """The text that a person sees in a cell's outputs."""
        return str(self.area(cell).inner_text())

    def shows(self, cell: int, text: str) -> None:
        """Wait until a cell's outputs show exactly this text; formulas may take a moment to be set."""
        self.area(cell)
        self.page.wait_for_function(
            """([cell, text]) => document.querySelector(
              `.jp-Notebook .jp-Cell[data-windowed-list-index="${cell}"] .jp-OutputArea`)?.innerText === text""",
            arg=[cell, text],
        )

    def until_drawn(self, cell: int) -> None:
        """Wait until MathJax, which is loaded for the first of them, has drawn a cell's formulas."""
        self.page.wait_for_function(
            """cell => document.querySelector(
              `.jp-Notebook .jp-Cell[data-windowed-list-index="${cell}"] .jp-OutputArea mjx-container`)""",
            arg=cell,
        )

    def watch(self, cell: int) -> None:
        """Begin to note every state of a cell's outputs."""
        self.select(cell)
        self.page.evaluate(WATCH, cell)

    def seen(self) -> dict[str, Any]:
        """What was noted since `watch`: ``texts``, each with its moment, and the ``most`` outputs."""
        noted: dict[str, Any] = self.page.evaluate("() => window.byomSeen")
        return noted

    def until_shown(self, cell: int, text: str) -> None:
        """Wait until a cell's outputs show a text."""
        self.page.wait_for_function(
            """([cell, text]) => document.querySelector(
              `.jp-Notebook .jp-Cell[data-windowed-list-index="${cell}"] .jp-OutputArea`)?.innerText.includes(text)""",
            arg=[cell, text],
        )

    def save(self) -> None:
        """Save it, and wait until the file has it."""
        self.command("docmanager:save")
        self.page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")

    def saved(self) -> Any:
        """The notebook in the file."""
        return nbformat.read(self.path, as_version=4)

    def press_stop(self) -> None:
        """Press the stop button of the notebook's toolbar."""
        self.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] >> visible=true').first.click()

    def type(self, cell: int, text: str) -> None:
        """Replace a cell's text by typing, and leave the cursor at its end."""
        self.select(cell)
        self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{cell}"] .cm-content').click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def source(self, cell: int) -> str:
        """The text of a cell."""
        return str(
            self.page.evaluate(
                "cell => jupyterapp.shell.currentWidget.content.model.cells.get(cell).sharedModel.getSource()", cell
            )
        )

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)

    def close(self) -> None:
        """End the kernel and leave the page."""
        self.page.evaluate(
            """async () => {
              await jupyterapp.serviceManager.sessions.shutdownAll();
              return 0;
            }"""
        )
        self.page.close(run_before_unload=False)

    def _note(self, url: str) -> None:
        if not url.startswith((self._address, self._address.replace("http", "ws", 1), "data:", "blob:", "about:")):
            self.foreign.append(url)

    def _dialog(self, dialog: Any) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            self.foreign.append(f"dialog {dialog.message}")
            dialog.dismiss()


Open = Callable[..., Notebook]

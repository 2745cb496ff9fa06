"""Answers that attack the page from within widgets: columns of a comparison while they stream, differences, a chat."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_attacks import FOUND, PAYLOADS, RUN, check_harmless, streamed
from tests.wire.answers import CHUNKED, DONE, LAST, chunk, frame, refused
from tests.wire.raw_server import RawServer, after

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def evil() -> Iterator[RawServer]:
    with RawServer([refused("404 Nothing", b"")]) as server:
        yield server


def test_nothing_of_an_answer_runs_or_loads_in_a_panel(open_notebook: Callable[..., Notebook], evil: RawServer) -> None:
    text = "\n\n".join(payload.replace("EVIL", evil.origin) for payload in PAYLOADS)
    go = threading.Event()
    end = (frame(chunk("The end."), chunk(finish="stop"), DONE) + LAST,)
    with RawServer(
        [CHUNKED, streamed(text), after(go), *end],
        [CHUNKED, streamed(text.replace("x", "y")), after(go), *end],
        [CHUNKED, streamed(text), *end],
    ) as server:
        name = f"<img src=x onerror='{RUN}'>"
        notebook = open_notebook(
            [
                "%load_ext byom_magics\n"
                + "\n".join(
                    f'%byom_register {key} --url {server.url} --model "{name}" --name "{name}" --description "{name}"'
                    for key in ("one", "other")
                ),
                f"%%byom_compare one other --on-error show\nhi <script>{RUN}</script>",
                "%byom_compare --last --diff 1",
                "%byom_picker",
                "%byom_chat one",
            ]
        )
        notebook.run(0)
        notebook.start(1)
        page = notebook.page
        page.wait_for_function(
            """() => { const columns = [...document.querySelectorAll('.byom-compare-column')];
            return columns.length === 2 && columns.every(column => column.innerText.includes('click')); }"""
        )
        page.wait_for_function("() => new Promise(done => requestIdleCallback(() => done(true)))")
        assert page.evaluate(FOUND, 1) == []
        assert page.evaluate("() => window.byomHacked || 0") == 0
        go.set()
        notebook.ended(1)
        notebook.until_shown(1, "The end.")
        for cell in (2, 3, 4):
            notebook.run(cell)
        chat = page.locator('.jp-Cell[data-windowed-list-index="4"] input[type=text]').first
        notebook.select(4)
        chat.fill("hi")
        chat.press("Enter")
        notebook.until_shown(4, "The end.")
        check_harmless(notebook, evil)

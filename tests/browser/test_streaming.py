"""An answer while it streams into a page: every token soon, few outputs, and the toolbar's stop button."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.wire.answers import CHUNKED, DONE, LAST, chunk, frame
from tests.wire.raw_server import Answer, Peer, RawServer, after, hold

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

BOUND_MS = 1500
"""Generous: the figure that is aimed at (300 ms) is printed."""

END = frame(chunk(finish="stop"), DONE) + LAST
LAST_WORDS = "These are the last words."


def paragraphs(count: int, pause: float) -> Callable[[Peer], None]:
    """Send an answer word by word: headings, lists, code and prose."""

    def send(peer: Peer) -> None:
        for number in range(count):
            text = (
                f"## Part {number}\n\nSome *emphasis*, some `code`, and a list:\n\n- one of {number}\n- two\n\n"
                f"```python\ndef part_{number}(x):\n    return x + {number}\n```\n\n"
                + "More words follow here. " * 12
                + "\n\n"
            )
            for word in text.split(" "):
                peer.send(frame(chunk(word + " ")))
                if peer.peer_gone(within=pause):
                    return

    return send


@pytest.fixture(scope="module")
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(["%load_ext byom_magics", "", "%%byom mine\nhi", "print(_byom.state, len(_byom.text))"])
    notebook.run(0)
    return notebook


def register(notebook: Notebook, server: RawServer) -> None:
    notebook.page.evaluate(
        "text => jupyterapp.shell.currentWidget.content.model.cells.get(1).sharedModel.setSource(text)",
        f"%byom_register mine --url {server.url} --model m",
    )
    notebook.run(1)


def test_the_last_words_are_seen_soon_after_they_came(notebook: Notebook) -> None:
    sent: list[float] = []
    seen = Event()
    answer: Answer = [
        CHUNKED,
        paragraphs(12, 0.004),
        lambda _: sent.append(time.time()),
        frame(chunk(LAST_WORDS)),
        after(seen),
        END,
    ]
    with RawServer(answer) as server:
        register(notebook, server)
        notebook.watch(2)
        notebook.start(2)
        notebook.until_shown(2, LAST_WORDS)
        seen.set()
        notebook.ended(2)
        noted = notebook.seen()
    first = next(entry for entry in noted["texts"] if LAST_WORDS in entry["text"])
    late = first["painted"] - sent[0] * 1000
    print(f"the last words were seen {late:.0f} ms after they came; {len(noted['texts'])} states")
    assert late < BOUND_MS
    assert len(noted["texts"]) > 10
    assert noted["most"] <= 40
    assert len(notebook.outputs(2)) == 1
    assert LAST_WORDS in notebook.shown(2)


def test_a_long_answer_has_at_most_40_outputs_while_it_streams_and_one_at_the_end(notebook: Notebook) -> None:
    with RawServer([CHUNKED, paragraphs(120, 0.0005), END]) as server:
        register(notebook, server)
        notebook.watch(2)
        notebook.run(2)
        noted = notebook.seen()
    print(f"{noted['most']} outputs at most, {len(noted['texts'])} states")
    assert noted["most"] <= 40
    assert len(notebook.outputs(2)) == 1
    assert "Part 119" in notebook.shown(2)
    assert "Show more outputs" not in notebook.shown(2)


def test_the_waiting_line_is_there_before_the_first_token(notebook: Notebook) -> None:
    go = Event()
    with RawServer([CHUNKED, after(go), frame(chunk("Hello")), END]) as server:
        register(notebook, server)
        notebook.start(2)
        notebook.until_shown(2, "waiting for the first token")
        go.set()
        notebook.ended(2)
    assert "waiting" not in notebook.shown(2)
    assert "Hello" in notebook.shown(2)


def test_the_stop_button_hangs_up_and_what_had_come_stays_after_a_reload_too(notebook: Notebook) -> None:
    with RawServer([CHUNKED, frame(chunk("Once upon **a time**")), hold]) as server:
        register(notebook, server)
        notebook.start(2)
        notebook.until_shown(2, "Once upon a time")
        at = time.monotonic()
        notebook.press_stop()
        hang_up = server.wait_for_hang_up()
        print(f"the server saw the hang-up {1000 * (hang_up.at - at):.0f} ms after the click began")
        notebook.until_shown(2, "KeyboardInterrupt")
        notebook.ended(2)
    shown = notebook.shown(2)
    assert "Once upon a time" in shown
    assert "cancelled" in shown
    assert "Traceback" not in shown
    notebook.run(3)
    assert notebook.shown(3).strip() == "cancelled 20"
    notebook.save()
    notebook.open()
    notebook.shows(2, shown)
    assert not notebook.foreign

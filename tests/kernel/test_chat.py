"""The chat panel in a real kernel: what its cell holds, what comes of typing and clicks, and how much is sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.notebook_kernel import PATIENCE

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Cell, Kernel

pytestmark = pytest.mark.kernel

WIDGET = "application/vnd.jupyter.widget-view+json"
CHAT = "list(__import__('byom_magics.widgets.opened').widgets.opened.OPENED._closers.values())[-1].__self__"
MODULE = "__import__('ipywidgets.widgets.widget').widgets.widget"
# ipywidgets 7 keeps its widgets in another place.
WIDGETS = f"len({MODULE}._instances if hasattr({MODULE}, '_instances') else {MODULE}.Widget.widgets)"
FAST = "-o tokens_per_second=5000"


class Paragraphs(BaseHTTPRequestHandler):
    """Answers with as many paragraphs as the question says; without end if it says 0."""

    hung_up = threading.Event()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        count = int(asked["messages"][-1]["content"])
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            for number in range(count or 1_000_000):
                self.say({"delta": {"content": f"Paragraph {number} has **some** words of its own.\n\n"}})
                time.sleep(0.01)
            self.say({"delta": {}, "finish_reason": "stop"})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            self.hung_up.set()

    def say(self, choice: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps({'choices': [{'index': 0, **choice}]})}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Paragraphs)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_chat(kernel: Kernel, line: str, before: str = "") -> Cell:
    """Open a panel in a cell of JupyterLab's, which can be asked; what was said before is forgotten."""
    cell = kernel.begin_in("chat-cell", f"%byom_reset --all\n{before}\n%byom_chat {line}").ended()
    assert cell.status == "ok", cell.everything
    return cell


def front_end_sends(kernel: Kernel, comm_id: str, data: dict[str, Any]) -> None:
    message = kernel.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    kernel.client.shell_channel.send(message)


def click(kernel: Kernel, button: str) -> None:
    """Press a button, which an expression finds."""
    comm_id = kernel.value(f"({button}).model_id")
    front_end_sends(kernel, comm_id, {"method": "custom", "content": {"event": "click"}})


def typed(kernel: Kernel, text: str) -> None:
    """Type a question and press Enter: a front end tells that first, and then what the box holds."""
    box = kernel.value(f"{CHAT}._question._one.model_id")
    front_end_sends(kernel, box, {"method": "custom", "content": {"event": "submit"}})
    front_end_sends(kernel, box, {"method": "update", "state": {"value": text}, "buffer_paths": []})


def heard(kernel: Kernel, wanted: Callable[[str, str], bool]) -> int:
    """
    Take in all messages, whatever they answer, until the wanted one came; how many characters the panel's own had.

    What is kept of the chat in an output of its own comes at moments of its own, and is bounded by turns.
    """
    end, size = time.monotonic() + PATIENCE, 0
    while time.monotonic() < end:
        try:
            message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        except Empty:
            break
        content = json.dumps(message["content"], default=repr)
        size += len(content) if message["msg_type"].startswith("comm") else 0
        if wanted(message["msg_type"], content):
            return size
    pytest.fail("that was never sent")


def answered(kernel: Kernel, model: str) -> int:
    # Whether the built-in models come to an end by themselves is up to the Python that they learnt from.
    ends = (f"{model} has answered", f"{model}: CUT OFF")
    return heard(kernel, lambda kind, content: kind == "comm_msg" and any(end in content for end in ends))


def test_its_output_is_a_panel_and_beside_it_is_what_was_said(kernel: Kernel) -> None:
    cell = open_chat(kernel, "demo/bigram", f"%byom demo/bigram -c --seed 1 --max-tokens 5 {FAST} The")
    panel, beside = cell.displays[-2:]
    assert panel[WIDGET]["model_id"]
    assert "needs a running kernel" in panel["text/plain"]
    assert WIDGET not in beside
    for text in (beside["text/html"], beside["text/plain"]):
        assert "The" in text
        assert "%%byom demo/bigram -c" in text


def test_where_nobody_looks_on_one_output_has_it_all(kernel: Kernel) -> None:
    cell = kernel.run(f"%byom_reset --all\n%byom demo/bigram -c --max-tokens 5 {FAST} The\n%byom_chat demo/bigram")
    assert cell.status == "ok", cell.everything
    panel = cell.displays[-1]
    assert panel[WIDGET]["model_id"]
    assert "[You]\nThe" in panel["text/plain"]
    assert "needs a running kernel" not in cell.everything


def test_what_is_typed_is_answered_and_a_cell_goes_on_with_it(kernel: Kernel) -> None:
    open_chat(kernel, f"demo/bigram --seed 1 {FAST}")
    typed(kernel, "The with statement")
    answered(kernel, "demo/bigram")
    preview = kernel.run("%%byom demo/bigram -c --dry-run\nAnd then?")
    assert "The with statement" in preview.text
    assert "The with statement" in kernel.run("%byom_history --model demo/bigram").text


def test_what_a_cell_says_appears_in_the_panel_and_beside_it(kernel: Kernel) -> None:
    open_chat(kernel, "demo/bigram")
    kernel.client.execute(f"%byom demo/bigram -c --seed 1 --max-tokens 5 {FAST} Said in a cell")
    heard(kernel, lambda kind, content: kind == "comm_msg" and "Said in a cell" in content)
    heard(kernel, lambda kind, content: kind == "update_display_data" and "Said in a cell" in content)


def test_an_answer_is_adopted_by_a_click(kernel: Kernel) -> None:
    open_chat(kernel, f"demo/bigram --seed 1 {FAST}")
    typed(kernel, "The")
    answered(kernel, "demo/bigram")
    row = f"{CHAT}._sides[0]._turns._rows[-1][2]"
    click(kernel, f"[each for each in {row}._buttons.children if each.description == 'Adopt'][0]")
    click(kernel, f"{row}._drawer.children[0].children[1]")
    heard(kernel, lambda kind, content: kind == "comm_msg" and "answer is the reply now" in content)
    assert kernel.value("(type(answer).__name__, answer.model)") == ("Reply", "demo/bigram")


def test_what_is_sent_grows_with_the_answer_and_no_faster(kernel: Kernel) -> None:
    with serving() as url:
        open_chat(kernel, "long", f"%byom_register long --url {url}")
        sizes = {}
        for count in (40, 160):
            kernel.run("%byom_reset --all")
            typed(kernel, str(count))
            sizes[count] = answered(kernel, "long")
    per_paragraph = {count: size / count for count, size in sizes.items()}
    assert per_paragraph[160] < 1.3 * per_paragraph[40], sizes
    assert sizes[160] < 30 * 160 * len("Paragraph 100 has **some** words of its own.\n\n"), sizes


def test_later_turns_of_a_chat_send_about_as_much_as_the_first(kernel: Kernel) -> None:
    with serving() as url:
        open_chat(kernel, "long", f"%byom_register long --url {url}")
        sizes = []
        for _ in range(16):
            typed(kernel, "20")
            sizes.append(answered(kernel, "long"))
    # How often a piece is painted is up to the time that it takes to come.
    assert sum(sizes[8:]) < 1.5 * sum(sizes[:8]), sizes


def test_a_click_on_stop_hangs_up_and_keeps_what_had_come(kernel: Kernel) -> None:
    Paragraphs.hung_up.clear()
    with serving() as url:
        open_chat(kernel, "long", f"%byom_register long --url {url}")
        typed(kernel, "0")
        heard(kernel, lambda kind, content: "Paragraph 3 has" in content)
        click(kernel, f"{CHAT}._sides[0]._stop")
        assert Paragraphs.hung_up.wait(PATIENCE)
        heard(kernel, lambda kind, content: "long: CANCELLED." in content)
    assert kernel.value(f"[each.state.value for each in {CHAT}._sides[0].conversation.exchanges]") == ["cancelled"]


def test_unloading_stops_it_and_leaves_the_transcript_and_no_thread(kernel: Kernel) -> None:
    Paragraphs.hung_up.clear()
    with serving() as url:
        open_chat(kernel, "long", f"%byom_register long --url {url}")
        before = kernel.value(WIDGETS)
        typed(kernel, "0")
        heard(kernel, lambda kind, content: "Paragraph 3 has" in content)
        kernel.client.execute("%reload_ext byom_magics", allow_stdin=False)
        heard(
            kernel,
            lambda kind, content: (
                kind == "update_display_data" and "Paragraph 3 has" in content and "CANCELLED" in content
            ),
        )
        heard(kernel, lambda kind, content: kind == "update_display_data" and "The chat is closed" in content)
        assert Paragraphs.hung_up.wait(PATIENCE)
    assert kernel.value("[each.name for each in __import__('threading').enumerate() if 'chat' in each.name]") == []
    assert before > 0
    assert kernel.value(WIDGETS) == 0

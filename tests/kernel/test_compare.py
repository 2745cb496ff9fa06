"""Comparisons in a real kernel: what a front end hears of them, what a saved notebook holds, and what is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from threading import Event
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.kernel.front_end import OPEN, STATIC, WIDGET, FrontEnd
from tests.served import says
from tests.wire.answers import CHUNKED, LAST, chunk, frame, refused
from tests.wire.raw_server import Answer, Peer, RawServer, after, hold

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel

Register = Callable[..., RawServer]


@pytest.fixture
def register(kernel: Kernel) -> Iterator[Register]:
    """Registers models in the kernel, each on a server of its own."""
    servers: list[RawServer] = []

    def register(key: str, *answers: Answer, more: str = "") -> RawServer:
        servers.append(RawServer(*(answers or ([says(f"{key} says this.")],))))
        cell = kernel.run(f"%byom_register {key} --url {servers[-1].url} {more}")
        assert cell.status == "ok", cell.everything
        return servers[-1]

    yield register
    kernel.run("from byom_magics.widgets.opened import OPENED; OPENED.close_all()")
    for server in servers:
        server.close()


@pytest.fixture
def front_end(kernel: Kernel, register: Register) -> FrontEnd:
    return FrontEnd(kernel).rest(0.05)


def kinds(front_end: FrontEnd, kind: str) -> list[dict[str, Any]]:
    return [content for each, content in front_end.messages if each == kind]


# What is shown, and what is saved


def test_columns_come_as_widgets_and_a_static_form_takes_their_place(register: Register, front_end: FrontEnd) -> None:
    go = Event()
    register("A", [CHUNKED, frame(chunk("First **half**")), after(go), frame(chunk(" and rest.", "stop")), LAST])
    register("B")
    front_end = front_end.rest(0.05)
    request = front_end.begin("%%byom_compare A B\nHi")
    front_end.until(lambda: any("First <strong>half" in str(state.get("value")) for state in front_end.states.values()))
    grid, strip = front_end.displays.values()
    assert WIDGET in grid
    assert grid[STATIC]
    assert "Stop A" in [state.get("description") for state in front_end.states.values()]
    assert grid["text/plain"]
    go.set()
    front_end.until(lambda: request in front_end.idle).rest()
    grid, strip = front_end.displays.values()
    assert set(grid) == {STATIC, "text/plain"}
    assert WIDGET in strip
    for text in (grid[STATIC], grid["text/plain"]):
        assert "B says this." in text
        assert "and rest." in text
    assert not kinds(front_end, "clear_output")


def test_a_program_that_runs_the_notebook_saves_the_answers_and_no_widget(kernel: Kernel, register: Register) -> None:
    urls = [register(key).url for key in ("A", "B")]
    cells = [
        "%load_ext byom_magics",
        *(f"%byom_register {key} --url {url}" for key, url in zip("AB", urls, strict=True)),
        "%%byom_compare A B\nHi",
        "%%byom_compare A B --background\nHi",
        "%byom_compare --last",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    for cell in notebook.cells[3:5]:
        (output,) = [each for each in cell.outputs if "data" in each and each["data"].get(STATIC)]
        assert "A says this." in output["data"][STATIC]
        assert "B says this." in output["data"]["text/plain"]
        assert WIDGET not in json.dumps(cell.outputs)
    nbformat.validate(notebook)
    assert not notebook.metadata.get("widgets")


def test_a_failed_column_is_saved_with_its_reason(register: Register, front_end: FrontEnd) -> None:
    register("A", [refused("400 Bad Request", {"error": {"message": "no such thing"}})])
    register("B")
    front_end.run("%%byom_compare A B\nHi").rest()
    assert "no such thing" in front_end.shown[0]
    assert "B says this." in front_end.shown[0]
    assert not kinds(front_end, "error")


def test_running_the_cell_again_closes_what_it_showed_before(register: Register, front_end: FrontEnd) -> None:
    register("A")
    register("B")
    front_end.run("%%byom_compare A B\nHi").rest()
    before = len(front_end.states)
    for _ in range(3):
        front_end.run("%%byom_compare A B\nHi").rest()
    assert len(front_end.states) == before
    front_end.press("Close these controls")
    front_end.until(lambda: not front_end.states)
    assert "A says this." in front_end.shown[-2]


def test_a_page_that_is_loaded_anew_can_ask_for_all_that_is_open(
    kernel: Kernel, register: Register, front_end: FrontEnd
) -> None:
    register("A")
    register("B")
    front_end.run("%%byom_compare A B\nHi").rest()
    found = kernel.value(f"len([each.get_state() for each in {OPEN}])")
    assert found == len(front_end.states)


# Clicks


def test_differences_and_adopting_by_clicks(kernel: Kernel, register: Register, front_end: FrontEnd) -> None:
    register("A")
    register("B")
    front_end.run("%%byom_compare A B\nHi").rest()
    front_end.choose("Differences from", index=1)
    front_end.until(lambda: "Compared with A" in front_end.shown[0])
    front_end.choose("Adopt", index=1)
    front_end.press("into the variable")
    front_end.until(lambda: "is in answer" in front_end.said)
    assert kernel.value("answer.text") == "B says this."


def test_one_column_is_stopped_while_the_kernel_is_free(register: Register, front_end: FrontEnd) -> None:
    first = register("A", [CHUNKED, frame(chunk("Partly A")), hold])
    second = register("B", [CHUNKED, frame(chunk("Partly B")), hold])
    front_end.run("%%byom_compare A B --background\nHi")
    front_end.until(lambda: "Partly A" in front_end.said and "Partly B" in front_end.said)
    front_end.press("Stop A")
    first.wait_for_hang_up()
    assert not second.hang_ups
    front_end.press("Stop all")
    second.wait_for_hang_up()
    front_end.until(lambda: "Partly A" in front_end.shown[0] and "Partly B" in front_end.shown[0])


def test_in_the_background_it_returns_at_once_and_paints_its_own_output(
    kernel: Kernel, register: Register, front_end: FrontEnd
) -> None:
    go = Event()
    register("A", [CHUNKED, frame(chunk("Early. ")), after(go), frame(chunk("Late.", "stop")), LAST])
    register("B")
    front_end.run("%%byom_compare A B --background\nHi").until(lambda: "Early." in front_end.said)
    assert WIDGET in next(iter(front_end.displays.values()))
    cell = kernel.begin_in("another", "rows = %byom_compare --last --quiet\nprint('meanwhile')").ended()
    assert cell.text == "meanwhile\n"
    assert "running" in kernel.run("%byom_compare --last").everything
    go.set()
    front_end.until(lambda: "Late." in front_end.shown[0])
    assert set(next(iter(front_end.displays.values()))) == {STATIC, "text/plain"}
    assert kernel.run("print('after')").text == "after\n"


@pytest.mark.parametrize("quiet", ["", "--quiet"])
def test_in_the_background_a_variable_gets_the_replies_in_the_end(
    kernel: Kernel, register: Register, front_end: FrontEnd, quiet: str
) -> None:
    go = Event()
    register("A", [CHUNKED, frame(chunk("Early. ")), after(go), frame(chunk("Late.", "stop")), LAST])
    register("B")
    front_end.run(f"%%byom_compare A B --background --out answers {quiet}\nHi")
    assert not kernel.value("'answers' in globals()")
    go.set()
    kernel.run("import time\nwhile 'answers' not in globals(): time.sleep(0.01)")
    assert kernel.value("[each.text for each in answers]") == ["Early. Late.", "B says this."]
    assert not quiet or not front_end.displays


# Interrupts


def test_an_interrupt_stops_all_and_what_has_come_is_kept(
    kernel: Kernel, register: Register, front_end: FrontEnd
) -> None:
    servers = [register(key, [CHUNKED, frame(chunk(f"Partly {key}")), hold]) for key in ("A", "B")]
    request = front_end.begin("%%byom_compare A B\nHi")
    front_end.until(lambda: "Partly A" in front_end.said and "Partly B" in front_end.said)
    kernel.interrupt()
    front_end.until(lambda: request in front_end.idle).rest()
    for server in servers:
        server.wait_for_hang_up()
    (error,) = kinds(front_end, "error")
    assert error["ename"] == "KeyboardInterrupt"
    assert "%byom_compare --last" in "".join(error["traceback"])
    assert "Partly A" in front_end.shown[0]
    shown = kernel.run("%byom_compare --last").everything
    assert "Partly A" in shown
    assert "Partly B" in shown
    assert "cancelled" in shown


# Blind


def test_no_message_tells_a_name_before_the_vote(register: Register, front_end: FrontEnd) -> None:
    go = Event()
    slow = [CHUNKED, frame(chunk("First ", model="canary-served-a")), after(go), frame(chunk("half.", "stop")), LAST]
    first = register("canary-a", slow, more="--model canary-served-a --price-out 7777")
    second = register(
        "canary-b", [says("Second.", tokens=(5, 88_000))], more="--model canary-served-b --price-out 7777"
    )
    broken = register("canary-c", [refused("400 Bad Request", {"error": {"message": "canary-c is broken"}})])
    front_end.rest(0.05).messages.clear()
    canaries = ["canary", *(f":{server.port}" for server in (first, second, broken)), "88,000", "USD", "served"]
    request = front_end.begin("%%byom_compare canary-a canary-b canary-c --blind --out answers -c\nHi")
    front_end.until(lambda: "First" in front_end.said and "Second." in front_end.said)
    go.set()
    front_end.until(lambda: request in front_end.idle).rest()
    assert "half." in front_end.shown[0]
    front_end.run("%byom_history\nanswers, _byom, [[*vars(each).values()] for each in (*answers, _byom)]", "other")
    assert "'Second.'" in front_end.said
    assert not [each for each in canaries if each in front_end.said]
    front_end.press("Tie")
    front_end.until(lambda: "canary-a" in front_end.shown[0]).rest()
    assert "canary-c is broken" in front_end.shown[0]
    assert "88,000" in front_end.shown[0]
    front_end.run("%byom_compare --last\nimport byom_magics; print(list(byom_magics.session.current().votes))", "other")
    assert "prompt=" in front_end.said
    front_end.messages.clear()
    front_end.run("%byom_history\nanswers, _byom", "other")
    assert "model='canary-b'" in front_end.said
    front_end.run("byom_magics.session.current().votes.clear()")


# Bytes


def paced(text: str, piece: int) -> Answer:
    """An answer that comes in pieces, with a moment between them."""

    def send(peer: Peer) -> None:
        for at in range(0, len(text), piece):
            peer.send(frame(chunk(text[at : at + piece])))
            if peer.peer_gone(within=0.02):
                return

    return [CHUNKED, send, frame(chunk(finish="stop")), LAST]


def prose(size: int) -> str:
    sentence = "The interpreter reads a line, and does what it says; then it reads the next. "
    paragraph = sentence * 3 + "\n\n- one *item*\n- another `item`\n\n"
    return (paragraph * (size // len(paragraph) + 1))[: size - 10] + "\n\nThe end."


@pytest.fixture
def size_of(register: Register, kernel: Kernel) -> Callable[..., float]:
    def size_of(columns: int, size: int) -> float:
        """Bytes that a front end hears for each byte of the answers."""
        register(f"long{size}", paced(prose(size), 200))
        front_end = FrontEnd(kernel).rest(0.05)
        front_end.messages.clear()
        front_end.run(f"%%byom_compare long{size} --n {columns} --seed 1\nHi").rest()
        assert front_end.shown[0].count("The end.") == columns
        return front_end.size / (columns * size)

    return size_of


def test_what_a_front_end_hears_grows_no_faster_than_the_answers(size_of: Callable[..., float]) -> None:
    small, large, many = size_of(2, 8_192), size_of(2, 32_768), size_of(8, 8_192)
    print(
        f"bytes for each byte of the answers: {small:.1f} (2 of 8 kB), {large:.1f} (2 of 32 kB), {many:.1f} (8 of 8 kB)"
    )
    assert large < 1.5 * small
    assert many < 1.5 * small

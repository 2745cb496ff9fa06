"""Interrupting a cell, as the stop button does: in every stage the call ends, what had come stays, the next cell works."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.notebook_kernel import PATIENCE, Cell, Kernel
from tests.wire.answers import CHUNKED, chunk, frame, refused
from tests.wire.raw_server import Answer, RawServer, forever, hold, keep, never_accepts

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform == "win32", reason="there an interrupt is no signal"),
]

BOUND = 5.0
"""
Seconds, so generous that a busy machine is no failure, and less than any timer or server here would take to end it.

The figure that is aimed at (0.2 s) is printed and belongs to the benchmarks.
"""

WORDS = "Once upon a time "
BUSY = refused("503 Busy", {"error": "busy"}, "application/json", "Retry-After: 100")
SLOW_NAMES = """
import socket, threading
look_up = socket.getaddrinfo
def slow(host, *more, **named):
    if host == "slow.example":
        threading.Event().wait(60)
    return look_up(host, *more, **named)
socket.getaddrinfo = slow
"""


def sees(text: str) -> Callable[[Cell], bool]:
    return lambda cell: text in cell.text or text in cell.html


# Name of the stage, what the server does, what the cell shows when it is in it, what has come of the answer by then
STAGES: list[tuple[str, Answer, str, str]] = [
    ("waiting for headers", [hold], "waiting for the first token", ""),
    ("waiting for the first token", [CHUNKED, hold], "waiting for the first token", ""),
    ("between tokens", [CHUNKED, frame(chunk(WORDS)), hold], WORDS.strip(), WORDS),
    ("while painting", [CHUNKED, frame(chunk(WORDS)), forever(frame(chunk("word ")), every=0.001)], WORDS, WORDS),
    (
        "while it reasons",
        [CHUNKED, forever(frame(chunk(delta={"reasoning_content": "hm "})), every=0.01)],
        "Thinking",
        "",
    ),
]


def register(kernel: Kernel, url: str) -> None:
    cell = kernel.run(f"%byom_register mine --url {url} --model m")
    assert cell.status == "ok", cell.everything


def check_cancelled(kernel: Kernel, cell: Cell, begins: str = "") -> None:
    assert cell.status == "error"
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert "KeyboardInterrupt" in cell.errors[-1]["traceback"][-1]
    assert "Traceback" not in cell.everything
    [shown] = cell.displays
    assert "cancelled" in shown["text/plain"]
    assert "cancelled" in shown["text/html"]
    assert begins.strip() in shown["text/plain"]
    assert begins.strip() in shown["text/html"]
    state, text, same = kernel.value("(str(_byom.state), _byom.text, 'answer' not in globals() or answer is _byom)")
    assert state == "cancelled"
    assert text.startswith(begins)
    assert same


def check_prompt(cell: Cell, since: float, what: str) -> None:
    cell.ended()
    took = time.monotonic() - since
    print(f"{what}: the cell had ended after {took * 1000:.0f} ms")
    assert took < BOUND


@pytest.mark.parametrize(("answer", "sign", "begins"), [pytest.param(*row[1:], id=row[0]) for row in STAGES])
def test_the_server_sees_the_hang_up_and_what_had_come_stays(
    kernel: Kernel, answer: Answer, sign: str, begins: str
) -> None:
    with RawServer(answer) as server:
        register(kernel, server.url)
        cell = kernel.begin("%%byom mine --out answer\nhi").until(sees(sign))
        server.wait_for_requests(1)
        at = kernel.interrupt()
        took = server.wait_for_hang_up().at - at
        print(f"{sign}: the server saw the hang-up after {took * 1000:.0f} ms")
        assert took < BOUND
        check_prompt(cell, at, sign)
        check_cancelled(kernel, cell, begins)
        assert len(server.requests) == 1


def test_during_a_retry_s_wait_nothing_more_is_sent(kernel: Kernel) -> None:
    with RawServer([BUSY, keep], [CHUNKED, hold]) as server:
        register(kernel, server.url)
        cell = kernel.begin("%%byom mine --timeouts total=none\nhi").until(sees("retrying in"))
        at = kernel.interrupt()
        check_prompt(cell, at, "retrying")
        check_cancelled(kernel, cell)
        assert len(server.requests) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="attempts to connect are read from /proc")
def test_while_connecting_the_attempt_is_given_up(kernel: Kernel) -> None:
    with never_accepts() as url:
        register(kernel, url)
        port = int(url.split(":")[2].split("/")[0])
        before = connecting(port)
        cell = kernel.begin("%%byom mine\nhi").until(sees("connecting"))
        cell.until(lambda _: len(connecting(port) - before) == 1)
        at = kernel.interrupt()
        check_prompt(cell, at, "connecting")
        check_cancelled(kernel, cell)
        given_up(port, before, at)


def connecting(port: int) -> set[str]:
    """The sockets here that try to connect to a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return {row[1] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "02"}


def given_up(port: int, before: set[str], since: float) -> None:
    end = time.monotonic() + PATIENCE
    while connecting(port) - before:
        assert time.monotonic() < end, "it still tries to connect"
    took = time.monotonic() - since
    print(f"connecting: the attempt was given up after {took * 1000:.0f} ms")
    assert took < BOUND


def test_during_the_look_up_of_the_name(kernel: Kernel) -> None:
    kernel.run(SLOW_NAMES)
    register(kernel, "http://slow.example:1234/v1")
    cell = kernel.begin("%%byom mine\nhi").until(sees("connecting"))
    at = kernel.interrupt()
    check_prompt(cell, at, "looking the name up")
    check_cancelled(kernel, cell)
    kernel.run("socket.getaddrinfo = look_up")


def test_during_the_tls_handshake(kernel: Kernel) -> None:
    with RawServer([], on_connect=[hold]) as server:
        register(kernel, server.url.replace("http:", "https:"))
        cell = kernel.begin("%%byom mine\nhi").until(sees("connecting"))
        server.wait_for_peers(1)
        at = kernel.interrupt()
        took = server.wait_for_hang_up().at - at
        print(f"TLS handshake: the server saw the hang-up after {took * 1000:.0f} ms")
        assert took < BOUND
        check_prompt(cell, at, "TLS handshake")
        check_cancelled(kernel, cell)


def test_a_built_in_model_can_be_stopped(kernel: Kernel) -> None:
    cell = kernel.begin("%%byom demo/pydoc\nHow does the with statement work?").until(sees("with"))
    at = kernel.interrupt()
    check_prompt(cell, at, "built-in model")
    check_cancelled(kernel, cell)


def test_run_all_stops_at_an_interrupted_cell_and_the_next_cell_works(kernel: Kernel) -> None:
    with RawServer([CHUNKED, frame(chunk(WORDS)), hold]) as server:
        register(kernel, server.url)
        cell = kernel.begin("%%byom mine\nhi")
        queued = kernel.begin("print('ran')")
        cell.until(sees(WORDS.strip()))
        kernel.interrupt()
        assert cell.ended().status == "error"
        assert queued.ended().status == "aborted"
    after = kernel.run("%%byom demo/5gram --temperature 0 --max-tokens 5\nThe with statement")
    assert after.status == "ok", after.everything
    assert kernel.value("str(_byom.state)") == "length"


@pytest.mark.parametrize("delay", [0.0, 0.004, 0.02, 0.05, 0.1, 0.2])
def test_whenever_it_comes_the_kernel_goes_on(kernel: Kernel, delay: float) -> None:
    with RawServer([CHUNKED, forever(frame(chunk("word ")), every=0.005)]) as server:
        register(kernel, server.url)
        cell = kernel.begin("%%byom mine\nhi")
        # At no delay it comes when the cell has shown something: before it runs, an interrupt is the kernel's own matter.
        cell.until(lambda cell: cell.begun if delay else bool(cell.displays)).watch(delay)
        kernel.interrupt()
        cell.ended()
        assert cell.reply["ename"] == "KeyboardInterrupt"
        for number in range(len(server.peers)):
            server.wait_for_hang_up(number + 1)
    assert kernel.value("1 + 1") == 2

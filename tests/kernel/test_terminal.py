"""IPython in a terminal: text as it arrives, Ctrl-C, and nothing of the notebook's displays."""

from __future__ import annotations

import codecs
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from tests.wire.answers import CHUNKED, DONE, LAST, chunk, frame
from tests.wire.raw_server import RawServer, after, hold

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform == "win32", reason="it needs a pseudo-terminal")]

PATIENCE = 30.0
BOUND = 5.0  # seconds: the server would hold on for longer
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Makes the pseudo-terminal the controlling one, so that Ctrl-C is an interrupt.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "IPython", *sys.argv[1:]])
"""
OPTIONS = ("--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor", "--HistoryManager.enabled=False")


class Terminal:
    """What a person sees of a program in a terminal; escape sequences are left out."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._raw = ""
        self._at = 0

    @property
    def screen(self) -> str:
        return ESCAPES.sub("", self._raw).replace("\r\n", "\n")

    def type(self, text: str) -> None:
        os.write(self._handle, text.encode())

    def until(self, text: str) -> str:
        """Wait until the text comes after what was waited for before; what came up to it, itself included."""
        end = time.monotonic() + PATIENCE
        while text not in self.screen[self._at :]:
            left = end - time.monotonic()
            assert left > 0, f"{text!r} has not come: {self.screen[self._at :]!r}"
            if select.select([self._handle], [], [], left)[0]:
                self._raw += self._decoder.decode(os.read(self._handle, 65536))
        came = self.screen[self._at :]
        stop = came.index(text) + len(text)
        self._at += stop
        return came[:stop]


@contextmanager
def ipython(folder: Path) -> Iterator[Terminal]:
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "IPYTHONDIR": str(folder), "TERM": "xterm", "PYTHONWARNINGS": ""}
    command = [sys.executable, "-c", TAKE_TERMINAL, *OPTIONS]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    try:
        yield Terminal(ours)
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.close(ours)


@pytest.fixture(scope="module")
def _terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with ipython(tmp_path_factory.mktemp("terminal")) as terminal:
        terminal.until("In [1]:")
        terminal.type("%load_ext byom_magics\n")
        terminal.until("In [2]:")
        yield terminal


@pytest.fixture
def terminal(_terminal: Terminal) -> Terminal:
    _terminal.type("1000 + 1\n")
    _terminal.until("1001")
    _terminal.until("]:")
    return _terminal


def register(terminal: Terminal, server: RawServer) -> None:
    terminal.type(f"%byom_register mine --url {server.url} --model m\n")
    terminal.until("Ask it with")


def test_an_answer_is_written_as_it_arrives(terminal: Terminal) -> None:
    first, second = Event(), Event()
    end = frame(chunk(finish="stop"), DONE) + LAST
    hello, there, you = (frame(chunk(text)) for text in ("Hello ", "there, ", "you"))
    with RawServer([CHUNKED, hello, after(first), there, after(second), you, end]) as server:
        register(terminal, server)
        terminal.type("%byom mine hi\n")
        terminal.until("Hello")
        first.set()
        terminal.until("there,")
        second.set()
        came = terminal.until("]:")
    assert "you\n" in came
    assert "complete" in came
    assert "<IPython" not in terminal.screen


def test_a_cell_magic_takes_the_lines_below(terminal: Terminal) -> None:
    terminal.type("%%byom demo/5gram --temperature 0 --max-tokens 5\nThe with statement\n\n\n")
    came = terminal.until("5 out")
    assert "length" in came
    assert "<IPython" not in terminal.screen


def test_ctrl_c_stops_it_and_what_had_come_stays(terminal: Terminal) -> None:
    with RawServer([CHUNKED, frame(chunk("Once upon a time")), hold]) as server:
        register(terminal, server)
        terminal.type("%byom mine hi\n")
        terminal.until("Once upon a time")
        at = time.monotonic()
        terminal.type("\x03")
        took = server.wait_for_hang_up().at - at
        print(f"Ctrl-C: the server saw the hang-up after {took * 1000:.0f} ms")
        assert took < BOUND
        came = terminal.until("KeyboardInterrupt")
    assert "cancelled" in came
    assert "Traceback" not in came
    terminal.type("_byom.text\n")
    terminal.until("'Once upon a time'")
    terminal.type("print(_byom.state)\n")
    terminal.until("cancelled")


def test_an_error_is_a_few_readable_lines(terminal: Terminal) -> None:
    with RawServer([CHUNKED, frame(chunk("Half an ans"))]) as server:
        register(terminal, server)
        terminal.type("%byom mine hi\n")
        came = terminal.until("In [")
        while "IncompleteError" not in came:
            came += terminal.until("In [")
    assert "Half an ans" in came
    assert "Next:" in came
    assert "Traceback" not in came
    assert len(came.splitlines()) < 20


def test_the_table_of_models_is_text(terminal: Terminal) -> None:
    terminal.type("%byom_models\n")
    came = terminal.until("demo/5gram")
    assert "<" not in came

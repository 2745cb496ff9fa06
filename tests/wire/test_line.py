"""A call's hold on its connection: stopping wakes whatever waits, and a line that was stopped stays so."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from byom_magics.wire.line import Line, current_line, readable
from byom_magics.wire.timers import Moments


def a_line() -> Line:
    return Line(Moments(time.monotonic()), lambda: None, lambda: None)


def test_stopping_wakes_a_read_in_another_thread() -> None:
    line = a_line()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line.hold(ours)
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(ours.recv(1)), daemon=True)
        reader.start()
        line.stop()
        reader.join(10)
        assert got == [b""]
        assert theirs.recv(1) == b""


def test_a_socket_that_is_held_after_the_stop_is_shut_at_once() -> None:
    line = a_line()
    line.stop()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line.hold(ours)
        assert theirs.recv(1) == b""


def test_a_socket_that_was_let_go_is_left_alone() -> None:
    line = a_line()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line.hold(ours)
        line.let_go()
        line.stop()
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"


@pytest.mark.parametrize("before", [True, False])
def test_who_asks_is_told_of_the_stop_whenever_it_comes(before: bool) -> None:
    line, told = a_line(), threading.Event()
    if before:
        line.stop()
    line.on_stop(told.set)
    line.stop()
    assert told.is_set()


def test_who_took_it_back_is_not_told() -> None:
    line, told = a_line(), threading.Event()
    line.on_stop(told.set)
    line.on_stop(None)
    line.stop()
    assert not told.is_set()


def test_waiting_says_whether_the_call_was_stopped() -> None:
    line = a_line()
    assert not line.wait(0)
    line.stop()
    assert line.wait(60)


def test_a_thread_knows_the_line_that_it_serves() -> None:
    line = a_line()
    assert current_line() is None
    with line:
        assert current_line() is line
        other: list[Line | None] = []
        thread = threading.Thread(target=lambda: other.append(current_line()))
        thread.start()
        thread.join()
        assert other == [None]
    assert current_line() is None


def test_a_socket_is_readable_with_bytes_after_its_end_and_when_closed() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        assert not readable(ours, 0)
        theirs.sendall(b"x")
        assert readable(ours, 10)
        assert ours.recv(1) == b"x"
        theirs.close()
        assert readable(ours, 10)
    assert readable(ours, 0)

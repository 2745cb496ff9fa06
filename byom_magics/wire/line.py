"""One call's hold on its connection: it can be stopped from any thread, and its timers know what happened when."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byom_magics.wire.timers import Moments

__all__ = ["Line", "current_line", "readable"]

_CALM_S = 0.002  # reads closer together than this are passed on as one

_local = threading.local()


class Line:
    """
    One call's hold on its connection.

    Args:
        moments: Where the moments of the call are noted.
        before_wait: Called before a read that may have to wait: pass on what has arrived.
        connected: Called in each attempt when there is a connection, and the request begins to go out.
    """

    def __init__(self, moments: Moments, before_wait: Callable[[], None], connected: Callable[[], None]) -> None:
        self.moments = moments
        self.before_wait = before_wait
        self._connected = connected
        self._sending = False
        self.stopped = threading.Event()
        self.peer_closed = False  # the connection ended, or broke, under this attempt
        self.reused = False  # the attempt uses a connection that served another call before
        self.read_until: float | None = None
        self._socket: socket.socket | None = None
        self._tell: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._flushed = 0.0

    def __enter__(self) -> Line:
        _local.line = self
        return self

    def __exit__(self, *_: object) -> None:
        _local.line = None
        self.let_go()

    def wait(self, seconds: float) -> bool:
        """Wait between attempts; True if the call was stopped meanwhile."""
        return self.stopped.wait(seconds)

    def begin(self) -> None:
        """A new attempt begins on this line."""
        self.peer_closed = self.reused = self._sending = False
        self.read_until = None
        self.let_go()
        self.moments.begin_attempt(time.monotonic())

    def stop(self) -> None:
        """End the call from any thread: whatever waits on its socket wakes up, and the server sees the hang-up."""
        self.stopped.set()
        with self._lock:
            if self._socket is not None:
                _shut(self._socket)
            if self._tell is not None:
                self._tell()

    def on_stop(self, tell: Callable[[], None] | None) -> None:
        """
        Have ``tell`` called when the call is stopped, or at once if it was; None takes it back.

        It is called in whatever thread stops the call, and must do no more than wake another one.
        """
        with self._lock:
            self._tell = tell
            if tell is not None and self.stopped.is_set():
                tell()

    def hold(self, sock: socket.socket) -> None:
        """This is the socket that the call uses now."""
        with self._lock:
            self._socket = sock
            if self.stopped.is_set():
                _shut(sock)

    def holds(self, sock: socket.socket) -> bool:
        """Whether the call uses this socket."""
        return self._socket is sock

    def let_go(self) -> None:
        """The call uses no socket any more; it may serve another one."""
        with self._lock:
            self._socket = None

    def send(self) -> None:
        """Bytes are about to go out."""
        if not self._sending:
            self._sending = True
            self._connected()

    def arrived(self) -> None:
        """Bytes have come."""
        moments = self.moments
        moments.last_byte = time.monotonic()
        if moments.connected is None:  # a transport without a socket of ours
            moments.connected = moments.last_byte
        if moments.first_byte is None:
            moments.first_byte = moments.last_byte
        elif moments.first_body_byte is None:
            moments.first_body_byte = moments.last_byte

    def pause(self, sock: socket.socket) -> None:
        """
        A read is about to be made: pass on what has arrived, unless more is there already.

        When chunks come faster than one in 2 ms they are passed on together.
        """
        if readable(sock, 0):
            if time.monotonic() - self._flushed < 0.02:
                return
        elif time.monotonic() - self._flushed < _CALM_S and readable(sock, _CALM_S):
            return
        self.before_wait()
        self._flushed = time.monotonic()


def current_line() -> Line | None:
    """The line of the call that this thread serves."""
    line: Line | None = getattr(_local, "line", None)
    return line


def _shut(sock: socket.socket) -> None:
    # SSLSocket.shutdown would drop the TLS state under the thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def readable(sock: socket.socket, wait_s: float) -> bool:
    """Whether a read would return at once, with bytes or an end, within so many seconds."""
    try:
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            return bool(poll.poll(wait_s * 1000))
        return bool(select.select([sock], [], [], wait_s)[0])
    except (OSError, ValueError):
        return True  # closed: the read will say so

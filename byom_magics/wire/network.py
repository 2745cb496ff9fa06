"""
The way to the network: an httpcore back end that knows which call uses which socket.

So a call can be stopped from any thread, and its timers know what happened when.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import sys
import time
from collections.abc import Iterable
from typing import Any, NoReturn

import httpcore

from byom_magics.wire.connecting import connect, look_up, words
from byom_magics.wire.faults import Fault
from byom_magics.wire.line import Line, current_line, readable
from byom_magics.wire.tls import tls_fault

__all__ = ["Backend", "Line", "current_line"]

_LINGER = "hh" if sys.platform == "win32" else "ii"


class _Stream(httpcore.NetworkStream):
    """A connected socket. httpcore reads and writes through it, in the thread of the call that it serves."""

    def __init__(self, sock: socket.socket, host: str) -> None:
        self._socket = sock
        self._host = host
        self._flooded = False  # the server sends faster than we read

    def _current(self) -> Line | None:
        line = current_line()
        if line is not None and not line.holds(self._socket):
            line.reused = True  # whoever connects holds the socket from then on
            line.hold(self._socket)
            line.moments.connected = line.moments.connected or time.monotonic()
        return line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        line = self._current()
        sock = self._socket
        if line is not None:
            if not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
                line.pause(sock)
            if line.read_until is not None:
                timeout = max(0.001, line.read_until - time.monotonic())
            if line.stopped.is_set():
                # Linux goes on to receive after a shutdown, for as long as the server sends.
                line.peer_closed = True
                raise Fault("broken", "The call was stopped.")
        try:
            sock.settimeout(timeout)
            data = sock.recv(max_bytes)
        except OSError as problem:
            if line is not None:
                line.peer_closed = True
            self._broken(problem)
        if len(data) == max_bytes:
            self._flooded = True
        if line is not None:
            if data:
                line.arrived()
            else:
                line.peer_closed = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        line = self._current()
        if line is not None:
            line.send()
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(buffer)
        except OSError as problem:
            # httpcore goes on to read after this: the server may have said why before it closed.
            if line is not None:
                line.peer_closed = True
            raise httpcore.WriteError(type(problem).__name__) from None

    def close(self) -> None:
        line = current_line()
        with contextlib.suppress(OSError):
            if self._flooded and line is not None and line.stopped.is_set():
                # After a shutdown Linux opens its window no more: a server that waits for it would never see the end.
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(_LINGER, 1, 0))
            self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        line = self._current()
        wrapped = self._socket
        try:
            wrapped.settimeout(timeout)
            wrapped = ssl_context.wrap_socket(wrapped, server_hostname=server_hostname, do_handshake_on_connect=False)
            if line is not None:
                line.hold(wrapped)
                line.moments.connected = None  # the connect timer covers the handshake
            wrapped.do_handshake()
        except ssl.SSLError as problem:
            wrapped.close()
            raise tls_fault(problem, self._host) from None
        except OSError as problem:
            wrapped.close()
            what = f"{self._host} closed the connection during the TLS handshake ({words(problem)})."
            raise Fault("connect", what, hint="check that this port speaks TLS", passing=True) from None
        if line is not None:
            line.moments.connected = time.monotonic()
        return _Stream(wrapped, self._host)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the interface's own type
        if info == "is_readable":
            return self._socket.fileno() < 0 or readable(self._socket, 0)
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        if info == "socket":
            return self._socket
        return None

    def _broken(self, problem: OSError) -> NoReturn:
        if isinstance(problem, ssl.SSLError):
            if "EOF" in (problem.reason or "") or "EOF" in str(problem):
                raise Fault("broken", f"The connection broke off ({words(problem)}).", passing=True) from None
            raise tls_fault(problem, self._host) from None
        raise Fault("broken", f"The connection broke off ({words(problem)}).", passing=True) from None


class Backend(httpcore.NetworkBackend):
    """
    Looks names up and connects, staggered over all addresses of a name, and stops when the call does.

    Args:
        role: What the host is called in messages where it is not the server itself, such as ``the proxy``.
    """

    def __init__(self, role: str = "") -> None:
        self._role = f"{role} " if role else ""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the connect timer is watched by the thread that waits
        local_address: str | None = None,  # noqa: ARG002 - part of the interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - part of the interface
    ) -> httpcore.NetworkStream:
        """
        Connect to the first address of a host that answers.

        Raises:
            Fault: The name was not found, or no address answers.
        """
        line = current_line()
        where = f"{self._role}{host}:{port}"
        sock = connect(look_up(host, port, self._role), line, where)
        if line is not None:
            line.hold(sock)
            line.moments.connected = time.monotonic()
        return _Stream(sock, where)

"""
The way to the network: an httpcore back end that knows which call uses which socket.

So a call can be stopped from any thread, its timers know what happened when, and the rules are asked about the very
address that is connected to.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import httpcore

from byom_magics.catalog.spec import Tls
from byom_magics.wire import rules
from byom_magics.wire.certificates import Certificate, certificate_of
from byom_magics.wire.connecting import connect, connect_unix, look_up, peer_of, words
from byom_magics.wire.faults import Fault
from byom_magics.wire.handshake import tls_fault
from byom_magics.wire.line import Line, current_line, readable
from byom_magics.wire.tls import reading_context
from byom_magics.wire.tunnel import Proxy, open_tunnel

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Policy

__all__ = ["Backend"]

_NO_TLS = Tls()
_LOOK_S = 3.0  # how long a refused certificate is waited for, so that it can be described

_LINGER = "hh" if sys.platform == "win32" else "ii"


@dataclass(frozen=True)
class _Peer:
    """
    The other end of a connection.

    Attributes:
        name: What it is called in messages.
        allow: Raises `Fault` if it may not be called (any more).
        tls: How connections to it are made safe.
        again: Makes another connection to it.
    """

    name: str
    allow: Callable[[], None]
    tls: Tls
    again: Callable[[], socket.socket]


class _Stream(httpcore.NetworkStream):
    """A connected socket. httpcore reads and writes through it, in the thread of the call that it serves."""

    def __init__(self, sock: socket.socket, peer: _Peer) -> None:
        self._socket = sock
        self._peer = peer
        self._flooded = False  # the server sends faster than we read

    def _current(self) -> Line | None:
        line = current_line()
        if line is not None and not line.holds(self._socket):
            self._peer.allow()  # the rules may be others than when it was made
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
        server = self._peer.name
        try:
            wrapped.settimeout(timeout)
            wrapped = ssl_context.wrap_socket(wrapped, server_hostname=server_hostname, do_handshake_on_connect=False)
            if line is not None:
                line.hold(wrapped)
                line.moments.connected = None  # the connect timer covers the handshake
            wrapped.do_handshake()
        except ssl.SSLError as problem:
            wrapped.close()
            shown = None
            if isinstance(problem, ssl.SSLCertVerificationError):
                shown = _shown_certificate(self._peer.again, server_hostname, line)
            raise tls_fault(problem, server, self._peer.tls, shown) from None
        except OSError as problem:
            wrapped.close()
            what = f"{server} closed the connection during the TLS handshake ({words(problem)})."
            raise Fault("connect", what, hint="check that this port speaks TLS", passing=True) from None
        if line is not None:
            line.moments.connected = time.monotonic()
        return _Stream(wrapped, self._peer)

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
            raise tls_fault(problem, self._peer.name, self._peer.tls) from None
        raise Fault("broken", f"The connection broke off ({words(problem)}).", passing=True) from None


class Backend(httpcore.NetworkBackend):
    """
    Looks names up and connects, staggered over all addresses of a name, and stops when the call does.

    Args:
        role: What the host is called in messages where it is not the server itself, such as ``the proxy``.
        policies: The rules that hold; asked anew at every attempt.
        tls: How connections are made safe.
        tunnel: The proxy that connects us through to the server, or None.
    """

    def __init__(
        self,
        role: str = "",
        policies: Callable[[], tuple[Policy, ...]] = tuple,
        tls: Tls = _NO_TLS,
        tunnel: Proxy | None = None,
    ) -> None:
        self._role = f"{role} " if role else ""
        self._policies = policies
        self._tls = tls
        self._tunnel = tunnel

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the connect timer is watched by the thread that waits
        local_address: str | None = None,  # noqa: ARG002 - part of the interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - part of the interface
    ) -> httpcore.NetworkStream:
        """
        Connect to the first address of a host that answers, or through the tunnel.

        Raises:
            Fault: The rules forbid it, the name was not found, no address answers, or the proxy refuses.
        """
        tunnel, near = self._tunnel, (host, port)
        if tunnel is not None:
            rules.check_host(host, port, self._policies())
            near = (tunnel.host, tunnel.port)
        role = "the proxy " if tunnel is not None else self._role
        rules.check_host(*near, self._policies())
        line = current_line()
        allow = functools.partial(self._check_address, *near)
        sock = connect(look_up(*near, role), line, f"{role}{near[0]}:{near[1]}", allow)
        family, place = sock.family, peer_of(sock)

        def through(made: socket.socket) -> socket.socket:
            if line is not None:
                line.hold(made)
            if tunnel is not None:
                try:
                    open_tunnel(made, tunnel, host, port)
                except BaseException:
                    made.close()
                    raise
            return made

        def again() -> socket.socket:
            return through(connect([(family, socket.SOCK_STREAM, 0, "", place)], line, "", allow))

        def allow_still() -> None:
            rules.check_host(host, port, self._policies())
            rules.check_host(*near, self._policies())
            allow(place[0])

        name = f"{host}:{port}" if tunnel is not None else f"{role}{host}:{port}"
        return _connected(through(sock), _Peer(name, allow_still, self._tls, again))

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - the connect timer is watched by the thread that waits
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - part of the interface
    ) -> httpcore.NetworkStream:
        """
        Connect to a unix socket.

        Raises:
            Fault: Nobody listens there, or it may not be used.
        """
        again = functools.partial(connect_unix, path, current_line())
        return _connected(again(), _Peer(f"the unix socket {path}", _allow, self._tls, again))

    def _check_address(self, host: str, port: int, ip: str) -> None:
        rules.check_address(host, ip, port, self._policies())


def _allow() -> None:
    """No rule is about it."""


def _connected(sock: socket.socket, peer: _Peer) -> _Stream:
    line = current_line()
    if line is not None:
        line.hold(sock)
        line.moments.connected = time.monotonic()
    return _Stream(sock, peer)


def _shown_certificate(again: Callable[[], socket.socket], name: str | None, line: Line | None) -> Certificate | None:
    """The certificate that was refused, by a second handshake with the same address, over which nothing is sent."""
    try:
        with again() as sock:
            sock.settimeout(_LOOK_S)
            with reading_context().wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False) as wrapped:
                if line is not None:
                    line.hold(wrapped)
                wrapped.do_handshake()
                return certificate_of(wrapped.getpeercert(binary_form=True) or b"")
    except (Fault, OSError, ValueError):
        return None
    finally:
        if line is not None:
            line.let_go()

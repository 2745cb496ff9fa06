"""
The way to the network: an httpcore back end that knows which call uses which socket.

So a call can be stopped from any thread, and its timers know what happened when.
"""

from __future__ import annotations

import contextlib
import errno
import select
import selectors
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import httpcore

from byom_magics.wire.faults import Fault
from byom_magics.wire.tls import tls_fault

if TYPE_CHECKING:
    from byom_magics.wire.timers import Moments

__all__ = ["Backend", "Line", "current_line"]

_STAGGER_S = 0.25  # RFC 8305: how long one address may try alone
_LOOK_S = 0.05  # how often a connecting thread looks whether it was stopped
_CALM_S = 0.002  # reads closer together than this are passed on as one

_LINGER = "hh" if sys.platform == "win32" else "ii"

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
        if _readable(sock, 0):
            if time.monotonic() - self._flushed < 0.02:
                return
        elif time.monotonic() - self._flushed < _CALM_S and _readable(sock, _CALM_S):
            return
        self.before_wait()
        self._flushed = time.monotonic()


def current_line() -> Line | None:
    """The line of the call that this thread serves."""
    line: Line | None = getattr(_local, "line", None)
    return line


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
            what = f"{self._host} closed the connection during the TLS handshake ({_words(problem)})."
            raise Fault("connect", what, hint="check that this port speaks TLS", passing=True) from None
        if line is not None:
            line.moments.connected = time.monotonic()
        return _Stream(wrapped, self._host)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the interface's own type
        if info == "is_readable":
            return self._socket.fileno() < 0 or _readable(self._socket, 0)
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        if info == "socket":
            return self._socket
        return None

    def _broken(self, problem: OSError) -> NoReturn:
        if isinstance(problem, ssl.SSLError):
            if "EOF" in (problem.reason or "") or "EOF" in str(problem):
                raise Fault("broken", f"The connection broke off ({_words(problem)}).", passing=True) from None
            raise tls_fault(problem, self._host) from None
        raise Fault("broken", f"The connection broke off ({_words(problem)}).", passing=True) from None


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
        sock = _connect(_addresses(host, port, self._role), line, where)
        if line is not None:
            line.hold(sock)
            line.moments.connected = time.monotonic()
        return _Stream(sock, where)


def _addresses(host: str, port: int, role: str) -> list[tuple[Any, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as problem:
        again = problem.errno == socket.EAI_AGAIN
        what = f"The name of {role or 'the server '}'{host}' was not found ({problem.strerror})."
        hint = "check the spelling of the address, and whether this machine's network or VPN is up"
        raise Fault("connect", what, hint=hint, passing=again) from None
    except (UnicodeError, OSError) as problem:
        what = f"The name of {role or 'the server '}'{host}' cannot be looked up ({problem})."
        raise Fault("connect", what, hint="check the spelling of the address") from None
    return _interleaved(found)


def _interleaved(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The two families of addresses in turn, so that a dead one costs a quarter of a second (RFC 8305)."""
    first = [each for each in found if each[0] == found[0][0]]
    other = [each for each in found if each[0] != found[0][0]]
    return (
        [each for pair in zip(first, other, strict=False) for each in pair] + first[len(other) :] + other[len(first) :]
    )


def _connect(addresses: list[tuple[Any, ...]], line: Line | None, where: str) -> socket.socket:
    """The first of all addresses that answers."""
    waiting = list(addresses)
    problems: list[OSError] = []
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        trying: set[socket.socket] = set()
        stack.callback(_close_all, trying)
        next_try = 0.0
        while waiting or trying:
            if line is not None and line.stopped.is_set():
                raise Fault("broken", "The call was stopped.")
            if waiting and (not trying or time.monotonic() >= next_try):
                sock = _try(waiting.pop(0), problems)
                next_try = time.monotonic() + _STAGGER_S
                if sock is None:
                    continue
                trying.add(sock)
                selector.register(sock, selectors.EVENT_WRITE)
            for ready, _ in selector.select(_LOOK_S):
                done = ready.fileobj
                assert isinstance(done, socket.socket)  # noqa: S101 - only sockets are registered
                selector.unregister(done)
                trying.discard(done)
                error = done.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not error:
                    done.setblocking(True)
                    return done
                done.close()
                problems.append(OSError(error, errno.errorcode.get(error, "")))
    raise _unreachable(problems, where)


def _close_all(sockets: Iterable[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _try(address: tuple[Any, ...], problems: list[OSError]) -> socket.socket | None:
    family, kind, protocol, _, place = address
    try:
        sock = socket.socket(family, kind, protocol)
    except OSError as problem:
        problems.append(problem)
        return None
    sock.setblocking(False)
    _keep_alive(sock)
    error = sock.connect_ex(place)
    if error and error not in (errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", -1)):
        sock.close()
        problems.append(OSError(error, errno.errorcode.get(error, "")))
        return None
    return sock


def _keep_alive(sock: socket.socket) -> None:
    """Routers forget silent connections after two to six minutes; a model may think for longer."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4), ("TCP_KEEPALIVE", 60)):
        if hasattr(socket, name):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _unreachable(problems: list[OSError], where: str) -> Fault:
    problem = problems[-1] if problems else OSError("no address")
    if any(each.errno in (errno.ECONNREFUSED, getattr(errno, "WSAECONNREFUSED", -1)) for each in problems):
        what = f"Nothing answers at {where}: the connection was refused."
        return Fault("connect", what, hint="start the server there, or check the port in the address", passing=True)
    what = f"{where} cannot be reached ({_words(problem)})."
    hint = "check the address, and whether this machine's network, VPN or firewall lets it through"
    return Fault("connect", what, hint=hint, passing=True)


def _shut(sock: socket.socket) -> None:
    # SSLSocket.shutdown would drop the TLS state under the thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _readable(sock: socket.socket, wait_s: float) -> bool:
    try:
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            return bool(poll.poll(wait_s * 1000))
        return bool(select.select([sock], [], [], wait_s)[0])
    except (OSError, ValueError):
        return True  # closed: the read will say so


def _words(problem: OSError) -> str:
    return f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__

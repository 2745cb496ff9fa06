"""Looking a name up, and connecting to the first of its addresses that answers. A stopped call ends the wait."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics.wire.faults import Fault

if TYPE_CHECKING:
    from byom_magics.wire.line import Line

__all__ = ["Address", "connect", "connect_unix", "look_up", "peer_of", "words"]

Address = tuple[Any, ...]
"""Family, type, protocol, canonical name and place, as `socket.getaddrinfo` gives them."""

_STAGGER_S = 0.25  # RFC 8305: how long one address may try alone
_LOOK_S = 0.05  # how often a connecting thread looks whether it was stopped


def look_up(host: str, port: int, role: str) -> list[Address]:
    """
    The addresses of a host, as `socket.getaddrinfo` gives them, the two families in turn.

    Raises:
        Fault: There is none.
    """
    # Names below localhost are this machine's own (RFC 6761): nobody else is asked about them.
    asked = "localhost" if host.lower().rstrip(".").endswith(".localhost") else host
    try:
        found = socket.getaddrinfo(asked, port, type=socket.SOCK_STREAM)
    except socket.gaierror as problem:
        again = problem.errno == socket.EAI_AGAIN
        what = f"The name of {role or 'the server '}'{host}' was not found ({problem.strerror})."
        hint = "check the spelling of the address, and whether this machine's network or VPN is up"
        raise Fault("connect", what, hint=hint, passing=again) from None
    except (UnicodeError, OSError) as problem:
        what = f"The name of {role or 'the server '}'{host}' cannot be looked up ({problem})."
        raise Fault("connect", what, hint="check the spelling of the address") from None
    return _interleaved(found)


def _interleaved(found: list[Address]) -> list[Address]:
    """The two families of addresses in turn, so that a dead one costs a quarter of a second (RFC 8305)."""
    first = [each for each in found if each[0] == found[0][0]]
    other = [each for each in found if each[0] != found[0][0]]
    return (
        [each for pair in zip(first, other, strict=False) for each in pair] + first[len(other) :] + other[len(first) :]
    )


def connect(
    addresses: list[Address], line: Line | None, where: str, allow: Callable[[str], None] | None = None
) -> socket.socket:
    """
    A socket that is connected to the first of all addresses that answers.

    Args:
        addresses: Where to.
        line: The call, which may be stopped meanwhile.
        where: What the place is called in messages.
        allow: Asked about each address before it is connected to; raises `Fault` where that may not be.

    Raises:
        Fault: None answers, none is allowed, or the call was stopped.
    """
    waiting = list(addresses)
    problems: list[OSError] = []
    refused: Fault | None = None
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        trying: set[socket.socket] = set()
        stack.callback(_close_all, trying)
        next_try = 0.0
        while waiting or trying:
            if line is not None and line.stopped.is_set():
                raise Fault("broken", "The call was stopped.")
            if waiting and (not trying or time.monotonic() >= next_try):
                try:
                    sock = _try(waiting.pop(0), problems, allow)
                except Fault as fault:
                    refused = refused or fault
                    continue
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
    if refused is not None and not problems:
        raise refused
    raise _unreachable(problems, where)


def peer_of(sock: socket.socket) -> tuple[Any, ...]:
    """
    The place at the other end of a socket that was just connected.

    Raises:
        Fault: The other end hung up at once; the socket is closed.
    """
    try:
        place: tuple[Any, ...] = sock.getpeername()
    except OSError as problem:
        sock.close()
        raise Fault("broken", f"The connection broke off ({words(problem)}).", passing=True) from None
    return place


def connect_unix(path: str, line: Line | None) -> socket.socket:
    """
    A socket that is connected to a unix socket.

    Raises:
        Fault: There is none, it may not be used, nobody listens, or this system has no such sockets.
    """
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        what = f"Python has no unix sockets on this system, and the model is to be asked over {path}."
        raise Fault("connect", what, hint="register it without --unix-socket, at an address of its own")
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    problem: OSError | ValueError | None = None
    try:
        error = sock.connect_ex(str(Path(path).expanduser()))
        while error == errno.EAGAIN:  # too many wait already to be let in
            if line is not None and line.wait(_LOOK_S):
                break
            error = sock.connect_ex(str(Path(path).expanduser()))
        problem = OSError(error, os.strerror(error)) if error else None
    except (OSError, ValueError) as wrong:  # a path that is too long, or has a NUL
        problem = wrong
    if problem is None:
        sock.setblocking(True)
        return sock
    sock.close()
    if line is not None and line.stopped.is_set():
        raise Fault("broken", "The call was stopped.")
    raise _no_unix_socket(problem, path)


def _no_unix_socket(problem: OSError | ValueError, path: str) -> Fault:
    if isinstance(problem, FileNotFoundError):
        what = f"There is no unix socket {path}."
        return Fault("connect", what, hint="start the server, or check --unix-socket", passing=True)
    if isinstance(problem, PermissionError):
        what = f"The unix socket {path} may not be used by this user ({problem.strerror})."
        return Fault("connect", what, hint="have the kernel's user added to the group that owns it")
    if isinstance(problem, ConnectionRefusedError):
        what = f"Nobody listens at the unix socket {path}."
        hint = "start the server; if it runs, what stands there is left over, or no socket: check --unix-socket"
        return Fault("connect", what, hint=hint, passing=True)
    return Fault("connect", f"The unix socket {path} cannot be used ({problem}).", hint="check --unix-socket")


def _close_all(sockets: Iterable[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _try(address: Address, problems: list[OSError], allow: Callable[[str], None] | None) -> socket.socket | None:
    family, kind, protocol, _, place = address
    if allow is not None:
        allow(place[0])
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
    what = f"{where} cannot be reached ({words(problem)})."
    hint = "check the address, and whether this machine's network, VPN or firewall lets it through"
    return Fault("connect", what, hint=hint, passing=True)


def words(problem: OSError) -> str:
    """An error of the operating system in a few words: its type and its text."""
    return f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__

"""Proxies: their addresses and logins, the tunnels through them, and what their refusals mean."""

from __future__ import annotations

import base64
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from byom_magics.plain import one_line
from byom_magics.wire.connecting import words
from byom_magics.wire.faults import Fault
from byom_magics.wire.policy import place_of

__all__ = ["Proxy", "open_tunnel", "proxy_of", "refused"]

_MOST_BYTES = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: ([^\r\n]*))?\r?\n")
_PASSING = ("502", "503", "504")


@dataclass(frozen=True)
class Proxy:
    """
    An http proxy.

    Attributes:
        host: Its name or address, without brackets.
        port: Its port.
        login: User and password; never shown.
    """

    host: str
    port: int
    login: tuple[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """Host and port, as in a URL."""
        return _place(self.host, self.port)


def proxy_of(url: str) -> Proxy:
    """
    The proxy of a URL, which has its user and password where it wants them.

    Raises:
        Fault: It is none of the kind ``http``.
    """
    parts = urlsplit(url)
    host, port = place_of(url)
    if parts.scheme != "http":
        what = f"The proxy {_place(host, port)} is one of the kind '{parts.scheme}', which is not supported."
        raise Fault("policy", what, hint="name an http:// proxy, or register the model without --proxy")
    if not host or not port:
        raise Fault("policy", "The address of the proxy is none.", hint="write it like http://proxy.example.com:3128")
    login = (unquote(parts.username).encode(), unquote(parts.password or "").encode()) if parts.username else None
    return Proxy(host, port, login)


def open_tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """
    Have a proxy connect a socket through to a server. The proxy is told the server's name and its own login only.

    Raises:
        Fault: It refuses, or what it says is no HTTP.
    """
    place = _place(host, port).encode()
    lines = [b"CONNECT " + place + b" HTTP/1.1", b"Host: " + place]
    if proxy.login is not None:
        lines.append(b"Proxy-Authorization: Basic " + base64.b64encode(b":".join(proxy.login)))
    try:
        sock.sendall(b"\r\n".join([*lines, b"", b""]))
        answer = _head(sock)
    except OSError as problem:
        what = f"The proxy {proxy.place} ended the connection ({words(problem)})."
        raise Fault("connect", what, hint="check the proxy's address, and whether it is up", passing=True) from None
    status = _STATUS.match(answer)
    if status is None:
        what = f"What answers at {proxy.place} is no http proxy" + ("." if answer else ": it ended the connection.")
        raise Fault("connect", what, hint="check the address after --proxy", passing=not answer)
    if not status[1].startswith(b"2"):
        raise refused(proxy, f"{status[1].decode()} {(status[2] or b'').decode('latin-1')}", host, port)


def refused(proxy: Proxy, said: str, host: str, port: int) -> Fault:
    """What the refusal of a proxy means; its name is shown, and its login never."""
    said = one_line(said.strip(), 200)
    if said.startswith("407") and proxy.login is None:
        what = f"The proxy {proxy.place} wants a login ({said})."
        hint = "register the model with one: --proxy-login env:NAME, and user:password in that variable"
        return Fault("connect", what, hint=hint)
    if said.startswith("407"):
        what = f"The proxy {proxy.place} does not take the login that it was given ({said})."
        return Fault("connect", what, hint="check the user and the password behind --proxy-login")
    what = f"The proxy {proxy.place} refused to connect to {_place(host, port)} ({said})."
    hint = "ask whoever runs the proxy whether it may reach that server, or register the model without --proxy"
    return Fault("connect", what, hint=hint, passing=said.startswith(_PASSING))


def _head(sock: socket.socket) -> bytes:
    """The head of an answer: nothing follows it before we speak, if the tunnel is open."""
    data = b""
    while b"\r\n\r\n" not in data and b"\n\n" not in data and len(data) < _MOST_BYTES:
        piece = sock.recv(4096)
        if not piece:
            break
        data += piece
    return data


def _place(host: str, port: int) -> str:
    return f"{f'[{host}]' if ':' in host else host}:{port}"

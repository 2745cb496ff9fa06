"""Reaching an endpoint in single steps: look its name up, connect, make the connection safe. Nothing is asked of it."""

from __future__ import annotations

import base64
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpcore

from byom_magics.wire import rules, tls
from byom_magics.wire.certificates import certificate_of
from byom_magics.wire.connecting import look_up
from byom_magics.wire.faults import Fault
from byom_magics.wire.line import Line
from byom_magics.wire.network import Backend
from byom_magics.wire.policy import literal, place_of, scheme_of
from byom_magics.wire.timers import Moments

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint, Policy

__all__ = ["Reach"]

_SOON = 14  # days
_HEAD_BYTES = 32 * 1024


class Reach:
    """
    One connection to an endpoint, made step by step; a context manager that closes it.

    Args:
        endpoint: Where to.
        proxy: The URL of an http proxy, with its login where it wants one, or None.
        policies: The rules that hold.
        password: Of the client's private key, if that is encrypted.
        limit_s: The longest that one step may take.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        proxy: str | None,
        policies: Callable[[], tuple[Policy, ...]],
        *,
        password: str | None = None,
        limit_s: float = 10.0,
    ) -> None:
        self._endpoint = endpoint
        self._proxy = proxy
        self._policies = policies
        self._password = password
        self._limit_s = limit_s
        self._host, self._port = place_of(endpoint.url)
        self._line = Line(Moments(time.monotonic()), _nothing, _nothing)
        self._stream: httpcore.NetworkStream | None = None

    def __enter__(self) -> Reach:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Hang up, from any thread."""
        self._line.stop()

    def close(self) -> None:
        """Close the connection."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def look_up(self) -> Sequence[str] | None:
        """
        The addresses of the host's name, or of its proxy's; None where there is no name to look up.

        Raises:
            Fault: There are none, or the rules forbid to ask.
        """
        host, port = self._next_hop()
        if self._here or literal(host) is not None:
            return None
        rules.check_host(host, port, self._policies())
        with self._within("the name was not found in time", "see whether the network or the VPN is up"):
            return list(dict.fromkeys(str(each[4][0]) for each in look_up(host, port, self._role)))

    def connect(self) -> str:
        """
        Connect, through the proxy if there is one; say to what.

        Raises:
            Fault: Nothing answers, or the rules forbid it.
        """
        if scheme_of(self._endpoint.url) not in ("http", "https"):
            return "built in: there is nothing to connect to"
        backend = Backend(self._role.strip(), self._policies, self._endpoint.tls)
        with self._within("no connection came about", "see whether a firewall or a VPN stands between"):
            if self._endpoint.unix_socket is not None:
                self._stream = backend.connect_unix_socket(self._endpoint.unix_socket)
                return f"the unix socket {self._endpoint.unix_socket}"
            self._stream = backend.connect_tcp(*self._next_hop())
            address = self._stream.get_extra_info("socket").getpeername()
        where = f"{address[0]} port {address[1]}"
        return where if self._proxy is None else f"the proxy at {where}"

    def handshake(self) -> tuple[str, str] | None:
        """
        Make the connection safe: what was agreed, and what is not as it should be; None for plain http.

        Raises:
            Fault: The handshake failed, or the proxy does not lead to the server.
        """
        if scheme_of(self._endpoint.url) != "https" or self._stream is None:
            return None
        context = tls.context(self._endpoint.tls, self._password)
        with self._within("the TLS handshake did not end", "see whether this port speaks TLS"):
            if self._proxy is not None and self._endpoint.unix_socket is None:
                self._tunnel(self._stream)
            self._stream = self._stream.start_tls(context, self._host)
        made: ssl.SSLSocket = self._stream.get_extra_info("ssl_object")
        return self._agreed(made)

    @property
    def _here(self) -> bool:
        return self._endpoint.unix_socket is not None or scheme_of(self._endpoint.url) not in ("http", "https")

    @property
    def _role(self) -> str:
        return "the proxy " if self._proxy is not None else ""

    def _next_hop(self) -> tuple[str, int]:
        return (self._host, self._port) if self._proxy is None else place_of(self._proxy)

    def _tunnel(self, stream: httpcore.NetworkStream) -> None:
        """Ask the proxy for the way to the server (RFC 9110, section 9.3.6)."""
        place = f"{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"
        parts = urlsplit(self._proxy or "")
        login = ""
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            login = f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
        head = b""
        with contextlib.suppress(httpcore.WriteError):  # the proxy may have said why before it closed
            stream.write(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{login}\r\n".encode())
        while b"\r\n\r\n" not in head and len(head) < _HEAD_BYTES:
            data = stream.read(4096)
            if not data:
                break
            head += data
        status = head.split(b"\r\n", 1)[0].decode("ascii", "replace").split(" ", 1)[-1].strip()
        if not status.startswith("2"):
            what = f"The proxy refused to connect to {place} ({status[:80] or 'no answer'})."
            hint = "it wants a login: give its reference with --proxy-login" if status.startswith("407") else None
            raise Fault("connect", what, hint=hint or "check the proxy's address, and what it lets through")

    def _agreed(self, made: ssl.SSLSocket) -> tuple[str, str]:
        version = (made.version() or "TLS").replace("TLSv", "TLS ")
        shown = certificate_of(made.getpeercert(binary_form=True) or b"")
        ends = shown.ends if shown else None
        words = f"{version}, certificate of '{shown.subject}' issued by '{shown.issuer}'" if shown else version
        words += f", valid until {ends:%Y-%m-%d}" if ends else ""
        words += ", with a client certificate" if self._endpoint.tls.certificate else ""
        if not self._endpoint.tls.verify:
            return f"{words}, NOT VERIFIED", "anyone in between can read and change all: give the authority with --ca"
        if ends is not None and (ends - datetime.now(timezone.utc)).days < _SOON:
            return words, "the certificate expires soon; whoever runs the server has to renew it"
        return words, ""

    @contextlib.contextmanager
    def _within(self, late: str, hint: str) -> Iterator[None]:
        """Do one step on our line, and hang up when it takes too long."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._line.stop()

        timer = threading.Timer(self._limit_s, expire)
        timer.daemon = True
        timer.start()
        try:
            with self._line:
                yield
        except Fault:
            if expired.is_set():
                raise Fault("connect", f"Stopped after {self._limit_s:g} s: {late}.", hint=hint) from None
            raise
        finally:
            timer.cancel()


def _nothing() -> None:
    pass

"""Reaching an endpoint in single steps: look its name up, connect, make the connection safe. Nothing is asked of it."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from byom_magics.wire import rules, tls
from byom_magics.wire.certificates import Certificate, certificate_of
from byom_magics.wire.connecting import look_up, peer_of
from byom_magics.wire.faults import Fault
from byom_magics.wire.handshake import tls_fault
from byom_magics.wire.line import Line
from byom_magics.wire.network import Backend
from byom_magics.wire.policy import literal, place_of, scheme_of
from byom_magics.wire.timers import Moments
from byom_magics.wire.tunnel import proxy_of
from byom_magics.wire.workers import Workers

if TYPE_CHECKING:
    import httpcore

    from byom_magics.catalog.spec import Endpoint, Policy

__all__ = ["Reach"]

_Found = TypeVar("_Found")

_SOON = timedelta(days=14)
_SOON_PART = 4  # of its whole life; some certificates live for a day, and are renewed at half of it
_FIRST_WORD_S = 0.25
_workers = Workers()


class Reach:
    """
    One connection to an endpoint, made step by step; a context manager that closes it.

    Args:
        endpoint: Where to.
        proxy: The URL of an http proxy, with its login where it wants one, or None.
        policies: The rules that hold.
        limit_s: The longest that one step may take, the look-up of a name included.

    Raises:
        Fault: The proxy is of another kind.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        proxy: str | None,
        policies: Callable[[], tuple[Policy, ...]],
        *,
        limit_s: float = 10.0,
    ) -> None:
        self._endpoint = endpoint
        self._proxy = proxy_of(proxy) if proxy and endpoint.unix_socket is None else None
        self._policies = policies
        self._limit_s = limit_s
        self._host, self._port = place_of(endpoint.url)
        self._scheme = scheme_of(endpoint.url)
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
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def look_up(self) -> Sequence[str] | None:
        """
        The addresses of the host's name, or of its proxy's; None where there is no name to look up.

        Raises:
            Fault: There are none, or the rules forbid to ask.
        """
        host, port = self._next_hop
        if self._endpoint.unix_socket or self._scheme not in ("http", "https") or literal(host) is not None:
            return None
        rules.check_host(host, port, self._policies())

        def work() -> Sequence[str]:
            return list(dict.fromkeys(str(each[4][0]) for each in look_up(host, port, self._role)))

        late = f"the name of {self._role or 'the server '}'{host}' was not found in time"
        return self._within(work, late, "see whether this machine's network, VPN and name server are up")

    def connect(self) -> str:
        """
        Connect, through the proxy if there is one; say to what.

        Raises:
            Fault: Nothing answers, the proxy does not lead there, or the rules forbid it.
        """
        if self._scheme not in ("http", "https"):
            return "built in: there is nothing to connect to"
        if self._endpoint.unix_socket is not None:
            self._within(self._connect, "nobody took the connection", "see whether the server is busy")
            return f"the unix socket {self._endpoint.unix_socket}"
        host, port = self._next_hop
        late = f"no connection to {self._role}{host}:{port} came about"
        self._within(self._connect, late, "check the address, and whether a firewall or a VPN stands between")
        assert self._stream is not None  # noqa: S101 - it is made by now
        address = peer_of(self._stream.get_extra_info("socket"))
        where = f"{address[0]} port {address[1]}"
        if self._proxy is None:
            return where
        through = f", and through it {self._host}:{self._port}" if self._scheme == "https" else ""
        return f"the proxy at {where}{through}"

    def handshake(self, password: str | None = None) -> tuple[str, str] | None:
        """
        Make the connection safe: what was agreed, and what is not as it should be; None for plain http.

        Args:
            password: Of the client's private key, if that is encrypted.

        Raises:
            Fault: A file of the settings cannot be used, the handshake failed, or the server refused us after it.
        """
        if self._scheme != "https":
            return None
        context = tls.context(self._endpoint.tls, password)
        return self._within(
            lambda: self._agree(context), "the TLS handshake did not end", "see whether this port speaks TLS"
        )

    @property
    def _next_hop(self) -> tuple[str, int]:
        return (self._host, self._port) if self._proxy is None else (self._proxy.host, self._proxy.port)

    @property
    def _role(self) -> str:
        return "the proxy " if self._proxy is not None else ""

    def _connect(self) -> None:
        settings = self._endpoint.tls
        if self._endpoint.unix_socket is not None:
            backend = Backend("", self._policies, settings)
            self._stream = backend.connect_unix_socket(self._endpoint.unix_socket)
        elif self._scheme == "https":
            backend = Backend("", self._policies, settings, self._proxy)
            self._stream = backend.connect_tcp(self._host, self._port)
        else:
            self._stream = Backend(self._role.strip(), self._policies, settings).connect_tcp(*self._next_hop)

    def _agree(self, context: ssl.SSLContext) -> tuple[str, str]:
        assert self._stream is not None  # noqa: S101 - the step before has made it
        began = time.monotonic()
        self._stream = self._stream.start_tls(context, self._host)
        made: ssl.SSLSocket = self._stream.get_extra_info("ssl_object")
        took = time.monotonic() - began
        version = (made.version() or "TLS").replace("TLSv", "TLS ")
        shown = certificate_of(made.getpeercert(binary_form=True) or b"")
        words = version
        if shown is not None:
            words += f", certificate of '{shown.subject}' issued by '{shown.issuer}'"
            words += f", valid until {shown.ends:%Y-%m-%d}" if shown.ends else ""
        words += ", with a client certificate" if self._endpoint.tls.certificate else ""
        self._hear_first_word(made, min(1.0, _FIRST_WORD_S + 3 * took))
        if not self._endpoint.tls.verify:
            return f"{words}, NOT VERIFIED", "anyone in between can read and change all: give the authority with --ca"
        return words, _expiring(shown, datetime.now(timezone.utc))

    def _hear_first_word(self, made: ssl.SSLSocket, wait_s: float) -> None:
        """With TLS 1.3 a server looks at the client's certificate after the handshake has ended for the client."""
        if made.version() != "TLSv1.3":
            return
        try:
            made.settimeout(wait_s)
            made.recv(1)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return  # what it means that nothing comes over this connection, the first request will tell
        except ssl.SSLError as problem:
            raise tls_fault(problem, f"{self._host}:{self._port}", self._endpoint.tls) from None
        except OSError:
            return  # most servers have nothing to say before they are asked

    def _within(self, work: Callable[[], _Found], late: str, hint: str) -> _Found:
        """Do one step on our line, in a thread that can be left behind: no system ends the look-up of a name early."""
        ended: Future[_Found] = Future()
        awake = threading.Event()

        def run() -> None:
            with self._line:
                try:
                    ended.set_result(work())
                except BaseException as problem:  # noqa: BLE001 - it is raised where it is waited for
                    ended.set_exception(problem)
            if self._line.stopped.is_set():
                self.close()
            awake.set()

        self._line.on_stop(awake.set)
        _workers.run(f"byom-reach-{self._host[:60]}", run)
        awake.wait(self._limit_s)
        self._line.on_stop(None)
        if self._line.stopped.is_set():
            raise Fault("broken", "It was stopped.")
        if ended.done():
            return ended.result()
        self._line.stop()
        raise Fault("connect", f"Stopped after {self._limit_s:g} s: {late}.", hint=hint)


def _expiring(shown: Certificate | None, now: datetime) -> str:
    """What to do about a certificate that ends soon; empty if it does not."""
    if shown is None or shown.ends is None:
        return ""
    soon = _SOON if shown.begins is None else min(_SOON, (shown.ends - shown.begins) / _SOON_PART)
    if shown.ends - now >= soon:
        return ""
    return f"the certificate expires on {shown.ends:%Y-%m-%d %H:%M} UTC; whoever runs the server has to renew it"


def _nothing() -> None:
    pass

"""The connections to one kind of address, kept for the next call; what httpcore raises becomes ours here."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import httpcore
import httpx

from byom_magics.catalog.spec import Tls
from byom_magics.wire import rules
from byom_magics.wire.faults import Fault
from byom_magics.wire.line import current_line
from byom_magics.wire.network import Backend
from byom_magics.wire.tunnel import proxy_of, refused

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Policy

__all__ = ["PoolTransport"]

_NO_TLS = Tls()


class PoolTransport(httpx.BaseTransport):
    """
    HTTP/1.1 over a pool of connections that are kept for the next call.

    Args:
        context: The TLS context, for https.
        proxy: The URL of an http proxy, with its user and password where it wants them, or None.
        unix_socket: The path of a unix socket that is connected to in place of the host and of any proxy.
        tls: What ``context`` was made of, for messages.
        policies: The rules that hold; asked anew for every request.

    Raises:
        Fault: The proxy is of another kind.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None,
        proxy: str | None = None,
        *,
        unix_socket: str | None = None,
        tls: Tls = _NO_TLS,
        policies: Callable[[], tuple[Policy, ...]] = tuple,
    ) -> None:
        given = proxy_of(proxy) if proxy and not unix_socket else None
        # To https servers there is a tunnel; httpcore's own is not let go when TLS fails in it.
        self._proxy = None if context is not None else given
        self._policies = policies
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=None if self._proxy is None else httpcore.Proxy(f"http://{self._proxy.place}", self._proxy.login),
            uds=unix_socket,
            max_connections=None,
            max_keepalive_connections=32,
            keepalive_expiry=120.0,
            network_backend=Backend(
                "the proxy" if self._proxy else "", policies, tls, given if context is not None else None
            ),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """
        Send a request; the response's stream gives the chunks of its body as the server framed them.

        Raises:
            Fault: No response came.
        """
        assert isinstance(request.stream, Iterable)  # noqa: S101 - ours is always bytes
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        inner = httpcore.Request(request.method, target, headers=request.headers.raw, content=request.stream)
        host, port = target.origin.host.decode(), target.origin.port
        if self._proxy is not None:
            rules.check_host(host, port, self._policies())
        with _translated():
            response = self._pool.handle_request(inner)
        if response.status == 407 and self._proxy is not None:
            with contextlib.suppress(Fault), _translated():
                response.close()
            phrase = response.extensions.get("reason_phrase", b"").decode("ascii", "replace")
            raise refused(self._proxy, f"407 {phrase}", host, port)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions={"reason_phrase": response.extensions.get("reason_phrase", b"")},
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def active_connections(self) -> int:
        """How many connections serve a call at this moment."""
        return sum(not (each.is_idle() or each.is_closed()) for each in self._pool.connections)


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._response.stream, Iterable)  # noqa: S101 - httpcore's union of sync and async
        with _translated():
            yield from self._response.stream

    def close(self) -> None:
        with contextlib.suppress(Fault), _translated():
            self._response.close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what httpcore raises into a `Fault`, keeping its type and text, and none of its frames."""
    try:
        yield
    except httpcore.RemoteProtocolError as problem:
        raise _protocol_fault(str(problem)) from None
    except (httpcore.NetworkError, httpcore.TimeoutException) as problem:
        what = f"The connection broke off ({type(problem).__name__}: {problem})."
        raise Fault("broken", what, passing=True) from None
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as problem:
        what = f"The request cannot be sent ({type(problem).__name__}: {problem})."
        raise Fault("protocol", what, hint="check the address and the headers of this model") from None


def _protocol_fault(said: str) -> Fault:
    line = current_line()
    if "too long" in said or "too large" in said:  # h11 holds at most 100 kB of them
        what = f"The headers of the response are too large ({said})."
        return Fault("protocol", what, hint="look into what stands before the server; 100 kB of headers are taken")
    said_no_http = "without sending a response" in said and line is not None and line.moments.first_byte is not None
    if line is not None and line.peer_closed and not said_no_http:
        return Fault("broken", f"The connection broke off ({said}).", passing=True)
    what = "What came back is no HTTP" + (", and the connection ended." if said_no_http else f" ({said}).")
    return Fault("protocol", what, hint="check the address and the port; a TLS port wants https://")

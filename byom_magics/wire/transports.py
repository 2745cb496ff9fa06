"""The pools of connections, one for each way in which endpoints are reached."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from byom_magics.wire import tls
from byom_magics.wire.policy import scheme_of
from byom_magics.wire.pool import PoolTransport

if TYPE_CHECKING:
    import ssl

    import httpx

    from byom_magics.catalog.spec import Endpoint, Policy, Tls

__all__ = ["Transports"]

_Way = tuple[str, "str | None", "str | None", "Tls | None"]


class Transports:
    """
    Makes a pool when it is first needed, and keeps it for all calls that go the same way.

    Args:
        makers: What serves URL schemes of its own, such as ``demo``: the scheme, and a maker of its transport.
        policies: The rules that hold.
    """

    def __init__(
        self, makers: Mapping[str, Callable[[], httpx.BaseTransport]], policies: Callable[[], tuple[Policy, ...]]
    ) -> None:
        self._makers = makers
        self._policies = policies
        self._made: dict[_Way, tuple[ssl.SSLContext | None, httpx.BaseTransport]] = {}
        self._old: list[httpx.BaseTransport] = []
        self._lock = threading.Lock()

    def to(self, endpoint: Endpoint, proxy: str | None, password: str | None) -> httpx.BaseTransport:
        """
        The transport to an endpoint.

        Args:
            endpoint: Where to.
            proxy: The URL of an http proxy, or None.
            password: Of the client's private key, if it is encrypted.

        Raises:
            Fault: A file of the TLS settings cannot be used, or the proxy is of another kind.
        """
        scheme = scheme_of(endpoint.url)
        if scheme in self._makers:
            with self._lock:
                return self._kept((scheme, None, None, None), None, self._makers[scheme])
        # Plain http has pools of its own, so that no list of authorities is read for it.
        settings = endpoint.tls if scheme == "https" else None
        context = tls.context(settings, password) if settings else None

        def make() -> httpx.BaseTransport:
            return PoolTransport(
                context, proxy, unix_socket=endpoint.unix_socket, tls=endpoint.tls, policies=self._policies
            )

        with self._lock:
            return self._kept((scheme, proxy, endpoint.unix_socket, settings), context, make)

    def active_connections(self) -> int:
        """How many connections serve a call at this moment."""
        with self._lock:
            pools = [transport for _, transport in self._made.values()] + self._old
        return sum(each.active_connections() for each in pools if isinstance(each, PoolTransport))

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for transport in [transport for _, transport in self._made.values()] + self._old:
                transport.close()
            self._made.clear()
            self._old.clear()

    def _kept(
        self, way: _Way, context: ssl.SSLContext | None, make: Callable[[], httpx.BaseTransport]
    ) -> httpx.BaseTransport:
        before, transport = self._made.get(way, (None, None))
        if transport is not None and before is context:
            return transport
        made = make()
        if transport is not None:
            self._retire(transport)  # a certificate was renewed: what was connected with the old one is not used again
        self._made[way] = (context, made)
        return made

    def _retire(self, transport: httpx.BaseTransport) -> None:
        self._old.append(transport)
        for each in [each for each in self._old if isinstance(each, PoolTransport) and not each.active_connections()]:
            self._old.remove(each)
            each.close()

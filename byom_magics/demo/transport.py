"""The in-process form: an httpx transport that answers ``demo://builtin/v1`` itself. No socket, nothing to start."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import httpx

from byom_magics.demo.app import App, Request

__all__ = ["DemoTransport"]

_SCHEME = "demo"
_HOST = "builtin"


class DemoTransport(httpx.BaseTransport):
    """
    Use it as ``httpx.Client(transport=DemoTransport())`` or in ``mounts={"demo://": DemoTransport()}``.

    Closing a response ends its answer at once, from whatever thread, also between two tokens.

    Args:
        app: The app that answers; one with the usual pace if None.
    """

    def __init__(self, app: App | None = None) -> None:
        self._app = app or App()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """
        Answer a request.

        Raises:
            httpx.UnsupportedProtocol: The address is not a ``demo://`` one.
            httpx.ConnectError: It is one of another host than ``builtin``.
        """
        if request.url.scheme != _SCHEME:
            message = f"{request.url} is not a {_SCHEME}:// address: send it through another transport"
            raise httpx.UnsupportedProtocol(message, request=request)
        if request.url.host != _HOST:
            message = f"there is no {request.url.host}: the built-in models are at {_SCHEME}://{_HOST}/v1"
            raise httpx.ConnectError(message, request=request)
        gone = Event()
        response = self._app.respond(
            Request(request.method, request.url.path, request.read(), dict(request.headers)), gone.wait
        )
        body = iter(()) if request.method == "HEAD" else response.body
        return httpx.Response(
            response.status, headers=dict(response.headers), stream=_Answer(body, gone), request=request
        )


class _Answer(httpx.SyncByteStream):
    def __init__(self, body: Iterator[bytes], gone: Event) -> None:
        self._body = body
        self._gone = gone

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            if self._gone.is_set():
                return
            yield piece

    def close(self) -> None:
        self._gone.set()

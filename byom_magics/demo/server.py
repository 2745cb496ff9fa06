"""The built-in models on a port of this machine, for other programs."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from byom_magics.demo.app import LARGEST_BODY, App, Request, Response, refused, too_large
from byom_magics.demo.fields import RequestError

__all__ = ["DemoServer"]


class DemoServer(ThreadingHTTPServer):
    """
    An HTTP/1.1 server of an app.

    Args:
        host: The address to listen at.
        port: The port; 0 for any free one.
        app: The app that answers.

    Raises:
        OSError: The port cannot be had.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: App) -> None:
        super().__init__((host, port), _handler(app))

    @property
    def url(self) -> str:
        """The base URL of its API."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/v1"


def _handler(app: App) -> Callable[..., BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"app": app})


_DISCARDED = 8 * LARGEST_BODY


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "byom-demo"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True
    app: App

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):  # The client hung up. There is nobody left to tell.
            self.close_connection = True

    def answer(self) -> None:
        """Answer one request of any method."""
        try:
            request = Request(self.command, urlsplit(self.path).path, self._body(), dict(self.headers.items()))
        except RequestError as refusal:
            self.close_connection = True
            self._send(refused(refusal))
            self._discard()
            return
        self._send(self.app.respond(request, self._wait))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - the base says so

    def _body(self) -> bytes:
        if "transfer-encoding" in self.headers:
            raise RequestError(411, "Send the body with a Content-Length, not chunked.", code="length_required")
        length = self.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise RequestError(400, f"'{length}' is no Content-Length.", code="bad_content_length")
        if int(length[:20]) > LARGEST_BODY:
            raise too_large()
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            message = "the client hung up within the body"
            raise ConnectionAbortedError(message)
        return body

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        chunked = "content-length" not in response.headers and response.status != 204
        if chunked and self.request_version == "HTTP/1.0":  # It knows no chunks: the end of the line is the end.
            chunked, self.close_connection = False, True
        if chunked:
            self.send_header("transfer-encoding", "chunked")
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in response.body:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _discard(self) -> None:
        # Many clients read only when they have sent all; to hang up on them would lose the refusal on its way.
        left = _DISCARDED
        while left > 0 and (read := self.rfile.read1(min(left, 65536))):
            left -= len(read)

    def _wait(self, seconds: float) -> bool:
        """Wait, but no longer than the client stays. It has nothing to say now: something to read is its hang-up."""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            if not selector.select(seconds):
                return False
        if not self.rfile.peek(1):  # type: ignore[attr-defined]
            return True
        time.sleep(max(0.0, end - time.monotonic()))  # It has sent its next request already.
        return False

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what could not even be read as a request."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = self.protocol_version
        self._send(refused(RequestError(int(code), f"{message or explain or 'This is no HTTP request'}.")))

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

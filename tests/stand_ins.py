"""Servers that stand in for a company's own and for a provider in the cloud, and places that are there only once."""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

from byom_magics.demo.app import App, Request, Response, refused
from byom_magics.demo.fields import RequestError
from byom_magics.demo.server import DemoServer

TOKEN = "company-token-0123456789"
CLOUD_KEY = "cloud-key-0123456789abcdef"
CLOUD_SAYS = "A context manager sets something up, and cleans it up whatever happens."


class _Guarded(App):
    """The built-in models behind a token, as a company's gateway has them."""

    def respond(self, request: Request, wait: Callable[[float], bool]) -> Response:
        given = {name.lower(): value for name, value in request.headers.items()}.get("authorization")
        if given != f"Bearer {TOKEN}":
            return refused(RequestError(401, "This token does not hold.", code="invalid_token"))
        return super().respond(request, wait)


@contextlib.contextmanager
def company(folder: Path) -> Iterator[dict[str, str]]:
    """A company's server: its own authority, a client certificate asked for, a token. Gives the environment for it."""
    authority = trustme.CA()
    files = {"COMPANY_CA": folder / "ca.pem", "COMPANY_CERT": folder / "me.pem", "COMPANY_CERT_KEY": folder / "me.key"}
    authority.cert_pem.write_to_path(str(files["COMPANY_CA"]))
    mine = authority.issue_cert("me@company.example")
    mine.cert_chain_pems[0].write_to_path(str(files["COMPANY_CERT"]))
    mine.private_key_pem.write_to_path(str(files["COMPANY_CERT_KEY"]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    server = DemoServer("localhost", 0, _Guarded(None))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with _running(server):
        url = f"https://localhost:{server.server_address[1]}/v1"
        yield {"COMPANY_URL": url, "COMPANY_TOKEN": TOKEN, **{name: str(path) for name, path in files.items()}}


@contextlib.contextmanager
def cloud() -> Iterator[dict[str, str]]:
    """A provider that speaks Anthropic's dialect. Gives the environment for it."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), _Messages)) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": CLOUD_KEY}


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Wait until no other run of the tests on this machine holds this, such as a port that everyone knows."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (Path(tempfile.gettempdir()) / f"byom-tests-{os.getuid()}-{what}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # it ends with the process at the latest
        yield


class _Messages(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path != "/v1/messages" or self.headers["x-api-key"] != CLOUD_KEY:
            self.send_error(401)
            return
        usage = {"input_tokens": 20, "output_tokens": 1}
        message = {"id": "msg_1", "model": asked["model"], "role": "assistant", "content": [], "usage": usage}
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"{word} "}}
                for word in CLOUD_SAYS.split()
            ),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 14}},
            {"type": "message_stop"},
        ]
        body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Tokens that expire in the middle of a session, at a server that takes only those that have not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.errors import StatusError
from tests.wire.answers import sse

WAIT = 20


class Issuer:
    """Issues tokens, and says which one is good."""

    def __init__(self) -> None:
        self.issued: list[str] = []
        self.good: set[str] = set()
        self.lock = threading.Lock()

    def token(self) -> tuple[str, int]:
        with self.lock:
            self.issued.append(f"short-lived-token-{len(self.issued)}")
            self.good.add(self.issued[-1])
            return self.issued[-1], 3600

    def revoke(self) -> None:
        """What was issued so far is not good any more."""
        self.good.clear()


class Server:
    """A model server that takes the issuer's good tokens."""

    def __init__(self, issuer: Issuer) -> None:
        self.carried: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                server.carried.append(token)
                good = token in issuer.good
                body = sse("Hello") if good else b'{"error": {"message": "token expired"}}'
                self.send_response(200 if good else 401)
                self.send_header("Content-Type", "text/event-stream" if good else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def server(issuer: Issuer) -> Iterator[Server]:
    made = Server(issuer)
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_sec_28_one_token_serves_many_calls(issuer: Issuer, server: Server) -> None:
    byom.register("ours", url=server.url, api_key=issuer.token)
    for _ in range(3):
        assert byom.ask("ours", "hi").text == "Hello"
    assert server.carried == ["short-lived-token-0"] * 3


def test_sec_28_a_token_that_expired_in_mid_session_is_renewed_once_and_the_call_succeeds(
    issuer: Issuer, server: Server
) -> None:
    byom.register("ours", url=server.url, api_key=issuer.token)
    byom.ask("ours", "hi")
    issuer.revoke()
    assert byom.ask("ours", "hi").text == "Hello"
    assert byom.ask("ours", "hi").text == "Hello"
    assert server.carried == [f"short-lived-token-{number}" for number in (0, 0, 1, 1)]


def test_sec_28_many_calls_that_are_refused_at_once_renew_the_token_once(issuer: Issuer, server: Server) -> None:
    byom.register("ours", url=server.url, api_key=issuer.token)
    byom.ask("ours", "hi")
    issuer.revoke()
    with ThreadPoolExecutor(12) as pool:
        texts = list(pool.map(lambda _: byom.ask("ours", "hi").text, range(12), timeout=WAIT))
    assert texts == ["Hello"] * 12
    assert len(issuer.issued) == 2


def test_sec_28_a_token_that_is_refused_again_is_not_renewed_without_end(server: Server) -> None:
    byom.register("ours", url=server.url, api_key=lambda: ("never-good", 3600))
    with pytest.raises(StatusError, match="token expired") as caught:
        byom.ask("ours", "hi")
    assert len(server.carried) <= 2
    assert "callable <lambda>" in str(caught.value)


def test_sec_28_a_command_gives_the_newer_token_too(issuer: Issuer, server: Server, tmp_path: Path) -> None:
    current = tmp_path / "current"
    current.write_text(issuer.token()[0])
    code = f"import json; print(json.dumps({{'access_token': open({str(current)!r}).read(), 'expires_in': 3600}}))"
    byom.register("ours", url=server.url, api_key=("command:", sys.executable, "-c", code))
    byom.ask("ours", "hi")
    issuer.revoke()
    current.write_text(issuer.token()[0])
    assert byom.ask("ours", "hi").text == "Hello"
    assert server.carried == [f"short-lived-token-{number}" for number in (0, 0, 1)]


def test_a_variable_that_was_set_anew_is_used_by_the_next_call(
    issuer: Issuer, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OURS_KEY", issuer.token()[0])
    byom.register("ours", url=server.url, api_key="env:OURS_KEY")
    byom.ask("ours", "hi")
    issuer.revoke()
    with pytest.raises(StatusError, match="env:OURS_KEY"):
        byom.ask("ours", "hi")
    monkeypatch.setenv("OURS_KEY", issuer.token()[0])
    assert byom.ask("ours", "hi").text == "Hello"

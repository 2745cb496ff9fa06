from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from byom_magics.demo import server as module
from byom_magics.demo.app import LARGEST_BODY, App, Request, Response, Wait
from byom_magics.demo.server import DemoServer

ASK = {"model": "demo/pydoc", "messages": [{"role": "user", "content": "lambda"}], "stream": True}


@contextmanager
def serving(app: App) -> Iterator[DemoServer]:
    with DemoServer("127.0.0.1", 0, app) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with serving(App(None)) as server:
        yield server


@pytest.fixture
def client(server: DemoServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


class Watched(App):
    """An app that tells when an answer has ended."""

    def __init__(self, tokens_per_second: float | None) -> None:
        super().__init__(tokens_per_second)
        self.ended = threading.Event()

    def respond(self, request: Request, wait: Wait) -> Response:
        response = super().respond(request, wait)
        return Response(response.status, response.headers, self._watched(response.body))

    def _watched(self, body: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from body
        finally:
            self.ended.set()


def raw(server: DemoServer, sent: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    with socket.create_connection(server.server_address[:2], 20) as connection:  # type: ignore[arg-type]
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, dict(response.getheaders()), json.loads(response.read() or b"{}")


def test_the_models_are_listed_and_the_connection_is_kept(client: httpx.Client) -> None:
    assert client.get("/models").json()["data"][0]["id"] == "demo/pydoc"
    assert client.get("/models").json()["data"][1]["id"] == "demo/bigram"
    assert client.head("/models").content == b""
    assert client.options("/models").status_code == 204
    response = client.get("/models")
    assert response.http_version == "HTTP/1.1"
    assert "connection" not in response.headers


def test_an_answer_streams_in_chunks_and_the_connection_is_kept(client: httpx.Client) -> None:
    for _ in range(2):
        with client.stream("POST", "/chat/completions", json=ASK) as response:
            assert response.headers["transfer-encoding"] == "chunked"
            lines = [line for line in response.iter_lines() if line]
        assert lines[-1] == "data: [DONE]"


def test_tokens_arrive_one_by_one_while_the_answer_goes_on(client: httpx.Client) -> None:
    with client.stream(
        "POST", "/chat/completions", json={**ASK, "tokens_per_second": 200, "max_tokens": 30}
    ) as response:
        reads = list(response.iter_raw())
    assert len(reads) > 10


def test_an_answer_in_one_piece(client: httpx.Client) -> None:
    response = client.post("/chat/completions", json={**ASK, "stream": False})
    assert "## Lambdas" in response.json()["choices"][0]["message"]["content"]


def test_errors_come_in_the_shape_of_openai_and_keep_the_connection(client: httpx.Client) -> None:
    for response, status in [
        (client.post("/chat/completions", json={**ASK, "model": "gpt-5"}), 404),
        (client.post("/chat/completions", content=b"{"), 400),
        (client.get("/chat/completions"), 405),
        (client.get("/elsewhere"), 404),
    ]:
        assert response.status_code == status
        assert response.json()["error"]["type"] == "invalid_request_error"
        assert "connection" not in response.headers
    assert client.get("/chat/completions").headers["allow"] == "POST, OPTIONS"


def test_a_query_is_no_part_of_the_path(client: httpx.Client) -> None:
    assert client.get("/models?limit=5").status_code == 200


def test_a_client_of_http_1_0_gets_a_stream_without_chunks(server: DemoServer) -> None:
    body = json.dumps(ASK).encode()
    with socket.create_connection(server.server_address[:2], 20) as connection:  # type: ignore[arg-type]
        connection.sendall(b"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        head, _, answer = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert answer.startswith(b"data: {")
    assert answer.endswith(b"}\n\ndata: [DONE]\n\n")


def test_a_body_that_is_too_large_is_refused_even_to_a_client_that_sends_all_of_it(client: httpx.Client) -> None:
    response = client.post("/chat/completions", content=b" " * (LARGEST_BODY + 1_000_000))
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "body_too_large"
    assert client.get("/models").status_code == 200


POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (POST + b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1), 413),
        (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: \xb2\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"BREW /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET /v1/models HTTP/9.9\r\n\r\n", 505),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (POST + b"\r\n", 400),
    ],
)
def test_what_is_hardly_http_is_refused_in_the_same_shape(server: DemoServer, sent: bytes, status: int) -> None:
    got, headers, body = raw(server, sent)
    assert (got, body["error"]["type"]) == (status, "invalid_request_error")
    assert headers.get("connection") == "close" or sent.endswith(POST + b"\r\n")


def test_a_client_that_hangs_up_in_a_pause_ends_the_answer_at_once() -> None:
    app = Watched(1e-5)  # One token in 28 hours: only the hang-up can end this.
    with serving(app) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        with client.stream("POST", "/chat/completions", json=ASK) as response:
            pieces = response.iter_raw()
            assert b"assistant" in next(pieces)
            assert not app.ended.is_set()
        assert app.ended.wait(20)


def test_a_client_that_hangs_up_in_full_flow_ends_the_answer() -> None:
    app = Watched(None)
    endless = {**ASK, "model": "demo/bigram", "max_tokens": 10**12, "temperature": 0}
    with serving(app) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        with client.stream("POST", "/chat/completions", json=endless) as response:
            next(response.iter_raw())
        assert app.ended.wait(20)


def test_a_client_that_hangs_up_within_its_body_disturbs_nobody(
    server: DemoServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(server.server_address[:2], 20) as connection:  # type: ignore[arg-type]
        connection.sendall(POST + b"Content-Length: 100\r\n\r\n{")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert capfd.readouterr() == ("", "")


def test_a_request_that_is_sent_too_early_waits_its_turn(server: DemoServer) -> None:
    body = json.dumps({**ASK, "tokens_per_second": 500, "max_tokens": 20}).encode()
    request = POST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    last = b"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(server.server_address[:2], 20) as connection:  # type: ignore[arg-type]
        connection.sendall(request + last)
        got = b"".join(iter(lambda: connection.recv(65536), b""))
    assert got.count(b"HTTP/1.1 200") == 2
    assert b"[DONE]" in got
    assert got.rstrip().endswith(b"}")


def test_the_url_is_where_it_answers(server: DemoServer) -> None:
    assert server.url == f"http://127.0.0.1:{server.server_address[1]}/v1"
    assert module.DemoServer.daemon_threads

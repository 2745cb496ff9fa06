"""Pools of connections: their reuse and its races, and proxies."""

from __future__ import annotations

import base64
import threading

import pytest

from tests.wire.answers import CHUNKED, DONE, GOOD, LAST, chunk, chunked, completion, frame, head, sized, sse
from tests.wire.asking import ask, ask_key, expect, register
from tests.wire.raw_server import Answer, Peer, RawServer, after, hold, keep, nobody_listens, reset, slowly

# Reuse

REUSABLE: list[tuple[str, Answer]] = [
    ("chunked", [chunked(sse("Hello")), keep]),
    ("sized", [sized(sse("Hello")), keep]),
    ("the last chunk comes late", [CHUNKED, frame(sse("Hello")), slowly(LAST), keep]),
    ("no end mark", [chunked(sse("Hello", done=False)), keep]),
    ("json", [sized(completion("Hello"), "200 OK", "application/json"), keep]),
    (
        "usage after the end of the text",
        [chunked(sse("Hello", done=False), chunk(usage={"prompt_tokens": 1}), DONE), keep],
    ),
]


@pytest.mark.parametrize("answer", [pytest.param(answer, id=name) for name, answer in REUSABLE])
def test_wire_44_the_next_call_uses_the_connection_again(answer: Answer) -> None:
    with RawServer(answer) as server:
        key = register(server)
        for _ in range(3):
            expect(ask_key(key), "complete", text="Hello")
        assert len(server.requests) == 3
        assert len(server.peers) == 1


def test_wire_44_two_models_of_one_server_share_its_connections() -> None:
    with RawServer([*GOOD, keep]) as server:
        expect(ask(server), "complete")
        expect(ask(server), "complete")
        assert len(server.peers) == 1


@pytest.mark.parametrize(
    "answer",
    [
        [CHUNKED, frame(chunk("Hel")), frame(b"data: {\n\n"), hold],
        [head("200 OK", "text/event-stream", "Content-Length: 9999"), sse("Hello"), hold],
    ],
    ids=["given up in the middle", "open after the end mark"],
)
def test_a_connection_with_an_unread_rest_is_not_used_again(answer: Answer) -> None:
    with RawServer(answer, GOOD) as server:
        key = register(server)
        ask_key(key)
        expect(ask_key(key), "complete", text="Hello")
        assert len(server.peers) == 2
        server.wait_for_hang_up()


def test_wire_42_a_connection_that_the_server_closed_while_idle_is_replaced() -> None:
    idle, closed = threading.Event(), threading.Event()

    def close(peer: Peer) -> None:
        peer.close()
        closed.set()

    with RawServer([chunked(sse("Hello")), after(idle), close], GOOD) as server:
        key = register(server)
        expect(ask_key(key), "complete", text="Hello")
        idle.set()
        assert closed.wait(10)
        expect(ask_key(key), "complete", text="Hello")
        assert len(server.peers) == len(server.requests) == 2


@pytest.mark.parametrize("abort", [[reset], []], ids=["rst", "fin"])
def test_wire_43_a_reused_connection_that_dies_at_the_request_is_replaced_once(abort: Answer) -> None:
    with RawServer([*GOOD, keep], abort, GOOD) as server:
        key = register(server)
        expect(ask_key(key), "complete", text="Hello")
        expect(ask_key(key), "complete", text="Hello")
        assert len(server.requests) == 3
        assert len(server.peers) == 2


def test_wire_43_what_had_begun_to_answer_is_not_asked_again_as_a_race() -> None:
    with RawServer([*GOOD, keep], [CHUNKED, frame(chunk("Hel")), reset], GOOD) as server:
        key = register(server)
        expect(ask_key(key), "complete", text="Hello")
        outcome = ask_key(key)
        assert outcome.reply.state_text == "incomplete(connection)"
        assert len(server.requests) == 2


def test_a_server_that_says_close_is_believed() -> None:
    with RawServer([sized(sse("Hello"), "200 OK", "text/event-stream", "Connection: close")], GOOD) as server:
        key = register(server)
        expect(ask_key(key), "complete", text="Hello")
        expect(ask_key(key), "complete", text="Hello")
        assert len(server.peers) == 2


# Proxies


def test_proxies_of_the_environment_are_not_used_unless_the_model_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(GOOD) as proxy, RawServer(GOOD) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        expect(ask(server), "complete", text="Hello")
        assert proxy.peers == []


def test_proxies_of_the_environment_are_used_where_the_model_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(GOOD) as proxy, RawServer(GOOD) as server:
        monkeypatch.setenv("http_proxy", proxy.origin)
        expect(ask("http://models.test/v1", proxy="env"), "complete", text="Hello")
        assert proxy.requests[0].line == "POST http://models.test/v1/chat/completions HTTP/1.1"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        expect(ask(server, proxy="env"), "complete", text="Hello")
        assert len(proxy.requests) == len(server.requests) == 1


def test_a_proxy_of_the_environment_gets_its_user_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(GOOD) as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin.replace("://", "://me:p%40ss@"))
        expect(ask("http://models.test/v1", proxy="env"), "complete", text="Hello")
        given = base64.b64decode(proxy.requests[0].headers["proxy-authorization"].removeprefix("Basic "))
        assert given == b"me:p@ss"


def test_a_proxy_of_another_kind_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://me:hidden@127.0.0.1:1080")
    outcome = expect(ask("http://models.test/v1", proxy="env"), "error(policy)")
    assert "socks5" in outcome.message
    assert "hidden" not in outcome.message


def test_a_proxy_of_the_registration_is_asked_for_the_whole_address() -> None:
    with RawServer(GOOD) as proxy:
        expect(ask("http://models.test:8123/v1", proxy=proxy.origin), "complete", text="Hello")
        assert proxy.requests[0].line == "POST http://models.test:8123/v1/chat/completions HTTP/1.1"
        assert proxy.requests[0].headers["host"] == "models.test:8123"


def test_a_proxy_that_refuses_to_connect_is_told() -> None:
    with RawServer([head("407 Proxy Authentication Required", "text/html", "Content-Length: 0")]) as proxy:
        outcome = ask("https://models.test:8123/v1", proxy=proxy.origin)
        assert outcome.reply.state.failed
        assert "407" in outcome.message
        assert "proxy" in outcome.message.lower()
        assert proxy.requests[0].line.startswith("CONNECT models.test:8123 ")


def test_a_proxy_where_nobody_listens_is_told() -> None:
    with nobody_listens() as url:
        outcome = expect(ask("http://models.test/v1", proxy=url.removesuffix("/v1")), "incomplete(connection)")
        assert "proxy" in outcome.message.lower()

"""The client: what it sends, to whom, and what it never sends."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

import byom_magics as byom
from byom_magics import errors, session
from byom_magics.catalog.secrets import Secret
from byom_magics.catalog.spec import Timeouts
from byom_magics.messages import Call, Message
from tests.wire.answers import GOOD, completion, sized
from tests.wire.asking import ask, ask_key, eventually, expect, register
from tests.wire.raw_server import Peer, RawServer, keep, tell

KEY = "sk-canary-0123456789abcdef"


def test_a_key_is_sent_in_the_one_header_of_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    with RawServer(GOOD) as server:
        expect(ask(server, api_key="env:CANARY_KEY"), "complete")
        request = server.requests[0]
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.head.count(KEY.encode()) == 1
        assert KEY.encode() not in request.body
        assert KEY not in request.line


def test_a_key_in_a_header_of_another_name_is_resolved_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    with RawServer(GOOD) as server:
        expect(ask(server, headers={"api-key": "env:CANARY_KEY"}), "complete")
        assert server.requests[0].headers["api-key"] == KEY
        assert "authorization" not in server.requests[0].headers


def test_sec_24_a_key_for_another_origin_does_not_travel() -> None:
    with RawServer(GOOD) as server:
        current = session.current()
        spec = current.spec(register(server))
        secret = Secret(KEY, source="env:CANARY_KEY", origin="https://other.test:443", prefix="Bearer")
        call = Call((Message("user", "hi"),))
        with pytest.raises(errors.PolicyError) as caught:
            current.client.stream(spec, call, timeouts=Timeouts(), headers={"Authorization": secret})
        assert "https://other.test:443" in str(caught.value)
        assert server.origin in str(caught.value)
        assert KEY not in str(caught.value)
        assert server.peers == []


def test_sec_25_a_key_does_not_travel_over_plain_http_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    with pytest.raises(errors.RegistrationError, match="https://"):
        register("http://models.test/v1", api_key="env:CANARY_KEY")


def test_sec_26_netrc_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    netrc = tmp_path_factory.mktemp("netrc") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary-password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(netrc.parent))
    with RawServer(GOOD) as server:
        expect(ask(server), "complete")
        assert "authorization" not in server.requests[0].headers


def test_cookies_are_not_kept() -> None:
    answer = sized(completion("Hello"), "200 OK", "application/json", "Set-Cookie: a=b; Path=/")
    with RawServer([answer, keep]) as server:
        key = register(server)
        expect(ask_key(key), "complete")
        expect(ask_key(key), "complete")
        assert all("cookie" not in request.headers for request in server.requests)


def test_a_query_of_the_address_stays_at_its_end() -> None:
    with RawServer(GOOD) as server:
        expect(ask(f"{server.url}?api-version=1"), "complete")
        assert server.requests[0].line == "POST /v1/chat/completions?api-version=1 HTTP/1.1"


def test_the_path_can_be_another() -> None:
    with RawServer(GOOD) as server:
        expect(ask(server, path="/chat"), "complete")
        assert server.requests[0].line == "POST /v1/chat HTTP/1.1"


def test_many_calls_at_once_each_get_their_own_answer() -> None:
    def echo(peer: Peer) -> None:
        said = peer.server.requests
        text = next(request.json["messages"][0]["content"] for request in said if request.peer is peer)
        peer.send(sized(completion(text), "200 OK", "application/json"))

    with RawServer([echo]) as server:
        key = register(server)
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda number: byom.ask(key, f"call {number}").text, range(64)))
        assert replies == [f"call {number}" for number in range(64)]


def test_headers_of_the_registration_are_sent_and_the_body_is_a_streaming_request() -> None:
    headers: Mapping[str, str] = {"X-Tenant": "a", "x-more": "b c"}
    with RawServer([sized(completion(), "200 OK", "application/json")]) as server:
        expect(ask(server, headers=headers, model="some/model:tag"), "complete")
        request = server.requests[0]
        assert request.headers["x-tenant"] == "a"
        assert request.headers["x-more"] == "b c"
        assert request.headers["content-type"].startswith("application/json")
        assert "text/event-stream" in request.headers["accept"]
        assert request.json["model"] == "some/model:tag"
        assert request.json["stream"] is True
        assert request.json["messages"] == [{"role": "user", "content": "hi"}]


def test_an_answer_while_the_request_is_still_being_sent_is_read() -> None:
    told = threading.Event()
    early = sized(b'{"error": "too long"}', "413 Payload Too Large", "application/json", "Connection: close")

    def answer_early(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send(early)
        # A server that answers early reads on for a while, as it should; closing would abort the connection.
        while peer.sock.recv(1 << 20):
            if told.is_set():
                return

    with RawServer(on_connect=[answer_early, tell(told), lambda peer: peer.close()]) as server:
        key = register(server)
        with byom.stream(key, "x" * 3_000_000) as events:
            for _ in events:
                pass
        told.set()
        assert events.reply.state_text == "error(http)"
        assert eventually(lambda: server.peers[0].closed)

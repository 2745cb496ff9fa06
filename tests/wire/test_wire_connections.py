"""Connections: reuse and its races, refusals to connect, and TLS in all the ways in which it goes wrong."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

import byom_magics as byom
from byom_magics import errors
from byom_magics.events import State
from byom_magics.wire import tls
from tests.wire.answers import CHUNKED, DONE, GOOD, LAST, chunk, chunked, completion, frame, head, sized, sse
from tests.wire.asking import Outcome, ask, ask_key, eventually, expect, register
from tests.wire.raw_server import Answer, Peer, RawServer, after, hold, keep, nobody_listens, reset, slowly, tell

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


# No connection


def test_wire_46_nobody_listens() -> None:
    with nobody_listens() as url:
        outcome = expect(ask(url), "incomplete(connection)", text="", says=("refused", url.removesuffix("/v1")))
        assert isinstance(outcome.error, errors.ConnectError)


def test_wire_46_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_look_up(monkeypatch, "nowhere.test", socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    outcome = expect(ask("http://nowhere.test/v1"), "incomplete(connection)", says=("nowhere.test", "name"))
    assert isinstance(outcome.error, errors.ConnectError)


def fail_look_up(monkeypatch: pytest.MonkeyPatch, name: str, error: OSError) -> None:
    look_up = socket.getaddrinfo

    def fail(host: Any, *args: Any, **more: Any) -> Any:
        if host in (name, name.encode()):
            raise error
        return look_up(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fail)


def test_a_server_that_accepts_and_aborts_at_once_is_told() -> None:
    with RawServer(on_connect=[reset]) as server:
        outcome = expect(ask(server), "incomplete(connection)", says=(server.origin,))
        assert outcome.reply.attempts == 3


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


# TLS


@dataclass(frozen=True)
class Authority:
    """A certificate authority that the client may be told to trust."""

    ca: trustme.CA
    file: Path

    def context(self, *names: str, **more: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("127.0.0.1", "localhost", "::1")), **more).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return Authority(ca, file)


@pytest.fixture(autouse=True)
def _authorities_read_anew() -> Iterator[None]:
    tls.context.cache_clear()
    yield
    tls.context.cache_clear()


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority, trusted by way of the variable that OpenSSL reads."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def failed_tls(outcome: Outcome, *says: str) -> Outcome:
    expect(outcome, "incomplete(connection)", text="", says=says)
    assert isinstance(outcome.error, errors.ConnectError)
    return outcome


def test_a_trusted_server_answers_over_tls_and_its_connection_is_reused(trusted: Authority) -> None:
    with RawServer([*GOOD, keep], tls=trusted.context()) as server:
        key = register(server)
        expect(ask_key(key), "complete", text="Hello")
        expect(ask_key(key), "complete", text="Hello")
        assert len(server.peers) == 1


def test_tls_answers_one_byte_at_a_time(trusted: Authority) -> None:
    with RawServer([slowly(chunked(sse("Hello")))], tls=trusted.context()) as server:
        expect(ask(server), "complete", text="Hello")


def test_stop_from_another_thread_ends_a_call_over_tls(trusted: Authority) -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold], tls=trusted.context()) as server:
        with byom.stream(register(server), "hi") as events:
            stopper = threading.Thread(target=events.stop)
            for event in events:
                if event.kind == "text":
                    stopper.start()
            stopper.join()
        server.wait_for_hang_up()
        assert events.reply.state is State.CANCELLED
        assert events.reply.text == "Hel"


def test_a_call_over_tls_stalls_like_any_other(trusted: Authority) -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold], tls=trusted.context()) as server:
        expect(ask(server, timeouts={"idle": 0.3}), "stalled(idle)", text="Hel")
        server.wait_for_hang_up()


@pytest.mark.parametrize("end", [[], [reset]], ids=["fin without close_notify", "rst"])
def test_tls_that_is_cut_in_the_middle_is_incomplete(end: Answer, trusted: Authority) -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), *end], tls=trusted.context()) as server:
        outcome = ask(server)
        assert outcome.reply.state_text == "incomplete(connection)"
        assert outcome.reply.text in ("Hel", "")


def test_tls_until_close_without_close_notify_is_no_success(trusted: Authority) -> None:
    with RawServer([head() + chunk("Hel")], tls=trusted.context()) as server:
        outcome = ask(server)
        assert outcome.reply.state is State.INCOMPLETE
        assert outcome.reply.text == "Hel"


def test_wire_46_an_unknown_authority(authority: Authority) -> None:
    with RawServer(GOOD, tls=authority.context()) as server:
        failed_tls(ask(server), "certificate", "SSL_CERT_FILE")
        assert server.requests == []


def test_wire_46_a_self_signed_certificate(authority: Authority, tmp_path: Path) -> None:
    # A server that shows the authority's own certificate: one that signed itself.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = tmp_path / "self.pem"
    pem.write_bytes(authority.ca.private_key_pem.bytes() + authority.ca.cert_pem.bytes())
    context.load_cert_chain(pem)
    with RawServer(GOOD, tls=context) as server:
        failed_tls(ask(server), "self", "signed")


def test_wire_46_a_certificate_for_another_host(trusted: Authority) -> None:
    with RawServer(GOOD, tls=trusted.context("models.example.org")) as server:
        failed_tls(ask(server), "certificate", "127.0.0.1")
        assert server.requests == []


def test_wire_46_an_expired_certificate(trusted: Authority) -> None:
    past = datetime.now(timezone.utc) - timedelta(days=3)
    with RawServer(GOOD, tls=trusted.context(not_before=past - timedelta(days=30), not_after=past)) as server:
        failed_tls(ask(server), "expired")


def test_wire_46_a_certificate_that_is_not_valid_yet(trusted: Authority) -> None:
    future = datetime.now(timezone.utc) + timedelta(days=3)
    context = trusted.context(not_before=future, not_after=future + timedelta(days=30))
    with RawServer(GOOD, tls=context) as server:
        failed_tls(ask(server), "not yet valid")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_wire_46_a_server_that_demands_a_client_certificate(version: ssl.TLSVersion, trusted: Authority) -> None:
    context = trusted.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = version
    trusted.ca.configure_trust(context)
    with RawServer(GOOD, tls=context) as server:
        failed_tls(ask(server), "client certificate")
        assert server.requests == []


def test_a_server_with_only_old_tls_is_refused(trusted: Authority) -> None:
    context = trusted.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with RawServer(GOOD, tls=context) as server:
        failed_tls(ask(server), "TLS")


def test_wire_46_https_where_plain_http_is_spoken() -> None:
    def answer_as_http(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with RawServer(on_connect=[answer_as_http, lambda peer: peer.close()]) as server:
        failed_tls(ask(server.url.replace("http:", "https:")), "http://")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
        (
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 84\r\n\r\n"
            b"<html><title>400 The plain HTTP request was sent to HTTPS port</title>nginx</html>.."
        ),
    ],
    ids=["go", "nginx"],
)
def test_wire_46_plain_http_where_tls_is_spoken_by_a_server_that_says_so(answer: bytes) -> None:
    with RawServer([answer]) as server:
        expect(ask(server), "error(http)", says=("https",))


def test_wire_46_plain_http_where_tls_is_spoken(authority: Authority) -> None:
    # A fatal alert "unexpected message" in a TLS record: what a TLS server says to a line of HTTP.
    with RawServer([b"\x15\x03\x01\x00\x02\x02\x0a"]) as server:
        outcome = ask(server)
        assert outcome.reply.state.failed
        assert "https://" in outcome.message
        assert len(server.requests) == 1


def test_every_failure_to_connect_has_words_of_its_own(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    past = datetime.now(timezone.utc) - timedelta(days=3)
    said: dict[str, str] = {}

    def note(name: str, outcome: Outcome) -> None:
        assert isinstance(outcome.error, errors.ConnectError)
        said[name] = outcome.error.what
        assert outcome.error.hint

    with nobody_listens() as url:
        note("refused", ask(url))
    with RawServer(GOOD, tls=trusted.context("other.test")) as server:
        note("name", ask(server))
    with RawServer(GOOD, tls=trusted.context(not_before=past - timedelta(days=9), not_after=past)) as server:
        note("expired", ask(server))
    with RawServer(GOOD, tls=Authority(trustme.CA(), trusted.file).context()) as server:
        note("authority", ask(server))
    fail_look_up(monkeypatch, "nowhere.test", socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    note("look-up", ask("http://nowhere.test/v1"))
    kinds = {name: "".join(letter for letter in text if not letter.isdigit()) for name, text in said.items()}
    assert len(set(kinds.values())) == len(said), said


def test_plain_http_loads_no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **more: Any) -> None:
        pytest.fail("certificates were loaded for a plain http address")

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", never)
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", never)
    with RawServer(GOOD) as server:
        expect(ask(server), "complete", text="Hello")


def test_keepalive_probes_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, object]] = []
    real: Callable[..., None] = socket.socket.setsockopt

    class Noting(socket.socket):
        def setsockopt(self, level: int, name: int, *value: Any) -> None:
            seen.append((level, name, value[0]))
            real(self, level, name, *value)

    with RawServer(GOOD) as server:
        monkeypatch.setattr(socket, "socket", Noting)
        expect(ask(server), "complete", text="Hello")
        monkeypatch.undo()
    assert any((level, name) == (socket.SOL_SOCKET, socket.SO_KEEPALIVE) and value for level, name, value in seen)


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

"""TLS that works, and in all the ways in which it goes wrong."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

import byom_magics as byom
from byom_magics import errors
from byom_magics.events import State
from tests.wire.answers import CHUNKED, GOOD, chunk, chunked, frame, head, sse
from tests.wire.asking import Outcome, ask, ask_key, expect, fail_look_up, register
from tests.wire.raw_server import Answer, Peer, RawServer, hold, keep, nobody_listens, reset, slowly


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

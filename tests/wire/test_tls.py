"""TLS that works, and in all the ways in which it goes wrong."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

import byom_magics as byom
from byom_magics import errors
from byom_magics.catalog.spec import Tls
from byom_magics.events import State
from byom_magics.wire import tls
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


# Settings of an endpoint's own


@pytest.fixture
def company(authority: Authority, tmp_path: Path) -> Company:
    """A company's own authority, its server's context, and a client's files."""
    return Company(authority, tmp_path)


@dataclass(frozen=True)
class Company:
    authority: Authority
    folder: Path

    @property
    def ca(self) -> str:
        return str(self.authority.file)

    def demanding(self, authority: trustme.CA | None = None) -> ssl.SSLContext:
        """The context of a server that wants a client's certificate."""
        context = self.authority.context()
        context.verify_mode = ssl.CERT_REQUIRED
        (authority or self.authority.ca).configure_trust(context)
        return context

    def client(self, ca: trustme.CA | None = None, **more: Any) -> dict[str, Any]:
        """The settings of a client with a certificate of that authority."""
        issued = (ca or self.authority.ca).issue_cert("someone@company.test", **more)
        certificate, key = self.folder / "client.pem", self.folder / "client.key"
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return {"ca": self.ca, "certificate": str(certificate), "key": str(key)}


def encrypted(key: Path, password: str) -> None:
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(kind, form, serialization.BestAvailableEncryption(password.encode())))


def test_a_companys_own_authority_is_trusted_where_the_model_names_it_and_nowhere_else(company: Company) -> None:
    with RawServer(GOOD, tls=company.authority.context()) as server:
        expect(ask(server, tls={"ca": company.ca}), "complete", text="Hello")
        failed_tls(ask(server), "not known here")
        assert len(server.requests) == 1


def test_with_the_systems_authorities_switched_off_only_the_named_ones_are_trusted(
    trusted: Authority, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with RawServer(GOOD, tls=trusted.context()) as server:
        expect(ask(server, tls={"ca": str(other)}), "complete", text="Hello")
        failed_tls(ask(server, tls={"ca": str(other), "system_trust": False}), "not known here", str(other))


def test_verification_that_is_switched_off_takes_any_certificate(authority: Authority) -> None:
    with RawServer(GOOD, tls=authority.context("other.test")) as server:
        with pytest.warns(UserWarning, match="not verified"):
            key = register(server, tls={"verify": False})
        expect(ask_key(key), "complete", text="Hello")


def test_both_sides_show_their_certificates(company: Company) -> None:
    with RawServer([*GOOD, keep], tls=company.demanding()) as server:
        key = register(server, tls=company.client())
        expect(ask_key(key), "complete", text="Hello")
        expect(ask_key(key), "complete", text="Hello")
        shown = server.peers[0].sock
        assert isinstance(shown, ssl.SSLSocket)
        assert len(server.peers) == 1


def test_certificate_and_key_may_stand_in_one_file(company: Company) -> None:
    settings = company.client()
    certificate = Path(settings["certificate"])
    certificate.write_bytes(certificate.read_bytes() + Path(settings.pop("key")).read_bytes())
    with RawServer(GOOD, tls=company.demanding()) as server:
        expect(ask(server, tls=settings), "complete", text="Hello")


def test_an_encrypted_key_is_opened_with_the_password_that_is_referred_to(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = company.client()
    encrypted(Path(settings["key"]), "open sesame")
    monkeypatch.setenv("KEY_PASSWORD", "open sesame")
    with RawServer(GOOD, tls=company.demanding()) as server:
        expect(ask(server, tls={**settings, "key_password": "env:KEY_PASSWORD"}), "complete", text="Hello")
        failed_tls(ask(server, tls=settings), "encrypted", "no password", "--client-key-password")
        monkeypatch.setenv("KEY_PASSWORD", "another one")
        outcome = failed_tls(ask(server, tls={**settings, "key_password": "env:KEY_PASSWORD"}), "encrypted", "password")
        assert "another one" not in outcome.message
        assert len(server.requests) == 1


def test_a_renewed_certificate_is_used_without_registering_anew(company: Company) -> None:
    shown: list[str] = []

    def note(peer: Peer) -> None:
        assert isinstance(peer.sock, ssl.SSLSocket)
        shown.append(str(peer.sock.getpeercert()))

    settings = company.client(organization_name="before")
    with RawServer([note, *GOOD, keep], tls=company.demanding()) as server:
        key = register(server, tls=settings)
        expect(ask_key(key), "complete", text="Hello")
        company.client(organization_name="after")
        expect(ask_key(key), "complete", text="Hello")
        assert "before" in shown[0]
        assert "after" in shown[1]
        assert server.wait_for_hang_up().kind == "fin"  # the old connection is not kept


def test_two_models_with_other_certificates_share_no_connection(company: Company) -> None:
    with RawServer([*GOOD, keep], tls=company.authority.context()) as server:
        expect(ask(server, tls={"ca": company.ca}), "complete")
        expect(ask(server, tls=company.client()), "complete")
        assert len(server.peers) == 2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_client_certificate_that_the_server_refuses_is_named(version: ssl.TLSVersion, company: Company) -> None:
    context = company.demanding()
    context.minimum_version = context.maximum_version = version
    stranger = trustme.CA(organization_name="Another Company")
    with RawServer(GOOD, tls=context) as server:
        settings = company.client(stranger)
        failed_tls(
            ask(server, tls=settings), "refuses the client certificate", settings["certificate"], "Another Company"
        )
        assert server.requests == []


def test_an_expired_client_certificate_is_refused_with_its_date(company: Company) -> None:
    past = datetime.now(timezone.utc) - timedelta(days=3)
    settings = company.client(not_before=past - timedelta(days=30), not_after=past)
    with RawServer(GOOD, tls=company.demanding()) as server:
        failed_tls(ask(server, tls=settings), "refuses the client certificate", f"{past:%Y-%m-%d}", "expired")


def test_a_server_that_is_too_old_for_the_wanted_version_is_told(trusted: Authority) -> None:
    context = trusted.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with RawServer(GOOD, tls=context) as server:
        expect(ask(server, tls={"minimum_version": "1.2"}), "complete")
        failed_tls(ask(server, tls={"minimum_version": "1.3"}), "version of TLS", "1.3")


# What a refused certificate says


def test_an_unknown_authority_is_named(tmp_path: Path) -> None:
    authority = Authority(trustme.CA(organization_name="Example Company"), tmp_path)
    with RawServer(GOOD, tls=authority.context()) as server:
        failed_tls(ask(server), "'Example Company'", "not known here", "--ca", "SSL_CERT_FILE")
        assert server.requests == []


def test_the_names_in_a_certificate_for_another_host_are_told(trusted: Authority) -> None:
    with RawServer(GOOD, tls=trusted.context("models.example.org", "*.example.net")) as server:
        failed_tls(ask(server), "'models.example.org', '*.example.net'", "127.0.0.1")


def test_the_day_on_which_a_certificate_expired_is_told(trusted: Authority) -> None:
    past = datetime.now(timezone.utc) - timedelta(days=3)
    with RawServer(GOOD, tls=trusted.context(not_before=past - timedelta(days=30), not_after=past)) as server:
        failed_tls(ask(server), f"expired on {past:%Y-%m-%d}", "clock")


def test_a_server_that_shows_its_certificate_only_once_is_told_as_well(authority: Authority) -> None:
    class Once(RawServer):
        def _serve(self, peer: Peer) -> None:
            if peer.number == 0:
                super()._serve(peer)
            else:
                peer.reset()

    with Once(GOOD, tls=authority.context()) as server:
        failed_tls(ask(server), "an authority that is not known here")


def test_stopping_ends_a_look_at_a_refused_certificate(authority: Authority) -> None:
    seen = threading.Event()

    class Silent(RawServer):
        """Shakes hands with the first caller, and leaves the second one waiting."""

        def _serve(self, peer: Peer) -> None:
            if peer.number == 0:
                super()._serve(peer)
            else:
                seen.set()
                hold(peer)
                peer.close()

    with Silent(GOOD, tls=authority.context()) as server:
        with byom.stream(register(server), "hi") as events:
            assert seen.wait(10)
            events.stop()
            list(events)
        assert events.reply.state in (State.CANCELLED, State.INCOMPLETE)
        server.wait_for_hang_up()


# Files that cannot be used


@pytest.mark.parametrize(
    ("setting", "content", "says"),
    [
        ("ca", None, ("authorities", "No such file", "--ca")),
        ("ca", b"no certificate", ("authorities", "holds no certificates", "--ca")),
        ("ca", b"", ("holds no certificates",)),
        ("ca", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ("holds no certificates",)),
        ("certificate", None, ("client's certificate", "No such file", "--client-cert")),
        ("certificate", b"no certificate", ("client's certificate", "holds none", "--client-cert")),
        ("key", None, ("private key", "No such file", "--client-key")),
        ("key", b"no key", ("no private key", "--client-key")),
        ("key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ("cannot be used",)),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_option(
    setting: str, content: bytes | None, says: tuple[str, ...], company: Company
) -> None:
    settings = company.client()
    file = company.folder / "wrong.pem"
    if content is not None:
        file.write_bytes(content)
    with RawServer(GOOD, tls=company.demanding()) as server:
        key = register(server, tls=settings)
        spec = byom.models[key]
        wrong = replace(spec.endpoint, tls=Tls(**{**settings, setting: str(file)}))
        byom.models.register(replace(spec, endpoint=wrong))
        failed_tls(ask_key(key), str(file), *says)
        assert server.peers == []


def test_a_folder_in_place_of_a_file_is_told(company: Company) -> None:
    with RawServer(GOOD, tls=company.authority.context()) as server:
        failed_tls(ask(server, tls={"ca": str(company.folder)}), str(company.folder), "cannot be read")


def test_a_key_of_another_certificate_is_told(company: Company) -> None:
    settings = company.client()
    other = company.folder / "other.key"
    company.authority.ca.issue_cert("else@company.test").private_key_pem.write_to_path(str(other))
    with RawServer(GOOD, tls=company.demanding()) as server:
        failed_tls(ask(server, tls={**settings, "key": str(other)}), "does not belong", str(other))


def test_the_same_settings_share_a_context_until_a_file_changes(company: Company) -> None:
    settings = Tls(ca=company.ca)
    assert tls.context(settings) is tls.context(settings)
    assert tls.context(settings) is not tls.context(replace(settings, minimum_version="1.3"))
    own = company.folder / "ca.pem"
    own.write_bytes(Path(company.ca).read_bytes())
    before = tls.context(Tls(ca=str(own)))
    own.write_bytes(own.read_bytes() * 2)
    assert tls.context(Tls(ca=str(own))) is not before

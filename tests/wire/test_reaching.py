"""Reaching an endpoint step by step, against real sockets: each way in which it fails, in words that say what to do."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from byom_magics.catalog.spec import Endpoint, Policy, Tls
from byom_magics.wire.faults import Fault
from byom_magics.wire.reaching import Reach
from tests.wire.asking import eventually, fail_look_up
from tests.wire.connect_proxy import ConnectProxy
from tests.wire.raw_server import Peer, RawServer, hold, never_accepts, nobody_listens

SOON = timedelta(days=3)


@dataclass(frozen=True)
class Company:
    """An authority, the servers that it vouches for, and its clients."""

    ca: trustme.CA
    folder: Path

    def server(self, *names: str, demanding: bool = False, **more: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("127.0.0.1", "localhost")), **more).configure_cert(context)
        if demanding:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        return context

    def tls(self, *, certificate: bool = False, **more: Any) -> Tls:
        file = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(file))
        if certificate:
            issued = self.ca.issue_cert("me@company.test")
            issued.cert_chain_pems[0].write_to_path(str(self.folder / "me.pem"))
            issued.private_key_pem.write_to_path(str(self.folder / "me.key"))
            more |= {"certificate": str(self.folder / "me.pem"), "key": str(self.folder / "me.key")}
        return Tls(ca=str(file), **more)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Example Company")


@pytest.fixture
def company(authority: trustme.CA, tmp_path: Path) -> Company:
    return Company(authority, tmp_path)


@dataclass(frozen=True)
class Reached:
    """What each step said."""

    looked_up: list[str] | None
    connected: str
    agreed: tuple[str, str] | None


def reach(endpoint: Endpoint | str, proxy: str | None = None, *policies: Policy, limit_s: float = 10.0) -> Reached:
    """Take all steps."""
    endpoint = Endpoint(endpoint) if isinstance(endpoint, str) else endpoint
    with Reach(endpoint, proxy, lambda: policies, limit_s=limit_s) as steps:
        found = steps.look_up()
        return Reached(None if found is None else list(found), steps.connect(), steps.handshake())


def fails(endpoint: Endpoint | str, *says: str, proxy: str | None = None, limit_s: float = 10.0) -> Fault:
    """Take all steps, one of which must fail in these words."""
    with pytest.raises(Fault) as caught:
        reach(endpoint, proxy, limit_s=limit_s)
    fault = caught.value
    assert fault.hint
    text = f"{fault.what} {fault.hint}"
    assert all(word in text for word in says), text
    return fault


# Names and connections


def test_a_server_is_looked_up_and_connected_to_and_nothing_is_sent() -> None:
    with RawServer([hold]) as server:
        found = reach(f"http://localhost:{server.port}/v1")
        assert found.looked_up is not None
        assert "127.0.0.1" in found.looked_up
        assert (found.connected, found.agreed) == (f"127.0.0.1 port {server.port}", None)
        assert server.wait_for_hang_up().kind == "fin"
        assert server.requests == []


def test_an_address_is_not_looked_up() -> None:
    with RawServer([hold]) as server:
        assert reach(server.url).looked_up is None


def test_nobody_listens() -> None:
    with nobody_listens() as url:
        fails(url, "refused", url.removeprefix("http://").removesuffix("/v1"), "start the server")


def test_a_name_that_does_not_exist_is_told_before_anything_is_connected_to() -> None:
    with Reach(Endpoint("http://name.invalid/v1"), None, tuple) as steps, pytest.raises(Fault) as caught:
        steps.look_up()
    assert "'name.invalid'" in caught.value.what
    assert "was not found" in caught.value.what
    assert caught.value.hint


def test_a_host_that_swallows_connections_costs_no_more_than_the_limit() -> None:
    with never_accepts() as url:
        fails(url, "Stopped after 0.3 s", "no connection to 127.0.0.1", "firewall", limit_s=0.3)


def test_a_name_server_that_does_not_answer_costs_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def wait(*_: object, **__: object) -> list[Any]:
        go_on.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    try:
        fails("http://slow.test/v1", "Stopped after 0.2 s", "'slow.test'", "name server", limit_s=0.2)
    finally:
        go_on.set()


def stop(steps: Reach, when: threading.Event) -> None:
    when.wait(20)
    steps.stop()


def test_stopping_ends_the_wait_for_a_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def wait(*_: object, **__: object) -> list[Any]:
        asked.set()
        go_on.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    with Reach(Endpoint("http://slow.test/v1"), None, tuple, limit_s=20) as steps:
        stopper = threading.Thread(target=stop, args=(steps, asked))
        stopper.start()
        try:
            with pytest.raises(Fault, match="stopped"):
                steps.look_up()
            assert not go_on.is_set()
        finally:
            go_on.set()
            stopper.join()


def test_what_was_stopped_connects_no_more() -> None:
    with RawServer([hold]) as server, Reach(Endpoint(server.url), None, tuple) as steps:
        steps.stop()
        with pytest.raises(Fault, match="stopped"):
            steps.connect()


def test_a_connection_that_comes_about_after_the_limit_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    look_up = socket.getaddrinfo

    def late(*args: Any, **more: Any) -> Any:
        go_on.wait(20)
        return look_up(*args, **more)

    with RawServer([hold]) as server:
        monkeypatch.setattr(socket, "getaddrinfo", late)
        try:
            fails(server.url, "Stopped after 0.2 s", limit_s=0.2)
        finally:
            go_on.set()
        assert eventually(lambda: len(server.hang_ups) == len(server.peers))


def test_the_built_in_models_are_reached_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("looked up"))
    found = reach("demo://models/v1")
    assert (found.looked_up, found.agreed) == (None, None)
    assert "built in" in found.connected


def test_a_unix_socket_is_connected_to(tmp_path: Path) -> None:
    path = str(tmp_path / "models.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        found = reach(Endpoint("http://localhost/v1", unix_socket=path), "http://proxy.invalid:3128")
        assert (found.looked_up, found.connected) == (None, f"the unix socket {path}")


def test_a_unix_socket_that_is_not_there_is_told(tmp_path: Path) -> None:
    fails(Endpoint("http://localhost/v1", unix_socket=str(tmp_path / "none.sock")), "none.sock", "--unix-socket")


# Rules


def test_air_gapped_nothing_is_looked_up_or_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("looked up"))
    closed = Policy("/etc/byom.toml", air_gapped=True)
    for url in ("http://models.test/v1", "https://models.test/v1"):
        for step in ("look_up", "connect"):
            with Reach(Endpoint(url), None, lambda: (closed,)) as steps, pytest.raises(Fault) as caught:
                getattr(steps, step)()
            assert caught.value.kind == "policy"
            assert "/etc/byom.toml" in caught.value.what


def test_the_very_address_is_asked_about() -> None:
    with RawServer([hold]) as server, pytest.raises(Fault) as caught:
        reach(server.url, None, Policy("the rules", networks=("10.0.0.0/8",)))
    assert caught.value.kind == "policy"
    assert server.peers == []


# TLS


def test_a_trusted_server_says_who_it_is_and_who_vouches_for_it(company: Company) -> None:
    with RawServer([hold], tls=company.server()) as server:
        agreed = reach(Endpoint(server.url, tls=company.tls())).agreed
        assert agreed is not None
        assert agreed[0].startswith("TLS 1.3, certificate of '")
        assert "issued by 'Example Company'" in agreed[0]
        assert agreed[1] == ""
        server.wait_for_hang_up()
        assert server.requests == []


def test_an_unknown_authority_is_named(company: Company) -> None:
    with RawServer([hold], tls=company.server()) as server:
        fails(server.url, "'Example Company'", "not known here", "--ca FILE")


def test_an_expired_certificate_is_told_with_its_day(company: Company) -> None:
    past = datetime.now(timezone.utc) - SOON
    with RawServer([hold], tls=company.server(not_before=past - 10 * SOON, not_after=past)) as server:
        fails(Endpoint(server.url, tls=company.tls()), f"expired on {past:%Y-%m-%d}", "renew")


def test_a_certificate_for_another_name_is_told_with_its_names(company: Company) -> None:
    with RawServer([hold], tls=company.server("other.test")) as server:
        fails(Endpoint(server.url, tls=company.tls()), "'other.test'", "127.0.0.1", "another name")


def test_a_self_signed_certificate_is_told(company: Company) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = company.folder / "self.pem"
    pem.write_bytes(company.ca.private_key_pem.bytes() + company.ca.cert_pem.bytes())
    context.load_cert_chain(pem)
    with RawServer([hold], tls=context) as server:
        fails(server.url, "self-signed", "--ca FILE")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_server_that_wants_a_client_certificate_says_so_in_the_handshake(
    version: ssl.TLSVersion, company: Company
) -> None:
    context = company.server(demanding=True)
    context.minimum_version = context.maximum_version = version
    with RawServer([hold], tls=context) as server:
        fails(Endpoint(server.url, tls=company.tls()), "client certificate", "--client-cert FILE")
        agreed = reach(Endpoint(server.url, tls=company.tls(certificate=True))).agreed
        assert agreed is not None
        assert "with a client certificate" in agreed[0]
        assert agreed[1] == ""
        assert server.requests == []


def test_a_server_that_ends_the_connection_after_the_handshake_is_judged_by_what_comes_next(company: Company) -> None:
    def leave(peer: Peer) -> None:
        assert isinstance(peer.sock, ssl.SSLSocket)
        peer.close()

    with RawServer(on_connect=[leave], tls=company.server()) as server:
        assert reach(Endpoint(server.url, tls=company.tls())).agreed is not None


def test_a_client_certificate_that_cannot_be_read_is_told_before_anything_is_sent(company: Company) -> None:
    with RawServer([hold], tls=company.server()) as server:
        wrong = company.tls(certificate=True)
        Path(wrong.key or "").unlink()
        fails(Endpoint(server.url, tls=wrong), "private key", "--client-key")


def test_without_verification_it_is_a_warning(company: Company) -> None:
    with RawServer([hold], tls=company.server("other.test")) as server:
        agreed = reach(Endpoint(server.url, tls=Tls(verify=False))).agreed
        assert agreed is not None
        assert "NOT VERIFIED" in agreed[0]
        assert "--ca" in agreed[1]


@pytest.mark.parametrize(
    ("lived", "left", "soon"),
    [
        (timedelta(days=60), timedelta(days=3), True),
        (timedelta(days=60), timedelta(days=30), False),
        (timedelta(hours=12), timedelta(hours=12), False),  # of those that are renewed every day
        (timedelta(hours=22), timedelta(hours=2), True),
    ],
)
def test_a_certificate_that_expires_soon_is_a_warning(
    lived: timedelta, left: timedelta, soon: bool, company: Company
) -> None:
    now = datetime.now(timezone.utc)
    with RawServer([hold], tls=company.server(not_before=now - lived, not_after=now + left)) as server:
        agreed = reach(Endpoint(server.url, tls=company.tls())).agreed
        assert agreed is not None
        assert ("expires on" in agreed[1]) is soon


def test_plain_http_on_a_port_that_is_asked_for_tls() -> None:
    def answer(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        peer.close()

    with RawServer(on_connect=[answer]) as server:
        fails(server.url.replace("http:", "https:"), "does not speak TLS", "http://")


def test_a_handshake_that_does_not_end_costs_no_more_than_the_limit() -> None:
    with RawServer(on_connect=[hold]) as server:
        url = server.url.replace("http:", "https:")
        fails(url, "Stopped after 0.3 s", "handshake", limit_s=0.3)
        server.wait_for_hang_up()


# Proxies


def test_a_tunnel_leads_through_a_proxy_to_the_server(company: Company) -> None:
    with (
        RawServer([hold], tls=company.server("models.test")) as server,
        ConnectProxy({"models.test:443": (server.host, server.port)}, "me:a word") as proxy,
    ):
        there = Endpoint("https://models.test/v1", tls=company.tls())
        found = reach(there, proxy.url.replace("://", "://me:a%20word@"))
        assert found.looked_up is None  # the proxy looks the server's name up
        assert found.connected.startswith("the proxy at 127.0.0.1")
        assert found.connected.endswith("models.test:443")
        assert found.agreed is not None
        assert "'Example Company'" in found.agreed[0]


def test_an_unknown_authority_is_named_through_a_proxy_too(company: Company) -> None:
    with (
        RawServer([hold], tls=company.server("models.test")) as server,
        ConnectProxy({"models.test:443": (server.host, server.port)}) as proxy,
    ):
        fails("https://models.test/v1", "'Example Company'", "not known here", proxy=proxy.url)


def test_what_a_proxy_says_no_to_is_told_apart() -> None:
    with ConnectProxy({}, "me:word") as proxy:
        there = "https://models.test/v1"
        no_login = fails(there, "407", "--proxy-login", proxy=proxy.url)
        wrong = fails(there, "407", proxy=proxy.url.replace("://", "://me:hidden-word@"))
        allowed = fails(there, "403", "models.test:443", proxy=proxy.url.replace("://", "://me:word@"))
        assert len({no_login.what, wrong.what, allowed.what}) == 3
        assert "hidden-word" not in f"{wrong.what}{wrong.hint}"


def test_a_proxy_where_nobody_listens_is_told_as_the_proxy() -> None:
    with nobody_listens() as url:
        for scheme in ("http", "https"):
            fails(f"{scheme}://models.test/v1", "the proxy", "refused", proxy=url.removesuffix("/v1"))


def test_a_proxy_whose_name_is_not_found_is_told_as_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_look_up(monkeypatch, "proxy.test", socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    fails("https://models.test/v1", "the proxy 'proxy.test'", "not found", proxy="http://proxy.test:3128")


def test_a_proxy_of_another_kind_is_told_before_anything_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("looked up"))
    fault = fails("https://models.test/v1", "socks5", proxy="socks5://me:hidden@proxy.test:1080")
    assert "hidden" not in f"{fault.what}{fault.hint}"

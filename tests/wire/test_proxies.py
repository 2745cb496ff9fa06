"""Calls through a real proxy: what it may hear, its login, its refusals, and the rules that hold on the way."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

import byom_magics as byom
from byom_magics import errors, session
from byom_magics.catalog.spec import Policy
from tests.wire.answers import GOOD
from tests.wire.asking import ask, ask_key, expect, register
from tests.wire.connect_proxy import ConnectProxy
from tests.wire.raw_server import RawServer, keep

KEY = "a-key-that-no-proxy-may-hear"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[RawServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("models.test").configure_cert(context)
    with RawServer([*GOOD, keep], tls=context) as server:
        yield server


@pytest.fixture
def plain() -> Iterator[RawServer]:
    with RawServer([*GOOD, keep]) as server:
        yield server


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", KEY)
    monkeypatch.setenv("PROXY_LOGIN", "me@here:pass:wörd")
    monkeypatch.setenv("WRONG_LOGIN", "me:other-word")


def reaching(server: RawServer, login: str | None = None) -> ConnectProxy:
    place = (server.host, server.port)
    return ConnectProxy({"models.test:443": place, "models.test:80": place}, login)


def test_https_goes_through_a_tunnel_in_which_the_proxy_hears_nothing(server: RawServer, ca: str) -> None:
    with reaching(server) as proxy:
        key = register("https://models.test/v1", proxy=proxy.url, tls={"ca": ca}, api_key="env:MODEL_KEY")
        expect(ask_key(key), "complete", text="Hello")
        expect(ask_key(key), "complete", text="Hello")
        assert proxy.lines == ["CONNECT models.test:443 HTTP/1.1"]
        assert KEY.encode() not in proxy.heard
        assert b"authorization" not in proxy.heads[0].lower()
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert server.requests[0].line == "POST /v1/chat/completions HTTP/1.1"
        assert len(server.peers) == 1


def test_http_goes_through_with_the_whole_address(plain: RawServer) -> None:
    with reaching(plain) as proxy:
        expect(ask("http://models.test/v1", proxy=proxy.url), "complete", text="Hello")
        assert proxy.lines == ["POST http://models.test/v1/chat/completions HTTP/1.1"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_login_goes_to_the_proxy_and_not_to_the_server(
    scheme: str, server: RawServer, plain: RawServer, ca: str
) -> None:
    behind = server if scheme == "https" else plain
    with reaching(behind, "me@here:pass:wörd") as proxy:
        url, tls = f"{scheme}://models.test/v1", {"ca": ca}
        expect(ask(url, proxy=proxy.url, tls=tls, proxy_login="env:PROXY_LOGIN"), "complete", text="Hello")
        assert "proxy-authorization" not in behind.requests[0].headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_login_is_told_with_its_name_and_the_option(scheme: str, plain: RawServer) -> None:
    with reaching(plain, "me:word") as proxy:
        outcome = ask(f"{scheme}://models.test/v1", proxy=proxy.url)
        expect(
            outcome, "incomplete(connection)", says=("proxy", proxy.url.removeprefix("http://"), "407", "--proxy-login")
        )
        assert "wants a login" in outcome.message
        assert isinstance(outcome.error, errors.ConnectError)
        outcome = ask(f"{scheme}://models.test/v1", proxy=proxy.url, proxy_login="env:WRONG_LOGIN")
        expect(outcome, "incomplete(connection)", says=("does not take the login", "--proxy-login"))
        assert "other-word" not in outcome.message
        assert plain.requests == []


def test_a_proxy_that_forbids_the_server_is_told(server: RawServer) -> None:
    with ConnectProxy({}) as proxy:
        outcome = ask("https://models.test/v1", proxy=proxy.url)
        expect(outcome, "incomplete(connection)", says=("proxy", "models.test:443", "403 Forbidden"))
        assert outcome.reply.attempts == 1


def test_a_refused_certificate_behind_a_proxy_is_the_servers_and_not_the_proxys(server: RawServer) -> None:
    with reaching(server) as proxy:
        outcome = expect(ask("https://models.test/v1", proxy=proxy.url), "incomplete(connection)")
        assert "certificate of models.test" in outcome.message
        assert "the proxy" not in outcome.message


def test_failed_tunnels_are_not_kept(server: RawServer) -> None:
    with reaching(server) as proxy:
        key = register("https://models.test/v1", proxy=proxy.url)
        for _ in range(3):
            expect(ask_key(key), "incomplete(connection)")
        assert session.current().client.active_connections() == 0


def test_a_client_certificate_is_shown_to_the_server_through_the_tunnel(
    authority: trustme.CA, ca: str, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("models.test").configure_cert(context)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    own = tmp_path / "me.pem"
    authority.issue_cert("me@company.test").private_key_and_cert_chain_pem.write_to_path(str(own))
    with RawServer(GOOD, tls=context) as server, reaching(server) as proxy:
        tls = {"ca": ca, "certificate": str(own)}
        expect(ask("https://models.test/v1", proxy=proxy.url, tls=tls), "complete", text="Hello")


def test_a_key_that_may_stay_unencrypted_on_this_machine_may_not_go_to_a_proxy_elsewhere() -> None:
    key = register("http://localhost:8000/v1", proxy="http://proxy.test:3128", api_key="env:MODEL_KEY")
    with pytest.raises(errors.PolicyError, match=r"unencrypted .* through the proxy proxy\.test:3128"):
        byom.ask(key, "hi")


# Rules


def under(**rules: object) -> None:
    session.current().policy = Policy("/etc/byom/byom.toml", **rules)  # type: ignore[arg-type]


def test_the_rules_are_about_the_name_asked_for_and_about_the_proxy(plain: RawServer) -> None:
    with reaching(plain) as proxy:
        key = register("http://models.test/v1", proxy=proxy.url)
        for hosts in (("models.test",), ("127.0.0.1",)):
            under(hosts=hosts)
            with pytest.raises(errors.PolicyError, match="'hosts'"):
                byom.ask(key, "hi")
        assert proxy.heads == []
        under(hosts=("models.test", "127.0.0.1"))
        expect(ask_key(key), "complete", text="Hello")


def test_the_networks_are_those_of_the_proxy(plain: RawServer) -> None:
    with reaching(plain) as proxy:
        under(networks=("127.0.0.0/8",))
        expect(ask("http://models.test/v1", proxy=proxy.url), "complete", text="Hello")
        under(networks=("10.0.0.0/8",))
        with pytest.raises(errors.PolicyError, match="'networks'"):
            byom.ask(register("http://models.test/v1", proxy=proxy.url), "hi")


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "metadata.google.internal", "[fe80::1]"])
def test_no_proxy_is_asked_for_places_where_no_model_is(host: str, plain: RawServer) -> None:
    with reaching(plain) as proxy:
        with pytest.raises(errors.PolicyError):
            byom.ask(register(f"http://{host}/v1", proxy=proxy.url), "hi")
        assert proxy.heads == []


def test_no_proxy_of_the_environment_is_about_the_environments_proxies_only(
    plain: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "models.test")
    with reaching(plain) as proxy:
        expect(ask("http://models.test/v1", proxy=proxy.url), "complete", text="Hello")
        assert len(proxy.heads) == 1

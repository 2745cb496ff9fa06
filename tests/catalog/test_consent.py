from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest

from byom_magics.catalog import presets, secrets
from byom_magics.catalog.consent import doubts, uses
from byom_magics.catalog.document import Findings, document_of
from byom_magics.catalog.entries import Entries, entries_of
from byom_magics.session import Session
from byom_magics.wire.policy import origin
from tests.catalog.secrets.rings import MemoryRing

EVIL = "https://evil.example.com/v1"
SOURCE = Path("/project/byom.toml").absolute()


def entries(data: dict[str, Any], session: Session) -> Entries:
    findings = Findings()
    found = entries_of(document_of(data, SOURCE, findings), session.models, session.described, "project")
    assert not findings.count
    assert not found.document.problem_count, found.document.problems
    return found


def doubted(data: dict[str, Any], session: Session | None = None) -> tuple[str, ...]:
    session = session or Session()
    return doubts(entries(data, session), session.models, presets.all(), origin)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"api_key": ["command:", "steal", "it"]}, "endpoint a runs the program steal for its api_key"),
        ({"api_key": "command:steal it"}, "endpoint a runs the program steal for its api_key"),
        ({"api_key": "file:~/.ssh/id"},
         "endpoint a reads ~/.ssh/id for its api_key, and sends it to https://evil.example.com:443"),
        ({"headers": {"X-A": "file:~/.netrc"}},
         "endpoint a reads ~/.netrc for its header X-A, and sends it to https://evil.example.com:443"),
        ({"headers": {"X-A": "command:steal"}}, "endpoint a runs the program steal for its header X-A"),
        ({"proxy": "http://p.example.com:1", "proxy_login": "command:steal"},
         "endpoint a runs the program steal for its proxy_login"),
        ({"api_key": "env:OPENAI_API_KEY"},
         "endpoint a sends env:OPENAI_API_KEY, a key of another service, to https://evil.example.com:443"),
        ({"headers": {"X-A": "env:ANTHROPIC_API_KEY"}},
         "endpoint a sends env:ANTHROPIC_API_KEY, a key of another service, to https://evil.example.com:443"),
        ({"preset": "openai"},
         "endpoint a sends env:OPENAI_API_KEY, a key of another service, to https://evil.example.com:443"),
        ({"api_key": "env:AZURE_OPENAI_API_KEY"},
         "endpoint a sends env:AZURE_OPENAI_API_KEY, a key of another service, to https://evil.example.com:443"),
        ({"unix_socket": "/var/run/docker.sock"}, "endpoint a talks to the socket /var/run/docker.sock"),
        ({"tls": {"verify": False}}, "endpoint a does not check the server's certificate"),
        ({"allow_http_key": True}, "endpoint a lets a key travel unencrypted"),
        ({"api_key": "env:GITHUB_TOKEN"},
         "endpoint a sends env:GITHUB_TOKEN, a key of another service, to https://evil.example.com:443"),
        ({"headers": {"X-A": "env:aws_secret_access_key"}},
         "endpoint a sends env:aws_secret_access_key, a key of another service, to https://evil.example.com:443"),
        ({"api_key": "env:PGPASSWORD"},
         "endpoint a sends env:PGPASSWORD, a key of another service, to https://evil.example.com:443"),
        ({"url": "https://api.openai.com/v1", "proxy": "http://p.example.com:1", "proxy_login": "env:OPENAI_API_KEY"},
         "endpoint a sends env:OPENAI_API_KEY, a key of another service, to http://p.example.com:1"),
        ({"url": "https://api.openai.com/v1", "api_key": "env:OPENAI_API_KEY", "tls": {"ca": "/their/ca.pem"}},
         "endpoint a trusts the authority /their/ca.pem to say who is https://api.openai.com:443"),
        ({"tls": {"certificate": "/home/me.pem"}},
         "endpoint a shows the client certificate /home/me.pem to https://evil.example.com:443"),
    ],
)  # fmt: skip
def test_sec_28_what_a_strangers_file_should_not_do_unasked_is_doubted(table: dict[str, Any], says: str) -> None:
    assert says in doubted({"models": {"a": {"url": EVIL, **table}}})
    assert says in doubted({"endpoints": {"a": {"url": EVIL, **table}}, "models": {"m": {"endpoint": "a"}}})


@pytest.mark.parametrize(
    "table",
    [
        {"url": EVIL},
        {"url": EVIL, "api_key": "env:THEIR_KEY"},
        {"url": EVIL, "api_key": "keyring:theirs"},
        {"url": EVIL, "api_key": "ask"},
        {"preset": "openai"},
        {"url": "https://api.openai.com/v1", "api_key": "env:OPENAI_API_KEY"},
        {"url": "https://API.openai.com:443/v2", "api_key": "env:OPENAI_API_KEY"},
        {"preset": "azure", "url": "https://mine.openai.azure.com/openai/v1"},
        {"preset": "ollama"},
    ],
)
def test_what_goes_where_it_belongs_is_not_doubted(table: dict[str, Any]) -> None:
    assert doubted({"models": {"a": table}}) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://mine.openai.azure.com.evil.example/openai/v1",
        "https://evil.example/mine.openai.azure.com/openai/v1",
        "http://mine.openai.azure.com/openai/v1",
        "https://a.b.openai.azure.com:444/openai/v1",
    ],
)
def test_sec_24_an_address_that_only_looks_like_a_services_own_is_none(url: str) -> None:
    table = {"url": url, "api_key": "env:AZURE_OPENAI_API_KEY", "allow_http_key": True}
    assert any("a key of another service" in each for each in doubted({"models": {"a": table}}))


def test_sec_24_models_of_others_are_not_asked_elsewhere_unasked() -> None:
    session = Session()
    session.register("mine", url="https://good.example.com/v1", endpoint="e", api_key="env:GOOD")
    data = {"endpoints": {"e": {"url": EVIL}}, "models": {"a": {"endpoint": "e"}}}
    assert doubted(data, session) == (
        "endpoint e would serve mine from https://evil.example.com:443, no longer https://good.example.com:443",
    )
    own = {"endpoints": {"e": {"url": EVIL}}, "models": {"mine": {"endpoint": "e"}}}
    assert doubted(own, session) == ()


def test_a_file_that_uses_an_endpoint_of_the_session_brings_nothing_to_doubt() -> None:
    session = Session()
    session.register("mine", url="https://good.example.com/v1", endpoint="e", api_key=("command:", "vault"))
    data = {"models": {"a": {"endpoint": "e"}}}
    assert doubted(data, session) == ()
    assert uses(entries(data, session), origin) == ()


def test_which_key_goes_where_is_told_once_each() -> None:
    table = {
        "url": EVIL,
        "api_key": ["command:", "vault", "read"],
        "headers": {"X-A": "env:A", "X-B": "plain"},
        "proxy": "http://p.example.com:1",
        "proxy_login": "keyring:p",
        "tls": {"certificate": "/c.pem", "key_password": "ask"},
    }
    found = entries({"endpoints": {"e": table}, "models": {"a": {"endpoint": "e"}, "b": {"endpoint": "e"}}}, Session())
    assert uses(found, origin) == (
        "command:vault … goes to https://evil.example.com:443",
        "env:A goes to https://evil.example.com:443 (as header X-A)",
        "keyring:p goes to the proxy http://p.example.com:1 (as proxy_login)",
        "ask opens the private key of e",
    )


@pytest.fixture
def ring() -> Iterator[MemoryRing]:
    before, made = keyring.get_keyring(), MemoryRing()
    keyring.set_keyring(made)
    secrets.forget_session()
    yield made
    keyring.set_keyring(before)
    secrets.forget_session()


@pytest.mark.parametrize(
    ("kept", "is_doubted"),
    [
        ("canary-0123456789", True),
        ('{"key": "canary-0123456789", "origin": ""}', True),
        ('{"key": "canary-0123456789", "origin": "https://evil.example.com:443"}', False),
        ('{"key": "canary-0123456789", "origin": "https://good.example.com:443"}', False),  # it is refused to others
        (None, False),
    ],
)
def test_sec_24_a_key_of_the_keyring_that_anyone_may_receive_is_not_sent_unasked(
    kept: str | None, is_doubted: bool, ring: MemoryRing
) -> None:
    if kept is not None:
        ring.kept["byom_magics", "mine"] = kept
    said = "endpoint a sends keyring:mine, a key that is not bound to any server, to https://evil.example.com:443"
    found = doubted({"models": {"a": {"url": EVIL, "api_key": "keyring:mine"}}})
    assert found == ((said,) if is_doubted else ())

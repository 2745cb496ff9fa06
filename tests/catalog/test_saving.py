from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byom_magics.catalog import files
from byom_magics.catalog.saving import saved_entries
from byom_magics.catalog.spec import Capabilities, Prices, Timeouts
from byom_magics.catalog.writing import write_entries
from byom_magics.errors import RegistrationError, SecretError
from byom_magics.session import Session

URL = "http://localhost:1/v1"


def entries(session: Session, known: tuple[str, ...] = (), /, **given: Any) -> dict[str, Any]:
    session.register("gpt", **given)
    return saved_entries("gpt", given, session.models, known)


def test_a_model_is_saved_as_it_was_given() -> None:
    given: dict[str, Any] = {
        "preset": "anthropic",
        "model": "claude-x",
        "temperature": 0,
        "tags": ("a", "b"),
        "description": "",
    }
    assert entries(Session(), **given) == {
        "models": {"gpt": {"preset": "anthropic", "model": "claude-x", "temperature": 0, "tags": ["a", "b"]}}
    }


def test_everything_that_can_be_given_is_read_back_as_the_same_model(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "url": "https://llm.example.com/v1", "model": "m", "api_key": ("command:", "vault", "read"), "path": "/chat",
        "headers": {"X-A": "env:A", "X-B": "b"}, "key_header": "x-key", "key_prefix": "Token", "proxy": "env",
        "proxy_login": "env:P", "region": "eu", "tls": {"ca": "ca.pem", "minimum_version": "1.3"},
        "limits": {"concurrent": 2}, "quirks": {"without": ["seed"], "stream_usage": False}, "max_event_bytes": 4096,
        "name": "N", "description": "D\nE", "provider": "p", "dialect": "anthropic", "temperature": 0.5, "top_p": 1,
        "max_tokens": 5, "seed": -1, "stop": ["a", "b"], "system": "s", "extra_body": {"a": [1, {"b": 2}]},
        "context_window": 10, "price_in": 1.5, "price_cached_in": 0, "currency": "EUR", "timeouts": {"idle": None},
        "capabilities": {"tools": True, "reasoning": False}, "tags": ["t"], "pinned": True,
        "request_transformer": "named",
    }  # fmt: skip
    session = Session()
    saved = entries(session, **given)
    write_entries(tmp_path / "byom.toml", saved)
    document = files.read(tmp_path / "byom.toml")
    again = Session()
    before = session.models["gpt"]
    after = again.register("gpt", **document.models["gpt"])
    assert after.endpoint.tls.ca == str(Path("ca.pem").absolute())
    from dataclasses import replace

    tls = replace(before.endpoint.tls, ca=after.endpoint.tls.ca)
    assert after == replace(before, endpoint=replace(before.endpoint, tls=tls))


def test_the_objects_that_a_spec_holds_are_saved_as_what_they_say_beyond_the_defaults() -> None:
    given: dict[str, Any] = {
        "url": URL,
        "prices": Prices(1, currency="EUR"),
        "price_out": 2,
        "capabilities": Capabilities(tools=False),
        "timeouts": Timeouts(idle=None),
    }
    assert entries(Session(), **given) == {
        "models": {
            "gpt": {
                "url": URL,
                "prices": {"input": 1, "currency": "EUR", "output": 2},
                "capabilities": {"tools": False},
                "timeouts": {"idle": "off"},
            }
        }
    }


def test_an_endpoint_that_is_made_with_a_model_is_saved_beside_it() -> None:
    given: dict[str, Any] = {"url": URL, "endpoint": "ours", "api_key": "env:A", "model": "m"}
    assert entries(Session(), **given) == {
        "endpoints": {"ours": {"url": URL, "api_key": "env:A"}},
        "models": {"gpt": {"endpoint": "ours", "model": "m"}},
    }


def test_an_endpoint_of_this_session_only_is_saved_with_the_model_that_uses_it() -> None:
    session = Session()
    session.register(
        "first",
        preset="openai",
        endpoint="ours",
        region="eu",
        headers={"X-A": "a"},
        limits={"concurrent": 3},
        tls={"certificate": "c.pem", "key_password": "env:PASSWORD"},
    )
    assert entries(session, endpoint="ours", model="m") == {
        "endpoints": {
            "ours": {
                "preset": "openai",
                "headers": {"X-A": "a"},
                "region": "eu",
                "tls": {"certificate": str(Path("c.pem").absolute()), "key_password": "env:PASSWORD"},
                "limits": {"concurrent": 3},
            }
        },
        "models": {"gpt": {"endpoint": "ours", "model": "m"}},
    }


def test_an_endpoint_that_the_next_session_has_stays_a_name() -> None:
    session = Session()
    session.register("first", url=URL, endpoint="ours")
    assert entries(session, ("ours",), endpoint="ours") == {"models": {"gpt": {"endpoint": "ours"}}}


def test_an_endpoint_object_is_saved_under_its_name() -> None:
    session = Session()
    first = session.register("first", url=URL, endpoint="ours")
    saved = entries(session, endpoint=first.endpoint)
    assert saved == {"endpoints": {"ours": {"url": URL}}, "models": {"gpt": {"endpoint": "ours"}}}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"api_key": lambda: "secret"}, "models.gpt.api_key is a Python callable"),
        ({"api_key": "session:gpt"}, "models.gpt.api_key is only known to this session"),
        ({"headers": {"X-A": "session:gpt"}}, "models.gpt.headers.X-A is only known to this session"),
        ({"proxy": "http://p:1", "proxy_login": "session:p"}, "models.gpt.proxy_login is only known to this session"),
        ({"endpoint": "ours", "api_key": "session:gpt"}, "endpoints.ours.api_key is only known to this session"),
    ],
)
def test_no_key_and_no_way_to_one_of_this_session_is_saved(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SecretError) as caught:
        entries(Session(), url=URL, **given)
    assert says in str(caught.value)
    assert "Next: " in str(caught.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"request_transformer": dict}, "register_transformer"),
        ({"extra_body": {"a": {"b": None}}}, "models.gpt.extra_body.a.b is None"),
        ({"extra_body": {"a": object()}}, "models.gpt.extra_body.a is object, which no file can hold"),
    ],
)
def test_what_no_file_can_say_is_told(given: dict[str, Any], says: str) -> None:
    with pytest.raises(RegistrationError) as caught:
        entries(Session(), url=URL, **given)
    assert says in str(caught.value)


def test_ways_to_a_key_that_last_are_saved() -> None:
    for reference in ("env:A", "keyring:a", "ask", "file:~/token", "command:vault read"):
        assert entries(Session(), url=URL, api_key=reference)["models"]["gpt"]["api_key"] == reference
    saved = entries(Session(), url=URL, api_key="file:token")["models"]["gpt"]["api_key"]
    assert saved == f"file:{Path('token').absolute()}"

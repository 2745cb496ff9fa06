from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.registration import spec_of
from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.show.particulars import particulars
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    import pytest

CANARY = "sk-canary-0123456789"


def rows(spec: ModelSpec, **preset: Any) -> dict[str, tuple[str, str]]:
    return {fact: (value, where) for fact, value, where in particulars(spec, origin, preset).rows}


def spec(**more: Any) -> ModelSpec:
    return spec_of("llama", **{"url": "https://a.example.com/v1", **more})


def test_every_field_of_a_model_and_its_endpoint_has_a_row() -> None:
    shown = set(rows(spec(tls={"verify": False}, limits={"concurrent": 1}, quirks={"stream_usage": False},
                          timeouts={"idle": 3})))  # fmt: skip
    called = {"url": "address", "api_key": "key from"}
    parts = {"endpoint", "prices", "capabilities", "timeouts", "tls", "limits", "quirks", "builtin", "source", "locked"}
    for each in (*fields(ModelSpec), *fields(Endpoint)):
        if each.name not in parts:
            assert called.get(each.name, each.name) in shown, each.name
    assert {"endpoint", "price: cached_output", "can: tools", "timer: idle", "TLS: verify"} <= shown
    assert {"limit: concurrent", "quirk: stream_usage"} <= shown


def test_what_nobody_said_is_unknown_and_never_a_guess() -> None:
    said = rows(spec())
    for fact in ("context_window", "price: input", "can: attachments", "region", "pinned", "provider"):
        assert said[fact] == ("unknown", "")
    assert said["temperature"] == ("not set", "")
    assert said["key from"] == ("none needed", "")
    assert said["dialect"] == ("openai_chat", "default")


def test_zero_and_false_are_known() -> None:
    said = rows(spec(temperature=0, price_in=0, pinned=False, capabilities={"tools": False}))
    assert said["temperature"] == ("0", "session")
    assert said["price: input"] == ("0", "session")
    assert (said["pinned"][0], said["can: tools"][0]) == ("no", "no")


def test_a_fact_says_where_it_comes_from() -> None:
    made = spec(
        model="m", key_header="api-key", quirks={"stream_usage": False, "seed_field": "s"}, source="/etc/byom.toml"
    )
    said = rows(made, key_header="api-key", quirks={"stream_usage": False})
    assert said["model"] == ("m", "/etc/byom.toml")
    assert said["key_header"] == ("api-key", "preset")
    assert said["quirk: stream_usage"] == ("no", "preset")
    assert said["quirk: seed_field"] == ("s", "/etc/byom.toml")
    assert rows(replace(made, builtin=True))["model"][1] == "built in"


def test_a_lock_is_told() -> None:
    assert "locked by /etc/byom.toml" in particulars(spec(locked="/etc/byom.toml"), origin, {}).note


def test_sec_23_of_keys_only_where_they_come_from_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYOM_TEST_KEY", CANARY)
    made = spec(
        api_key="env:BYOM_TEST_KEY",
        headers={"X-Auth-Token": "env:BYOM_TEST_KEY", "X-Tenant": "a"},
        proxy_login="env:BYOM_TEST_KEY",
        tls={"certificate": "me.pem", "key_password": "env:BYOM_TEST_KEY"},
    )
    table = particulars(made, origin, {})
    said = rows(made)
    assert said["key from"][0].startswith("env:BYOM_TEST_KEY (set")
    assert said["headers"][0].startswith("X-Auth-Token: env:BYOM_TEST_KEY (set")
    assert said["headers"][0].endswith("X-Tenant: a")
    assert said["TLS: key_password"][0].startswith("env:BYOM_TEST_KEY (set")
    assert CANARY not in table.plain + table.html

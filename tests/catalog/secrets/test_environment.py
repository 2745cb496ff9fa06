from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog.secrets import check_reference, environment_proxy
from byom_magics.catalog.secrets.environment import for_programs

if TYPE_CHECKING:
    import pytest


def test_sec_26_the_environments_proxy_is_given_for_the_scheme_and_not_for_exceptions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert environment_proxy("http://api.example.com/v1") is None
    monkeypatch.setenv("http_proxy", "proxy.example.com:3128")
    monkeypatch.setenv("https_proxy", "http://secure.example.com:3128")
    monkeypatch.setenv("no_proxy", "localhost,.internal.example.com")
    assert environment_proxy("http://api.example.com/v1") == "http://proxy.example.com:3128"
    assert environment_proxy("https://api.example.com/v1") == "http://secure.example.com:3128"
    assert environment_proxy("http://localhost:11434/v1") is None
    assert environment_proxy("https://llm.internal.example.com/v1") is None


def test_sec_20_programs_get_the_environment_without_what_was_named_as_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_ONE", "canary-0123456789")
    monkeypatch.setenv("CANARY_TWO", "canary-9876543210")
    check_reference("env:CANARY_ONE")
    environment = for_programs()
    assert "CANARY_ONE" not in environment
    assert environment["CANARY_TWO"] == "canary-9876543210"

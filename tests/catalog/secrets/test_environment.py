from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog.secrets import environment_proxy

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

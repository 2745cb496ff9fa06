from __future__ import annotations

import getpass

import pytest

from byom_magics.catalog import secrets
from byom_magics.catalog.secrets import describe, resolve
from byom_magics.errors import SecretError

ORIGIN = "https://api.example.com:443"
KEY = "sk-canary/0123+456=789"


def test_a_typed_key_is_there_once_it_was_typed_for_that_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: KEY)
    assert str(describe("ask", ORIGIN)) == "ask (not set)"
    resolve("ask", origin=ORIGIN)
    assert str(describe("ask", ORIGIN)) == "ask (set, …=789)"
    assert str(describe("ask", "https://elsewhere.example.com:443")) == "ask (not set)"


def test_a_key_is_asked_for_once_for_each_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[str] = []

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        return f"key-number-{len(prompts)}"

    monkeypatch.setattr(getpass, "getpass", typed)
    first = [resolve("ask", origin=ORIGIN, model="gpt").reveal() for _ in range(2)]
    other = resolve("ask", origin="https://other.example.com:443").reveal()
    assert first == ["key-number-1"] * 2
    assert other == "key-number-2"
    assert "gpt" in prompts[0]
    assert ORIGIN in prompts[0]


def test_nothing_typed_is_told_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["", "typed-at-last"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    with pytest.raises(SecretError, match="No key was typed"):
        resolve("ask", origin=ORIGIN)
    assert resolve("ask", origin=ORIGIN).reveal() == "typed-at-last"


def test_what_was_typed_can_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: KEY)
    resolve("ask", origin=ORIGIN)
    secrets.forget_session()
    assert describe("ask", ORIGIN).is_set is False

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.secrets import Secret, memory
from byom_magics.catalog.spec import ModelSpec, Tls
from byom_magics.errors import SecretError
from byom_magics.session import Session
from byom_magics.widgets.typed_keys import ask_for_keys, untyped

URL = "https://llm.example/v1"


def model(**more: Any) -> ModelSpec:
    return Session().register("closed", url=URL, model="m", **more)


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person was asked; they type the same each time."""
    asked: list[str] = []

    def getpass(prompt: str) -> str:
        asked.append(prompt)
        return "user:word" if "user:password" in prompt else "typed-here"

    monkeypatch.setattr("getpass.getpass", getpass)
    return asked


def test_a_model_that_needs_nothing_typed_asks_for_nothing(prompts: list[str]) -> None:
    for spec in (model(), model(api_key="env:SOME_KEY")):
        ask_for_keys(spec)
        assert untyped(spec) is None
    assert prompts == []


def test_a_key_is_asked_for_once_and_then_known(prompts: list[str]) -> None:
    spec = model(api_key="ask")
    problem = untyped(spec)
    assert isinstance(problem, SecretError)
    assert problem.what == "The key of closed is to be typed, and a panel has no prompt that hides what is typed."
    assert problem.hint is not None
    assert "%byom_chat closed" in problem.hint
    ask_for_keys(spec)
    ask_for_keys(spec)
    assert untyped(spec) is None
    assert len(prompts) == 1


def test_a_login_of_a_proxy_and_a_password_of_a_key_are_typed_too(prompts: list[str]) -> None:
    spec = model(proxy="http://proxy.example:3128", proxy_login="ask", tls=Tls(certificate="c.pem", key_password="ask"))
    problem = untyped(spec)
    assert problem is not None
    assert "login of the proxy and the password of the private key of closed are to be typed" in problem.what
    ask_for_keys(spec)
    assert untyped(spec) is None
    assert len(prompts) == 2


def test_a_key_that_was_typed_for_another_address_is_not_taken_for_known() -> None:
    memory.retyped(Secret("typed", source="ask", origin="https://other.example:443"))
    assert untyped(model(api_key="ask")) is not None

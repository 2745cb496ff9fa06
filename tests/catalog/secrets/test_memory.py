from __future__ import annotations

import getpass
import threading
import warnings

import pytest

from byom_magics.catalog import secrets
from byom_magics.catalog.secrets import describe, hold, mask, prompt, resolve
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


def test_what_is_typed_for_a_proxy_is_another_thing_than_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["the-key-itself", "me:password"])
    prompts: list[str] = []

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        return next(answers)

    monkeypatch.setattr(getpass, "getpass", typed)
    assert resolve("ask", origin=ORIGIN).reveal() == "the-key-itself"
    assert resolve("ask", origin=ORIGIN, what="login").reveal() == "me:password"
    assert resolve("ask", origin=ORIGIN).reveal() == "the-key-itself"
    assert prompts[1].startswith("Login for ")


def test_calls_at_the_same_time_ask_once(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[str] = []
    started = threading.Barrier(8)

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        return KEY

    def work() -> None:
        started.wait(20)
        resolve("ask", origin=ORIGIN)

    monkeypatch.setattr(getpass, "getpass", typed)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(prompts) == 1


@pytest.mark.parametrize("problem", [EOFError(), RuntimeError("no input requests"), OSError("no terminal")])
def test_where_nothing_can_be_typed_a_variable_is_the_way(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_prompt(prompt: str) -> str:
        raise problem

    monkeypatch.setattr(getpass, "getpass", no_prompt)
    with pytest.raises(SecretError, match="env:NAME"):
        resolve("ask", origin=ORIGIN)


def test_a_prompt_that_would_show_the_key_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def echoing(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return KEY

    monkeypatch.setattr(getpass, "getpass", echoing)
    with pytest.raises(SecretError, match="no prompt that hides it"):
        prompt("Key: ", ORIGIN)


def test_an_interrupted_prompt_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(getpass, "getpass", interrupted)
    with pytest.raises(KeyboardInterrupt):
        resolve("ask", origin=ORIGIN)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: KEY)
    assert resolve("ask", origin=ORIGIN).reveal() == KEY


# Held


def test_the_literal_of_an_old_file_is_held_for_its_origin_and_masked() -> None:
    reference = hold("gpt-4o", f" {KEY}\n", ORIGIN)
    assert reference == "session:gpt-4o"
    assert mask(f"key {KEY}") == "key [key hidden]"
    assert str(describe(reference)) == "session:gpt-4o (set, …=789)"
    found = resolve(reference, origin=ORIGIN)
    assert (found.reveal(), found.source) == (KEY, "session:gpt-4o")


def test_sec_24_a_held_key_goes_to_its_own_origin_only() -> None:
    reference = hold("gpt", KEY, ORIGIN)
    with pytest.raises(SecretError) as caught:
        resolve(reference, origin="https://elsewhere.example.com:443")
    assert ORIGIN in str(caught.value)
    assert "https://elsewhere.example.com:443" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_held_key_ends_with_the_session() -> None:
    reference = hold("gpt", KEY, ORIGIN)
    secrets.forget_session()
    assert str(describe(reference)) == "session:gpt (not set)"
    with pytest.raises(SecretError, match="There is no key session:gpt"):
        resolve(reference, origin=ORIGIN)


@pytest.mark.parametrize("value", ["", " ", "two\nlines", "kéy", 5])
def test_what_cannot_be_a_key_is_not_held(value: str) -> None:
    with pytest.raises(SecretError):
        hold("gpt", value, ORIGIN)


@pytest.mark.parametrize("name", ["", "two words", "x" * 201, "\x1b[2J", "sk-canary0123456789"])
def test_what_cannot_be_a_name_is_not_held(name: str) -> None:
    with pytest.raises(SecretError):
        hold(name, KEY, ORIGIN)

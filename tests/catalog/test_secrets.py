from __future__ import annotations

import base64
import copy
import getpass
import pickle
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.catalog import secrets
from byom_magics.catalog.secrets import Secret, carries_key, check_reference, describe, environment_proxy, mask, resolve
from byom_magics.errors import SecretError

ORIGIN = "https://api.example.com:443"
KEY = "sk-canary/0123+456=789"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    secrets.forget_typed()
    secrets._seen.clear()


# References


@pytest.mark.parametrize("reference", [None, "ask", "env:NAME", "env:_x9", lambda: KEY])
def test_a_reference_is_taken(reference: Any) -> None:
    check_reference(reference)


@pytest.mark.parametrize(
    "literal",
    [
        KEY,
        "",
        " ",
        "sk-proj-canary",
        "ENV:NAME",
        "env",
        "environ:NAME",
        "keyring:x",
        " env:NAME",
        "ask ",
        "Bearer canary",
    ],
)
def test_a_literal_key_is_refused_with_the_right_way_and_not_repeated(literal: str) -> None:
    with pytest.raises(SecretError) as caught:
        check_reference(literal)
    message = str(caught.value)
    assert "--api-key env:NAME" in message
    assert "--api-key ask" in message
    assert "canary" not in message


@pytest.mark.parametrize("name", ["", "9A", "A-B", "A B", "$(id)", "sk-canary", "NAME\n"])
def test_a_name_that_no_variable_can_have_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(SecretError) as caught:
        check_reference(f"env:{name}")
    assert "letters, digits and underscores" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("value", [5, b"env:NAME", ["env:NAME"], True])
def test_a_key_of_another_type_is_refused_by_its_type(value: object) -> None:
    with pytest.raises(SecretError, match=type(value).__name__):
        check_reference(value)


# Where keys come from


def test_a_table_shows_where_a_key_comes_from_and_whether_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(describe(None)) == "none needed"
    assert str(describe("env:CANARY")) == "env:CANARY (not set)"
    monkeypatch.setenv("CANARY", "")
    assert str(describe("env:CANARY")) == "env:CANARY (not set)"
    monkeypatch.setenv("CANARY", KEY)
    assert str(describe("env:CANARY")) == "env:CANARY (set)"
    assert KEY not in repr(describe("env:CANARY"))


def test_a_callable_is_told_by_its_name_and_not_called() -> None:
    def token() -> str:
        raise AssertionError

    assert str(describe(token)) == "callable token"
    assert str(describe(partial(token))) == "callable partial"


def test_a_typed_key_is_there_once_it_was_typed_for_that_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: KEY)
    assert str(describe("ask", ORIGIN)) == "ask (not set)"
    resolve("ask", origin=ORIGIN)
    assert str(describe("ask", ORIGIN)) == "ask (set)"
    assert str(describe("ask", "https://elsewhere.example.com:443")) == "ask (not set)"


# Resolving


def test_a_variable_is_looked_up_when_the_call_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "first-key")
    assert resolve("env:CANARY", origin=ORIGIN).reveal() == "first-key"
    monkeypatch.setenv("CANARY", "second-key")
    assert resolve("env:CANARY", origin=ORIGIN, prefix="Bearer").reveal() == "Bearer second-key"


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_told_with_how_to_set_it(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("CANARY", value)
    with pytest.raises(SecretError) as caught:
        resolve("env:CANARY", origin=ORIGIN, model="llama")
    assert "CANARY is not set" in str(caught.value)
    assert 'os.environ["CANARY"] = getpass.getpass()' in str(caught.value)
    assert caught.value.model == "llama"


def test_a_callable_is_called_for_each_call() -> None:
    keys = iter(["one-key", "two-key"])
    token = partial(next, keys)
    assert [resolve(token, origin=ORIGIN).reveal() for _ in range(2)] == ["one-key", "two-key"]


@pytest.mark.parametrize("value", [None, "", "  \n", 5, b"bytes"])
def test_a_callable_that_gives_no_key_is_told(value: Any) -> None:
    with pytest.raises(SecretError, match="no key in callable"):
        resolve(lambda: value, origin=ORIGIN)


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
    secrets.forget_typed()
    assert describe("ask", ORIGIN).is_set is False


@pytest.mark.parametrize(
    "key", ["canary\r\nX-Evil: 1", "canary\nx", "canary\rx", "canary\x00", "cänary", "canary\x7f", "canary “"]
)
def test_sec_27_a_key_that_no_header_can_carry_is_refused_and_not_repeated(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SecretError) as caught:
        resolve(lambda: key, origin=ORIGIN)
    assert "no header can carry" in str(caught.value)
    assert key not in str(caught.value)
    assert "anary" not in str(caught.value)


def test_blanks_and_line_ends_around_a_key_are_no_part_of_it() -> None:
    assert resolve(lambda: f"  {KEY}\r\n", origin=ORIGIN).reveal() == KEY


# Secrets


def secret() -> Secret:
    return Secret(KEY, source="env:CANARY", origin=ORIGIN, prefix="Bearer")


def test_sec_20_a_secret_does_not_print_itself() -> None:
    for shown in (repr(secret()), str(secret()), f"{secret()}", f"{secret()!a}", str([secret()]), str(dir(secret()))):
        assert "canary" not in shown
    assert repr(secret()) == f"<key from env:CANARY for {ORIGIN}>"


def test_sec_20_a_secret_has_no_attributes_that_can_be_listed() -> None:
    with pytest.raises(TypeError):
        vars(secret())


@pytest.mark.parametrize("leave", [copy.copy, copy.deepcopy, pickle.dumps])
def test_sec_20_a_secret_cannot_be_copied_or_pickled(leave: Any) -> None:
    with pytest.raises(TypeError, match="cannot be pickled or copied"):
        leave(secret())


# Masking


@pytest.fixture
def seen() -> str:
    return resolve(lambda: KEY, origin=ORIGIN).reveal()


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY),
        quote_plus(KEY),
        quote(KEY, safe="").lower(),
        f"Bearer {KEY}",
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
    ],
)
def test_sec_22_a_key_that_a_server_echoes_is_masked(form: str, seen: str) -> None:
    masked = mask(f"bad key: {form}!")
    assert "[key hidden]" in masked
    assert "0123" not in masked
    assert masked.startswith("bad key: ")


@given(st.binary(max_size=7), st.binary(max_size=7))
def test_sec_22_a_key_inside_a_longer_text_in_base64_is_masked(before: bytes, after: bytes) -> None:
    resolve(lambda: KEY, origin=ORIGIN)
    assert "[key hidden]" in mask(base64.b64encode(before + KEY.encode() + after).decode())


def test_of_two_keys_that_begin_alike_both_are_masked_whole() -> None:
    for key in ("canary-key", "canary-key-and-more"):
        resolve(lambda key=key: key, origin=ORIGIN)  # type: ignore[misc]
    assert mask("canary-key-and-more canary-key") == "[key hidden] [key hidden]"


def test_a_text_without_a_key_is_left_as_it_is(seen: str) -> None:
    assert mask("The answer is 42, sk-other") == "The answer is 42, sk-other"


def test_words_too_short_for_a_key_are_not_masked() -> None:
    resolve(lambda: "test", origin=ORIGIN)
    assert mask("this is a test") == "this is a test"


# Addresses and proxies


@pytest.mark.parametrize(
    "query",
    [
        "api_key=x",
        "key=x",
        "a=1&token=x",
        "access_token=x",
        "Subscription-Key=x",
        "client_secret=x",
        "X-Amz-Signature=x",
    ],
)
def test_a_query_that_carries_a_key_is_known(query: str) -> None:
    assert carries_key(query)


@pytest.mark.parametrize("query", ["", "api-version=2024-02-01", "keyboard=de", "a=key", "tokens_max=5"])
def test_other_queries_are_let_through(query: str) -> None:
    assert not carries_key(query)


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

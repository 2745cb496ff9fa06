from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from byom_magics.catalog.secrets import describe, resolve
from byom_magics.errors import SecretError

ORIGIN = "https://api.example.com:443"
KEY = "sk-canary/0123+456=789"


# Where keys come from


def test_a_table_shows_where_a_key_comes_from_and_whether_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(describe(None)) == "none needed"
    assert str(describe("env:CANARY")) == "env:CANARY (not set)"
    monkeypatch.setenv("CANARY", "")
    assert str(describe("env:CANARY")) == "env:CANARY (not set)"
    monkeypatch.setenv("CANARY", KEY)
    assert str(describe("env:CANARY")) == "env:CANARY (set, …=789)"
    assert KEY not in repr(describe("env:CANARY"))


def test_a_callable_is_told_by_its_name_and_not_called() -> None:
    def token() -> str:
        raise AssertionError

    assert str(describe(token)) == "callable token"
    assert str(describe(partial(token))) == "callable partial"


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

from __future__ import annotations

import pytest

from byom_magics.catalog.literal import is_reference, is_secret_header


@pytest.mark.parametrize("text", ["env:KEY", "keyring:work", "file:~/token", "command:vault read x", "ask"])
def test_a_reference_is_no_key(text: str) -> None:
    assert is_reference(text)
    assert not is_secret_header("Authorization", text)


@pytest.mark.parametrize("text", ["", "sk-0123456789", "env:", "env:1", "keyring:", "asked", "Bearer env:KEY"])
def test_anything_else_is_no_reference(text: str) -> None:
    assert not is_reference(text)


@pytest.mark.parametrize(
    "name", ["Authorization", "x-api-key", "Api_Key", "Cookie", "X-Auth", "x-token", "X-Secret-Id"]
)
def test_a_header_of_such_a_name_carries_a_key(name: str) -> None:
    assert is_secret_header(name, "abc")


def test_a_header_with_such_a_value_carries_a_key_whatever_its_name() -> None:
    assert is_secret_header("X-Any", "Bearer abc")
    assert is_secret_header("X-Any", "basic abc")
    assert not is_secret_header("X-Tenant", "a")
    assert not is_secret_header("X-Max-Tokens-Day", "5")

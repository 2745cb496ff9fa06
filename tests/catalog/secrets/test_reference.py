from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.secrets import carries_key, check_reference
from byom_magics.errors import SecretError

KEY = "sk-canary/0123+456=789"


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


# Addresses


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

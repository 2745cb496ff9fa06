from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.secrets import (
    carries_key,
    check_reference,
    is_reference,
    is_secret_header,
    looks_like_key,
)
from byom_magics.catalog.secrets.reference import parsed
from byom_magics.errors import SecretError

KEY = "sk-canary/0123+456=789"


# References


@pytest.mark.parametrize(
    "reference",
    [
        None,
        "ask",
        "env:NAME",
        "env:_x9",
        "keyring:openai",
        "keyring:meta-llama/Llama-3.3-70B",
        "session:gpt",
        "file:~/.keys/openai",
        "file:/run/secrets/my key",
        "command:vault read -field=key secret/llm",
        ("command:", "vault", "read", "a b"),
        ["command:", "vault"],
        lambda: KEY,
    ],
)
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


@pytest.mark.parametrize("value", [5, b"env:NAME", {"env": "NAME"}, True])
def test_a_key_of_another_type_is_refused_by_its_type(value: object) -> None:
    with pytest.raises(SecretError, match=type(value).__name__):
        check_reference(value)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("env:NAME", "env:NAME"),
        ("ask", "ask"),
        ("file: ~/my.key", "file:~/my.key"),
        ("command:vault", "command:vault"),
        ("command:curl -u me:canary https://x", "command:curl …"),
        (("command:", "curl", "-u", "me:canary"), "command:curl …"),
    ],
)
def test_a_reference_is_shown_without_what_the_arguments_of_a_command_may_hold(reference: Any, text: str) -> None:
    assert parsed(reference).text == text
    assert "canary" not in parsed(reference).text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("vault read", ("vault", "read")),
        ("vault 'a b' \"c d\" e", ("vault", "a b", "c d", "e")),
        (
            "gcloud auth print-access-token # all of it",
            ("gcloud", "auth", "print-access-token", "#", "all", "of", "it"),
        ),
        ("az --query 'a; b' | $HOME > x", ("az", "--query", "a; b", "|", "$HOME", ">", "x")),
    ],
)
def test_a_command_is_split_into_words_and_means_nothing_else(line: str, words: tuple[str, ...]) -> None:
    assert parsed(f"command:{line}").arguments == words


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("command:", "no proper name"),
        ("command:  ", "no proper name"),
        ("command:vault 'open", "not closed"),
        (("command:",), "names no program"),
        (("command:", ""), "names no program"),
        (("command:", 5), "others are texts"),
        (("command:", "a\0b"), "others are texts"),
        (("vault", "canary"), "first item is 'command:'"),
        ((), "first item is 'command:'"),
        ("file:", "no proper name"),
        ("file:a\nb", "no proper name"),
        ("keyring:", "no proper name"),
        ("keyring:a b", "no proper name"),
        ("keyring:" + "x" * 201, "no proper name"),
        ("session:\x1b", "no proper name"),
        ("keyring:sk-canary0123456789", "looks like a key itself"),
    ],
)
def test_a_reference_that_points_nowhere_is_told(reference: Any, says: str) -> None:
    with pytest.raises(SecretError) as caught:
        check_reference(reference)
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["env:X", "keyring:x", "file:x", "command:x", "session:x", lambda: "", ("command:", "x")]
)
def test_a_value_that_is_meant_as_a_reference_is_known(value: object) -> None:
    assert is_reference(value)


@pytest.mark.parametrize("value", ["", "ask", "Bearer x", "environment", "profile:x", 5, None, (), ("a", "b")])
def test_other_values_are_no_references(value: object) -> None:
    assert not is_reference(value)


# Keys that are taken for names


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-0123456789abcdef",
        "sk-ant-api03-abcdefghijkl",
        "gsk_0123456789abcdef",
        "hf_abcdefghijklmnop",
        "AIzaSyA0123456789abcdefghi",
        "0123456789abcdef0123456789abcdef",
        "Zm9vYmFyMTIzNDU2Nzg5MA",
        "eyJhbGciOiJIUzI1NiJ9.e30.abc",
    ],
)
def test_a_key_is_known_by_its_looks(text: str) -> None:
    assert looks_like_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "openai",
        "gpt-4o-mini-2024-07-18",
        "meta-llama/Llama-3.3-70B-Instruct-Turbo-Free",
        "claude-sonnet-4-5-20250929",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "the-key-of-our-own-server-in-the-cellar",
        "sk-short",
    ],
)
def test_names_and_addresses_are_not_taken_for_keys(text: str) -> None:
    assert not looks_like_key(text)


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


@pytest.mark.parametrize("text", ["env:KEY", "keyring:work", "file:~/token", "command:vault read x"])
def test_a_header_that_says_where_its_key_is_carries_none(text: str) -> None:
    assert not is_secret_header("Authorization", text)


@pytest.mark.parametrize(
    "name", ["Authorization", "x-api-key", "Api_Key", "Cookie", "X-Auth", "x-token", "X-Secret-Id"]
)
@pytest.mark.parametrize("value", ["abc", "", "ask"])
def test_a_header_of_such_a_name_carries_a_key(name: str, value: str) -> None:
    assert is_secret_header(name, value)


def test_a_header_with_such_a_value_carries_a_key_whatever_its_name() -> None:
    assert is_secret_header("X-Any", "Bearer abc")
    assert is_secret_header("X-Any", "basic abc")
    assert is_secret_header("X-Any", "sk-proj-0123456789abcdefghij")
    assert not is_secret_header("X-Tenant", "a")
    assert not is_secret_header("X-Max-Tokens-Day", "5")

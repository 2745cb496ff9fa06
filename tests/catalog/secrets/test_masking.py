from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.catalog.secrets import mask, resolve
from byom_magics.catalog.secrets.masking import hide, look_for

ORIGIN = "https://api.example.com:443"
KEY = "sk-canary/0123+456=789"


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


def test_of_short_lived_tokens_the_last_few_of_each_source_are_looked_for() -> None:
    for number in range(100):
        look_for(f"token-number-{number:03}", token_of="callable f")
    look_for("another-sources-token", token_of="callable g")
    look_for("a-key-that-stays")
    assert mask("token-number-099 token-number-096") == "[key hidden] [key hidden]"
    assert mask("token-number-095") == "token-number-095"
    assert mask("another-sources-token a-key-that-stays") == "[key hidden] [key hidden]"


def test_a_token_that_comes_again_takes_no_place_of_another() -> None:
    look_for("first-token-of-all", token_of="command:x")
    for _ in range(10):
        look_for("second-token-of-all", token_of="command:x")
    assert mask("first-token-of-all") == "[key hidden]"


@pytest.mark.parametrize("key", ["sk-canary/01\"23\\45<6>&7'89", "passwörd-with/Ünicode"])
def test_sec_22_a_key_is_masked_as_json_and_html_write_it(key: str) -> None:
    look_for(key)
    for form in (
        json.dumps({"error": key}),
        json.dumps({"error": key}, ensure_ascii=False),
        json.dumps({"error": key}).replace("/", r"\/"),
        html.escape(key),
        html.escape(key, quote=False),
        html.escape(key).replace("&#x27;", "&#39;"),
    ):
        assert "[key hidden]" in mask(form), form


@pytest.mark.parametrize(
    "word",
    [
        "sk-canary-0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
        "0a1b2c3d" * 5,
    ],
)
def test_sec_20_a_word_that_looks_like_a_key_is_hidden_where_nobody_knows_it_yet(word: str) -> None:
    assert hide(f"token={word}, expired") == "token=[key hidden], expired"


def test_what_an_error_says_otherwise_is_not_hidden() -> None:
    said = "AADSTS700016: no tenant 72f988bf-86f1-41ab-91ab-2d7cd011db47 at https://login.example.com/oauth2/v2.0/token"
    assert hide(said) == said

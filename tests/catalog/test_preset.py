from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.preset import Preset, presets_of
from byom_magics.errors import RegistrationError

ROW = {"title": "Ours", "url": "https://llm.example.com/v1"}


def refused(rows: Any, source: str = "acme") -> str:
    with pytest.raises(RegistrationError) as caught:
        presets_of(rows, source)
    assert caught.value.hint
    return str(caught.value)


def test_a_title_and_an_address_are_enough() -> None:
    made = presets_of({"ours": ROW})["ours"]
    assert made == Preset("ours", "Ours", "https://llm.example.com/v1", provider="ours")
    assert (made.dialect, made.api_key, made.gaps, made.is_local, made.verified) == (
        "openai_chat",
        None,
        (),
        False,
        True,
    )


def test_lists_of_a_file_become_tuples_and_the_source_is_kept() -> None:
    made = presets_of({"ours": {**ROW, "ports": [1, 2], "aliases": ["a.b"], "provider": "us"}}, "acme 1.0")["ours"]
    assert (made.ports, made.aliases, made.provider, made.source) == ((1, 2), ("a.b",), "us", "acme 1.0")
    assert made.is_local


def test_words_in_braces_of_an_address_are_the_persons_own() -> None:
    assert presets_of({"a": {**ROW, "url": "https://{resource}.example.com/{place}"}})["a"].gaps == (
        "resource",
        "place",
    )


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("http://a", "ollama"),
        ("http://a/v1", "openai_chat"),
        ("http://a/v1/?b=/c", "openai_chat"),
        ("http://v1", "ollama"),
    ],
)
def test_the_end_of_an_address_may_say_another_dialect(url: str, dialect: str) -> None:
    made = Preset("a", "A", "http://a", "ollama", also={"/v1": "openai_chat"})
    assert made.dialect_at(url) == dialect


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (5, "int"),
        ([ROW], "list"),
        ({"": ROW}, "no name of a preset"),
        ({5: ROW}, "no name of a preset"),
        ({"a b": ROW}, "no name of a preset"),
        ({"a\x1b": ROW}, "no name of a preset"),
        ({"a": "text"}, "no table"),
        ({"a": {"url": "http://a"}}, "has no title"),
        ({"a": {"title": "A"}}, "has no url"),
        ({"a": {**ROW, "titel": "A"}}, "'titel'"),
        ({"a": {**ROW, "titel": "A"}}, "give title"),
        ({"a": {**ROW, "title": 5}}, "title that cannot be 5"),
        ({"a": {**ROW, "title": "a\nb"}}, "one line of text"),
        ({"a": {**ROW, "headers": ["X-A: b"]}}, "names and texts"),
        ({"a": {**ROW, "headers": {"X-A": 5}}}, "names and texts"),
        ({"a": {**ROW, "quirks": "none"}}, "table of quirks"),
        ({"a": {**ROW, "ports": [True]}}, "numbers of ports"),
        ({"a": {**ROW, "ports": [70_000]}}, "numbers of ports"),
        ({"a": {**ROW, "ports": 80}}, "numbers of ports"),
        ({"a": {**ROW, "aliases": "b"}}, "list of names"),
        ({"a": {**ROW, "aliases": [["b"]]}}, "list of names"),
        ({"a": {**ROW, "verified": 1}}, "true or false"),
        ({"a": {**ROW, "name": "b"}}, "unknown field"),
        ({"a": {**ROW, "source": "b"}}, "unknown field"),
        ({"a": {**ROW, "\x1b[2J": 1}}, "\\x1b[2J"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_source_and_field(rows: Any, says: str) -> None:
    message = refused(rows)
    assert says in message
    assert "acme" in message
    assert "\x1b" not in message

from __future__ import annotations

import pytest

from byom_magics.widgets.matching import entry, search

MODELS = [
    entry("openai/gpt-4o", ("openai/gpt-4o", "GPT-4 omni", "gpt-4o"), ("https://api.openai.com/v1", "tools", "Fast")),
    entry("my-gpt", ("my-gpt", "My own", "llama3.2"), ("http://localhost:11434/v1", "", "Speaks Straße and ﬁnnish")),
    entry("agpt", ("agpt", "agpt", "m"), ("https://example.com", "reasoning", "")),
    entry("gpt", ("gpt", "Plain", "x"), ("built in",)),
    entry("other", ("other", "other", "o"), ("no such gpt here",)),
]


def test_nothing_typed_finds_everything_in_its_order() -> None:
    everything = [each.key for each in MODELS]
    assert search(MODELS, "") == search(MODELS, " \t ") == everything


def test_the_very_name_comes_first_then_beginnings_then_parts_then_insides_then_the_rest() -> None:
    assert search(MODELS, "GPT") == ["gpt", "openai/gpt-4o", "my-gpt", "agpt", "other"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("openai.com", ["openai/gpt-4o"]),
        ("TOOLS omni", ["openai/gpt-4o"]),
        ("omni tools", ["openai/gpt-4o"]),
        ("llama3.2", ["my-gpt"]),
        ("strasse", ["my-gpt"]),
        ("finnish", ["my-gpt"]),
        ("reasoning", ["agpt"]),
        ("built in", ["gpt"]),
        ("tools reasoning", []),
        ("nothing like it", []),
        ("my\u202eown", []),
    ],
)
def test_every_word_must_be_somewhere_in_any_order_and_case(query: str, found: list[str]) -> None:
    assert search(MODELS, query) == found


def test_words_do_not_match_across_two_texts() -> None:
    assert search([entry("a", ("ab", "cd"), ("ef",))], "bc") == []
    assert search([entry("a", ("ab", "cd"), ("ef",))], "de") == []


def test_what_is_hidden_in_a_text_is_found_as_it_is_shown() -> None:
    assert search([entry("a", ("a\u202eb",), ())], r"\u202e") == ["a"]


def test_a_pasted_book_is_no_search() -> None:
    assert search(MODELS, "gpt " * 100_000) == ["openai/gpt-4o", "gpt", "my-gpt", "agpt", "other"]

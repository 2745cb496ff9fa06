"""Offers: what lists say put together, and keys that can be typed, whatever a server calls its models."""

from __future__ import annotations

import pytest

from byom_magics.catalog import checks
from byom_magics.catalog.offers import filled, joined, key_for, key_of, offers
from byom_magics.catalog.spec import Capabilities, Listed, Prices


def test_a_model_that_is_listed_twice_is_one_and_keeps_what_either_entry_says() -> None:
    found = offers([Listed("a", context_window=10), Listed("b"), Listed("a", "A", max_tokens=5, tags=("x",))])
    assert found == [Listed("a", "A", "", 10, 5, tags=("x",)), Listed("b")]


def test_what_one_list_leaves_open_another_one_fills() -> None:
    first = Listed("a", prices=Prices(1), capabilities=Capabilities(tools=False))
    other = Listed("a", context_window=9, prices=Prices(2, 3), capabilities=Capabilities(tools=True, reasoning=True))
    assert filled(first, other) == Listed(
        "a", context_window=9, prices=Prices(1, 3), capabilities=Capabilities(tools=False, reasoning=True)
    )


def test_prices_of_two_currencies_are_not_mixed() -> None:
    assert filled(Listed("a", prices=Prices(1)), Listed("a", prices=Prices(2, 3, currency="EUR"))).prices == Prices(1)
    assert filled(Listed("a"), Listed("a", prices=Prices(2, currency="EUR"))).prices == Prices(2, currency="EUR")


def test_a_list_that_says_more_wins_and_brings_no_further_models() -> None:
    models = [Listed("a", context_window=100), Listed("b")]
    assert joined(models, [Listed("a", context_window=7), Listed("c")]) == [Listed("a", context_window=7), Listed("b")]


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("llama3.2:latest", "llama3.2:latest"),
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("/home/me/models/hf", "hf"),
        ("/home/me/models/hf/", "hf"),
        ("C:\\models\\tiny.gguf", "tiny.gguf"),
        ("two words", "two-words"),
        ("-rf", "rf"),
        ("%%byom", "byom"),
        ("{{evil}}", "evil"),
        ("a'b\"c`d$e\\f", "a-b-c-d-e-f"),
        ("\x1b[31mred\u202e", "[31mred"),
        ("раураl", "раураl"),
        ("{}", "model"),
        ("/", "model"),
        ("", "model"),
    ],
)
def test_a_key_is_the_models_name_without_what_cannot_be_typed(model: str, key: str) -> None:
    assert key_of(model) == key
    assert checks.word(key)


def test_whatever_stands_in_a_name_its_key_is_a_word() -> None:
    for code in (*range(0x3000), *range(0xD7F0, 0xE010), *range(0xFE00, 0x10010), *range(0xE0000, 0xE0080)):
        for model in (chr(code), f"{chr(code)}a", f"a{chr(code)}b", chr(code) * 500):
            assert checks.word(key_of(model)), model


def test_a_key_that_is_taken_gets_the_servers_name_before_it_and_then_a_number() -> None:
    taken: set[str] = set()
    keys = []
    for _ in range(4):
        keys.append(key_for("tiny", "vllm", taken))
        taken.add(keys[-1])
    assert keys == ["tiny", "vllm/tiny", "vllm/tiny-2", "vllm/tiny-3"]


def test_thousands_of_names_that_make_one_key_each_get_their_own() -> None:
    taken: set[str] = set()
    for number in range(3_000):
        taken.add(key_for("a" * 100 + str(number), "s", taken))
    assert len(taken) == 3_000
    assert all(checks.word(key) for key in taken)

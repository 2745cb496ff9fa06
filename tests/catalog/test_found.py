"""Choosing among models that were found: by name, by key, by number, by words; bounded, and nothing by accident."""

from __future__ import annotations

import pytest

from byom_magics.catalog.found import Found, chosen, matching
from byom_magics.catalog.spec import Listed
from byom_magics.errors import OptionError

OLLAMA = Found(
    "ollama", "Ollama", "http://localhost:11434", models=(Listed("llama3.2"), Listed("nomic", tags=("embedding",)))
)
VLLM = Found("vllm", "vLLM", "http://localhost:8000/v1", models=(Listed("/m/hf", "Tiny Llama"), Listed("llama3.2")))
BOTH = [OLLAMA, VLLM]


def ids(names: list[str], words: tuple[str, ...] = ()) -> list[str]:
    return [f"{server.server}:{offer.id}" for server, offer in chosen(BOTH, names, words)]


def test_models_are_numbered_over_all_servers_from_one() -> None:
    assert [(number, offer.id) for number, _, offer in matching(BOTH, ())] == [
        (1, "llama3.2"),
        (2, "nomic"),
        (3, "/m/hf"),
        (4, "llama3.2"),
    ]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [((), [1, 2, 3, 4]), (("LLAMA",), [1, 3, 4]), (("llama", "vllm"), [3, 4]), (("embedding",), [2]), (("no",), [2])],
)
def test_words_narrow_and_the_numbers_stay(words: tuple[str, ...], numbers: list[int]) -> None:
    assert [number for number, _, _ in matching(BOTH, words)] == numbers


@pytest.mark.parametrize(
    ("names", "picked"),
    [
        (["llama3.2"], ["ollama:llama3.2"]),
        (["vllm/llama3.2"], ["vllm:llama3.2"]),
        (["4"], ["vllm:llama3.2"]),
        (["hf"], ["vllm:/m/hf"]),
        (["/m/hf", "3", "hf"], ["vllm:/m/hf"]),
        (["nomic"], ["ollama:nomic"]),
        (["all"], ["ollama:llama3.2", "vllm:/m/hf", "vllm:llama3.2"]),
    ],
)
def test_a_model_is_named_by_its_name_its_key_its_server_or_its_number(names: list[str], picked: list[str]) -> None:
    assert ids(names) == picked


def test_all_is_narrowed_by_the_words() -> None:
    assert ids(["all"], ("tiny",)) == ["vllm:/m/hf"]


@pytest.mark.parametrize(
    ("name", "says"), [("llama3.3", "llama3.2"), ("0", "shows"), ("5", "shows"), ("\x1b]0;", "x1b")]
)
def test_what_is_not_offered_is_said_with_what_is_near(name: str, says: str) -> None:
    with pytest.raises(OptionError) as caught:
        chosen(BOTH, [name])
    assert says in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_more_than_ten_thousand_at_once_are_refused() -> None:
    many = Found("", "server", "http://localhost/v1", models=tuple(Listed(f"m{number}") for number in range(10_001)))
    with pytest.raises(OptionError, match="10,001 models"):
        chosen([many], ["all"])
    assert len(chosen([many], ["all"], ["m99"])) == 111


def test_what_was_found_outside_a_session_registers_nowhere() -> None:
    with pytest.raises(OptionError, match="no session"):
        OLLAMA.register("llama3.2")


def test_its_repr_is_short_and_shows_what_hides() -> None:
    assert repr(Found("", "a\x1b[31m", "http://x/v1", models=(Listed("m"),))) == "<a\\x1b[31m at http://x/v1: 1 models>"

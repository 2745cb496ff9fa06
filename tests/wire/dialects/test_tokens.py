"""Tokens with their log-probabilities: one form of all that servers send."""

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.spec import Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.messages import Call, Message
from byom_magics.wire.dialects.tokens import (
    alternatives,
    refuse,
    tokens_of,
    tokens_of_candidates,
    tokens_of_columns,
)

HI = Call((Message("user", "hi"),))
SPEC = ModelSpec("m", "m", Endpoint("http://a.test"))


def test_tokens_are_kept_as_they_are_without_what_nobody_reads() -> None:
    entry = {
        "id": 365,
        "token": "Hi",
        "bytes": [72, 105],
        "logprob": -0.5,
        "top_logprobs": [{"token": "Ho", "logprob": -2}],
    }
    assert tokens_of([entry]) == (
        {
            "token": "Hi",
            "logprob": -0.5,
            "bytes": [72, 105],
            "top_logprobs": [{"token": "Ho", "logprob": -2.0}],
        },
    )


@pytest.mark.parametrize("entries", [None, 7, "x", {}, [None], [7], [{}], [{"token": 7}], [{"logprob": -1}], [[]]])
def test_what_is_no_token_is_left_out(entries: object) -> None:
    assert tokens_of(entries) == ()


@pytest.mark.parametrize("number", [None, "x", True, float("nan"), float("-inf"), 10**400, [], {}])
def test_a_number_that_is_none_is_unknown(number: object) -> None:
    assert tokens_of([{"token": "Hi", "logprob": number}])[0]["logprob"] is None


@pytest.mark.parametrize("octets", [None, "x", [256], [-1], [True], ["a"]])
def test_bytes_that_are_none_are_left_out(octets: object) -> None:
    assert "bytes" not in tokens_of([{"token": "Hi", "logprob": 0, "bytes": octets}])[0]


def test_a_lone_surrogate_in_a_token_is_replaced() -> None:
    assert tokens_of([{"token": "\ud83d", "logprob": -1}])[0]["token"] == "\ufffd"


def test_a_million_alternatives_are_not_kept() -> None:
    many = [{"token": str(number), "logprob": -1} for number in range(10_000)]
    assert len(tokens_of([{"token": "Hi", "logprob": -1, "top_logprobs": many}])[0]["top_logprobs"]) == 100


@pytest.mark.parametrize("alternatives", [[{"Hi": -0.5, "Ho": -2.0}, None], [[{"token": "Hi", "logprob": -0.5}], 7]])
def test_columns_of_older_servers_become_rows(alternatives: list[Any]) -> None:
    found = tokens_of_columns({"tokens": ["Hi", "!"], "token_logprobs": [-0.5, None], "top_logprobs": alternatives})
    assert [(each["token"], each["logprob"]) for each in found] == [("Hi", -0.5), ("!", None)]
    assert found[0]["top_logprobs"][0] == {"token": "Hi", "logprob": -0.5}
    assert found[1]["top_logprobs"] == []
    assert tokens_of_columns({"tokens": ["a"]})[0] == {"token": "a", "logprob": None, "top_logprobs": []}
    assert tokens_of_columns({"tokens": "x", "token_logprobs": [1]}) == ()


def test_the_candidates_of_gemini_become_tokens_with_alternatives() -> None:
    result = {
        "chosenCandidates": [
            {"token": "Hi", "tokenId": 5, "logProbability": -0.5},
            {"token": "!", "logProbability": -1},
        ],
        "topCandidates": [{"candidates": [{"token": "Ho", "tokenId": 6, "logProbability": -0.1}]}],
    }
    assert tokens_of_candidates(result) == (
        {"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Ho", "logprob": -0.1}]},
        {"token": "!", "logprob": -1.0, "top_logprobs": []},
    )
    assert tokens_of_candidates({"topCandidates": [{"candidates": [{"token": "Ho"}]}]}) == ()


def test_a_server_that_refuses_to_tell_is_not_asked() -> None:
    wanted = Call(HI.messages, logprobs=3)
    assert alternatives(wanted, Quirks()) == 3
    assert alternatives(HI, Quirks()) is None
    assert alternatives(wanted, Quirks(without=("logprobs",))) is None


def test_a_service_that_has_none_says_so_only_where_they_are_asked_for() -> None:
    refuse(SPEC, HI, "These messages")
    with pytest.raises(OptionError, match="These messages tell no log-probabilities") as caught:
        refuse(SPEC, Call(HI.messages, logprobs=0), "These messages")
    assert "--logprobs" in (caught.value.hint or "")

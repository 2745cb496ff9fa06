from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any, get_args

import pytest

from byom_magics import errors, events
from byom_magics.events import Cost, Ended, Event, Reply, State, ToolCall, Usage
from byom_magics.messages import ToolResult

LONG = "x" * 1000


# States


def test_a_state_is_its_word_wherever_it_is_written() -> None:
    assert str.__eq__(State.COMPLETE, "complete")
    assert str(State.CONTENT_FILTER) == f"{State.CONTENT_FILTER}" == "content_filter"
    assert f"{State.LENGTH:>8}" == "  length"
    assert json.dumps(State.STALLED) == '"stalled"'
    assert State("cancelled") is State.CANCELLED


@pytest.mark.parametrize("state", State)
def test_failed_means_that_the_server_did_not_call_the_answer_finished(state: State) -> None:
    assert state.failed is (state in {"incomplete", "stalled", "error"})


def test_the_words_of_the_states_are_those_of_the_contract() -> None:
    assert [str(state) for state in State] == [
        "complete",
        "length",
        "content_filter",
        "tool_calls",
        "incomplete",
        "stalled",
        "error",
        "cancelled",
    ]


# Cost


def test_a_cost_is_a_number_that_knows_its_currency() -> None:
    cost = Cost(0.25, "EUR")
    assert cost == 0.25
    assert cost + 1 == 1.25
    assert cost.currency == "EUR"
    assert Cost(1).currency == "USD"


def test_a_cost_reads_as_an_amount_of_money() -> None:
    assert str(Cost(0.0000123456, "EUR")) == "1.235e-05 EUR"
    assert str(Cost(2)) == "2 USD"
    assert repr(Cost(0.5, "EUR")) == "Cost(0.5, 'EUR')"
    assert eval(repr(Cost(0.1 + 0.2))) == Cost(0.1 + 0.2)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_cost_keeps_its_currency_through_copies_and_pickles(protocol: int) -> None:
    cost = Cost(0.25, "EUR")
    for twin in (copy.copy(cost), copy.deepcopy(cost), pickle.loads(pickle.dumps(cost, protocol))):
        assert (twin, twin.currency) == (0.25, "EUR")


# Events


def test_every_kind_of_event_has_a_word_of_its_own() -> None:
    kinds = [each.kind for each in get_args(Event)]
    assert len(set(kinds)) == len(kinds)
    assert kinds[-1] == "ended"


@pytest.mark.parametrize("kind", get_args(Event))
def test_an_event_cannot_be_changed_and_its_kind_is_no_field(kind: type) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "kind" not in {field.name for field in dataclasses.fields(kind)}


def test_the_modules_own_list_of_names_is_complete() -> None:
    assert {each.__name__ for each in get_args(Event)} <= set(events.__all__)


# Replies


def reply(**changes: object) -> Reply:
    base = Reply(
        text="Because.",
        reasoning="Hm.",
        tool_calls=(ToolCall("a", "f", "{}"),),
        state=State.COMPLETE,
        finish_reason="stop",
        usage=Usage(3, 5, 8),
        first_token_s=0.5,
        duration_s=2.5,
        cost=Cost(0.25, "EUR"),
        model="llama",
        warnings=("odd",),
        logprobs=({"token": "a", "logprob": -0.1},),
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def test_a_reply_has_the_fields_of_the_contract() -> None:
    promised = [
        "text",
        "reasoning",
        "tool_calls",
        "state",
        "reason",
        "finish_reason",
        "usage",
        "first_token_s",
        "duration_s",
        "tokens_per_s",
        "cost",
        "model",
        "served_model",
        "system_fingerprint",
        "request_id",
        "attempts",
        "warnings",
        "error",
    ]
    for name in promised:
        getattr(Reply(), name)


def test_a_reply_of_which_nothing_is_known_says_unknown_and_not_zero() -> None:
    bare = Reply()
    assert (bare.state, bare.text) == (State.CANCELLED, "")
    assert bare.usage == Usage(None, None, None, None, None)
    assert bare.first_token_s is bare.duration_s is bare.tokens_per_s is bare.cost is None


def test_the_repr_of_a_reply_is_short_and_says_how_it_ended() -> None:
    assert repr(reply()) == "Reply('Because.', model='llama', state='complete')"
    long = repr(reply(text=LONG, state=State.INCOMPLETE, reason="eof"))
    assert len(long) < 150
    assert long.endswith("...', model='llama', state='incomplete(eof)')")


def test_a_reply_as_a_text_is_its_answer() -> None:
    assert str(reply(text=LONG)) == f"{reply(text=LONG)}" == LONG


def test_a_reply_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        reply().text = "Never mind."  # type: ignore[misc]


def test_a_reply_survives_copies_and_pickles_with_its_error() -> None:
    error = errors.StatusError("No.", model="llama", hint="ask again")
    error.status = 500
    failed = reply(state=State.ERROR, reason="http", error=error)
    error.reply = failed
    twins: list[Any] = [copy.deepcopy(failed), pickle.loads(pickle.dumps(failed))]
    for twin in twins:
        assert dataclasses.replace(twin, error=None) == dataclasses.replace(failed, error=None)
        assert twin.cost.currency == "EUR"
        assert str(twin.error) == str(error)
        assert twin.error.status == 500
        assert twin.error.reply is twin
    assert copy.copy(failed) == failed


def test_tokens_per_second_count_from_the_first_token_to_the_end() -> None:
    assert reply().tokens_per_s == pytest.approx(2.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"usage": Usage(3, None, None)},
        {"duration_s": None},
        {"first_token_s": None},
        {"first_token_s": 2.5},
        {"rounds": 2},
        {"tool_results": (ToolResult(ToolCall("1", "look", "{}"), "sky"),)},
    ],
)
def test_tokens_per_second_are_unknown_where_one_of_the_numbers_is(changes: dict[str, object]) -> None:
    assert reply(**changes).tokens_per_s is None


def test_an_ended_event_of_an_unsent_call_counts_one_attempt_and_no_warnings() -> None:
    ended = Ended(State.CANCELLED)
    assert (ended.reason, ended.finish_reason, ended.error, ended.attempts, ended.warnings) == (None, None, None, 1, ())

from __future__ import annotations

import pytest

from byom_magics.errors import PolicyError
from byom_magics.events import (
    Cost,
    Ended,
    Event,
    ImageMade,
    ReasoningDelta,
    Reply,
    Signature,
    State,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.messages import Image, Message
from byom_magics.talk.keeping import Replayed
from byom_magics.talk.round import Refused, Round, identified
from tests.talk.scripts import CALLS, DONE, SPEC, Script


def replied(*events: Event) -> Reply:
    made = Round(SPEC, Script())
    for event in events:
        made.take([event])
    return made.reply()


def test_an_answer_is_a_message_with_what_the_service_wants_back() -> None:
    reply = replied(TextDelta("Hi"), Signature({"odd": "x"}), DONE)
    assert reply.messages == (Message("assistant", "Hi", signatures=({"odd": "x"},)),)


def test_tools_that_are_asked_for_are_part_of_the_message() -> None:
    reply = replied(TextDelta("Look."), ToolCallDelta(0, "a", "look", "{}"), CALLS)
    assert reply.messages == (Message("assistant", "Look.", tool_calls=(ToolCall("a", "look", "{}"),)),)


@pytest.mark.parametrize("state", [State.CANCELLED, State.INCOMPLETE, State.STALLED, State.ERROR, State.LENGTH])
def test_what_broke_off_is_a_message_without_calls_that_nobody_can_answer(state: State) -> None:
    reply = replied(TextDelta("Hal"), ToolCallDelta(0, "a", "look", '{"x'), Signature({"x": 1}), Ended(state))
    assert reply.messages == (Message("assistant", "Hal"),)
    assert reply.tool_calls == (ToolCall("a", "look", '{"x'),)


def test_nothing_said_is_no_message() -> None:
    assert replied(ReasoningDelta("Hm."), DONE).messages == ()


def test_images_that_a_model_makes_are_kept() -> None:
    reply = replied(ImageMade(Image(b"1")), ImageMade(Image(b"2", "image/jpeg")), DONE)
    assert reply.images == (Image(b"1"), Image(b"2", "image/jpeg"))
    assert [each.role for each in reply.messages] == ["assistant"]


def test_reasoning_takes_time_from_its_first_piece_to_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 11.0, 14.5, 15.0])
    monkeypatch.setattr("byom_magics.talk.round.time.monotonic", lambda: next(times))
    made = Round(SPEC, Script())
    for event in (ReasoningDelta("a"), ReasoningDelta("b"), TextDelta("c")):
        made.take([event])
    assert made.reply().reasoning_s == 3.5


def test_without_reasoning_there_is_no_time_of_it() -> None:
    assert replied(TextDelta("x"), DONE).reasoning_s is None


def test_a_kept_answer_costs_nothing() -> None:
    made = Round(SPEC, Replayed([]))
    made.take([UsageReport(Usage(1_000_000, 0), Cost(5.0)), DONE])
    reply = made.reply()
    assert reply.cached
    assert reply.cost is None


def test_ids_that_are_there_stay() -> None:
    calls = (ToolCall("a", "f", ""), ToolCall("", "f", ""), ToolCall("a", "f", ""))
    found = identified(calls)
    assert found[0].id == "a"
    assert len({call.id for call in found}) == 3
    assert all(call.id for call in found)


def test_a_call_that_our_rules_forbid_ends_before_anything_is_sent() -> None:
    refusal = PolicyError("No.")
    (batch,) = Refused(refusal).batches(0.1)
    assert batch == [Ended(State.ERROR, "policy", error=refusal)]

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from byom_magics.catalog.spec import Endpoint, ModelSpec, Prices
from byom_magics.errors import IncompleteError, PolicyError
from byom_magics.events import (
    Cost,
    Ended,
    Event,
    Opened,
    Progress,
    ReasoningDelta,
    Reclassified,
    Reply,
    Retrying,
    Signature,
    State,
    TextDelta,
    TokenLogprobs,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.talk.turn import Turn
from tests.wire.raw_server import PATIENCE

DONE = Ended(State.COMPLETE, finish_reason="stop")


class Moments:
    def __init__(self, first_content: float | None = None) -> None:
        self.started = time.monotonic() - 10
        self.first_content = None if first_content is None else self.started + first_content


class Script:
    """A stream that gives the batches it was told, and notes what is done to it."""

    def __init__(self, *batches: Sequence[Event], first_content: float | None = None) -> None:
        self._batches = batches
        self._moments = Moments(first_content)
        self.stops = 0
        self.closes = 0
        self.waits: list[float] = []

    @property
    def moments(self) -> Moments:
        return self._moments

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        self.waits.append(wait_s)
        for batch in self._batches:
            yield list(batch)

    def stop(self) -> None:
        self.stops += 1

    def close(self) -> None:
        self.closes += 1


def turn_of(script: Script, ends: list[Reply] | None = None, **spec: Any) -> Turn:
    asked = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"), **spec)
    return Turn(asked, lambda: script, (ends if ends is not None else []).append)


def replied(*events: Event, first_content: float | None = None, **spec: Any) -> Reply:
    turn = turn_of(Script(events, first_content=first_content), **spec)
    for _ in turn:
        pass
    return turn.reply


# The reply is the sum of the events


def test_text_and_reasoning_are_joined_from_their_pieces() -> None:
    reply = replied(ReasoningDelta("H"), ReasoningDelta("m."), TextDelta("Be"), TextDelta("cause."), DONE)
    assert (reply.text, reply.reasoning, reply.state, reply.finish_reason) == ("Because.", "Hm.", "complete", "stop")


def test_text_that_turns_out_to_be_reasoning_goes_over_to_it() -> None:
    reply = replied(ReasoningDelta("A"), TextDelta("B"), TextDelta("C"), Reclassified(), TextDelta("D"), DONE)
    assert (reply.text, reply.reasoning) == ("D", "ABC")


def test_a_million_pieces_are_joined_in_order() -> None:
    batch: list[Event] = [TextDelta(str(number % 10)) for number in range(1000)]
    turn = turn_of(Script(*[batch] * 1000, [DONE]))
    for _ in turn.batches():
        pass
    assert turn.reply.text == "0123456789" * 100_000


def test_tool_calls_are_put_together_by_their_index() -> None:
    reply = replied(
        ToolCallDelta(1, "b", "g", "["),
        ToolCallDelta(0, "a", "f", '{"x"'),
        ToolCallDelta(1, None, None, "]"),
        ToolCallDelta(0, "other", "name", ": 1}"),
        Ended(State.TOOL_CALLS),
    )
    assert reply.tool_calls == (ToolCall("a", "f", '{"x": 1}'), ToolCall("b", "g", "[]"))


def test_what_the_server_tells_of_itself_is_kept_the_headers_id_first() -> None:
    reply = replied(Opened(request_id="header"), Opened("served", "body", "fp"), Opened("other", None, None), DONE)
    assert (reply.served_model, reply.request_id, reply.system_fingerprint) == ("other", "header", "fp")


def test_the_last_count_of_tokens_holds_and_a_report_without_one_does_not_undo_it() -> None:
    reply = replied(UsageReport(Usage(1, 1)), UsageReport(Usage(3, 5, 8)), UsageReport(Usage(), Cost(0.5)), DONE)
    assert reply.usage == Usage(3, 5, 8)
    assert reply.cost == 0.5


def test_logprobs_are_kept_in_order() -> None:
    reply = replied(TokenLogprobs(({"token": "a"},)), TokenLogprobs(({"token": "b"}, {"token": "c"})), DONE)
    assert [each["token"] for each in reply.logprobs] == ["a", "b", "c"]


def test_sec_22_logprobs_whose_tokens_spell_a_key_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byom_magics.catalog.secrets.masking._seen", {"sk-canary-0123456789"})
    tokens = [TokenLogprobs(({"token": piece},)) for piece in ("Hi", "sk-", "canary-", "01234", "56789", "!")]
    assert replied(*tokens, DONE).logprobs == ()
    assert len(replied(*tokens[:4], tokens[5], DONE).logprobs) == 5


def test_how_it_ended_is_told_by_the_last_event() -> None:
    reply = replied(Ended(State.INCOMPLETE, "eof", None, None, 3, ("odd",)))
    assert (reply.state_text, reply.attempts, reply.warnings, reply.model) == ("incomplete(eof)", 3, ("odd",), "llama")


def test_an_error_carries_the_partial_reply() -> None:
    error = IncompleteError("It broke.")
    reply = replied(TextDelta("half"), Ended(State.INCOMPLETE, "eof", error=error))
    assert reply.error is error
    assert error.reply is not None
    assert error.reply.text == "half"


def test_times_are_seconds_since_the_start_of_the_call() -> None:
    reply = replied(TextDelta("a"), DONE, first_content=0.25)
    assert reply.first_token_s == pytest.approx(0.25)
    assert reply.duration_s is not None
    assert reply.duration_s >= 10
    assert replied(DONE).first_token_s is None


# Cost


@pytest.mark.parametrize(
    ("prices", "usage", "told", "cost"),
    [
        (Prices(2.0, 4.0, "EUR"), Usage(1_000_000, 500_000), None, Cost(4.0, "EUR")),
        (Prices(2.0, 4.0, "EUR"), Usage(1_000_000, 500_000), Cost(9.0), Cost(4.0, "EUR")),
        (Prices(0.0, 0.0), Usage(5, 5), None, Cost(0.0)),
        (Prices(), Usage(5, 5), Cost(0.5), Cost(0.5)),
        (Prices(), Usage(5, 5), Cost(0.0), Cost(0.0)),
        (Prices(2.0, None), Usage(5, 5), None, None),
        (Prices(None, 2.0), Usage(5, 5), None, None),
        (Prices(2.0, 4.0), Usage(5, None), None, None),
        (Prices(2.0, 4.0), Usage(None, 5), Cost(0.5), Cost(0.5)),
        (Prices(), Usage(), None, None),
        (Prices(2.0, 4.0, cached_input=0.5), Usage(1_000_000, 0, None, 400_000), None, Cost(1.4)),
        (Prices(2.0, 4.0), Usage(1_000_000, 0, None, 400_000), None, Cost(2.0)),
        (Prices(2.0, 4.0, "USD", 1.0, 3.0), Usage(1_000_000, 0, None, 500_000, None, 250_000), None, Cost(1.75)),
    ],
)
def test_the_cost_is_by_the_models_prices_else_what_the_server_told_else_unknown(
    prices: Prices, usage: Usage, told: Cost | None, cost: Cost | None
) -> None:
    found = replied(UsageReport(usage, told), DONE, prices=prices).cost
    assert found == cost
    if found is not None and cost is not None:
        assert found.currency == cost.currency


def test_an_answer_of_another_version_than_the_pinned_one_is_noted() -> None:
    found = replied(Opened("m-2"), TextDelta("Hi"), DONE, pinned=True)
    assert found.warnings == ("'m' is registered as pinned to one version, and 'm-2' answered",)
    assert replied(Opened("m"), TextDelta("Hi"), DONE, pinned=True).warnings == ()
    assert replied(Opened("m-2"), TextDelta("Hi"), DONE).warnings == ()


def test_what_was_to_be_said_before_is_a_warning_of_the_reply() -> None:
    asked = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"))
    turn = Turn(asked, lambda: Script([TextDelta("Hi"), DONE]), lambda _: None, ("much is sent",))
    with turn:
        list(turn)
    assert turn.reply.warnings == ("much is sent",)


def test_what_the_service_wants_back_is_kept_in_order() -> None:
    first, second = {"type": "thinking", "signature": "a"}, {"type": "redacted_thinking", "data": "b"}
    assert replied(Signature(first), TextDelta("Hi"), Signature(second), DONE).signatures == (first, second)


def test_a_call_that_the_rules_forbid_ends_as_an_error_before_anything_is_sent() -> None:
    refusal = PolicyError("The rule 'hosts' forbids it.", hint="ask another model")

    def send() -> Script:
        raise refusal

    ends: list[Reply] = []
    turn = Turn(ModelSpec("llama", "m", Endpoint("http://localhost:1/v1")), send, ends.append)
    with turn:
        (ended,) = list(turn)
    assert ended == Ended(State.ERROR, "policy", error=refusal)
    assert (turn.reply.state_text, turn.reply.error, turn.reply.text) == ("error(policy)", refusal, "")
    assert (ends, refusal.reply) == ([turn.reply], turn.reply)


# A turn while it runs


def test_events_pass_through_in_order_and_nothing_is_sent_before_they_are_wanted() -> None:
    sent: list[bool] = []
    script = Script([Progress("connecting"), TextDelta("a")], [], [TextDelta("b"), DONE])

    def send() -> Script:
        sent.append(True)
        return script

    turn = Turn(ModelSpec("llama", "m", Endpoint("http://localhost:1/v1")), send, lambda reply: None)
    assert sent == []
    assert list(turn) == [Progress("connecting"), TextDelta("a"), TextDelta("b"), DONE]
    assert sent == [True]


def test_a_block_sends_at_its_beginning_and_hangs_up_at_its_end() -> None:
    script, ends = Script([TextDelta("a")], [DONE]), list[Reply]()
    with turn_of(script, ends) as turn:
        assert (script.closes, ends) == (0, [])
    assert script.closes == 1
    assert [reply.state for reply in ends] == [State.CANCELLED]
    assert turn.reply is ends[0]


def test_an_exception_in_the_block_hangs_up_and_goes_on() -> None:
    script, ends = Script([TextDelta("a")], [DONE]), list[Reply]()

    def read() -> None:
        with turn_of(script, ends) as turn:
            for _ in turn:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read()
    assert script.closes == 1
    assert (ends[0].text, ends[0].state) == ("a", "cancelled")


def test_breaking_out_of_the_events_hangs_up() -> None:
    script, ends = Script([TextDelta("a")], [TextDelta("b")], [DONE]), list[Reply]()
    turn = turn_of(script, ends)
    for _ in turn:
        break
    gc.collect()
    assert script.closes == 1
    assert ends[0].text == "a"


def test_a_turn_that_is_dropped_hangs_up() -> None:
    script = Script([DONE])
    turn = turn_of(script)
    turn.begin()
    del turn
    gc.collect()
    assert script.stops == 1


def test_the_reply_grows_while_the_answer_comes() -> None:
    turn = turn_of(Script([TextDelta("a")], [TextDelta("b")], [DONE]))
    assert (turn.reply.text, turn.reply.model) == ("", "llama")
    seen = [(turn.reply.text, str(turn.reply.state)) for _ in turn.batches()]
    assert seen == [("a", "cancelled"), ("ab", "cancelled"), ("ab", "complete")]


def test_a_wait_for_a_retry_is_counted_as_an_attempt_when_it_is_cut_short() -> None:
    turn = turn_of(Script([Retrying(2.0, "503", 2)]))
    with turn:
        next(turn.batches())
    assert (turn.reply.state, turn.reply.attempts) == ("cancelled", 2)


def test_the_end_is_told_once_however_often_the_turn_is_closed() -> None:
    script, ends = Script([DONE]), list[Reply]()
    with turn_of(script, ends) as turn:
        list(turn)
        turn.close()
    turn.close()
    assert (len(ends), script.closes) == (1, 1)
    assert ends[0].state == "complete"


def test_the_end_is_told_once_where_two_threads_close_the_turn_at_the_same_time() -> None:
    inside, second = threading.Event(), threading.Event()

    class Slow(Script):
        def close(self) -> None:
            super().close()
            inside.set()
            assert second.wait(PATIENCE)

    script, ends = Slow([DONE]), list[Reply]()
    turn = turn_of(script, ends)
    turn.begin()

    def also() -> None:
        second.set()
        turn.close()

    first, other = threading.Thread(target=turn.close), threading.Thread(target=also)
    first.start()
    assert inside.wait(PATIENCE)
    other.start()
    for each in (first, other):
        each.join(PATIENCE)
    assert (len(ends), script.closes) == (1, 1)


def test_a_turn_that_has_ended_gives_no_more_events_and_sends_nothing_again() -> None:
    turn = turn_of(Script([TextDelta("a"), DONE]))
    assert len(list(turn)) == 2
    reply = turn.reply
    assert list(turn) == []
    with turn:
        pass
    assert turn.reply is reply


def test_stop_is_passed_on_and_harmless_before_and_after() -> None:
    script = Script([DONE])
    turn = turn_of(script)
    turn.stop()
    with turn:
        turn.stop()
        assert script.stops == 1
    turn.stop()
    assert script.stops == 1


def test_a_turn_that_was_closed_before_it_began_was_cancelled() -> None:
    ends: list[Reply] = []
    turn = turn_of(Script([DONE]), ends)
    turn.close()
    assert (turn.reply.state, turn.reply.model, list(turn)) == ("cancelled", "llama", [])


def test_what_cannot_be_sent_is_raised_where_the_turn_begins() -> None:
    def send() -> Script:
        raise ZeroDivisionError

    turn = Turn(ModelSpec("llama", "m", Endpoint("http://localhost:1/v1")), send, lambda reply: None)
    with pytest.raises(ZeroDivisionError), turn:
        pytest.fail("the block must not be entered")


def test_a_caller_says_how_long_it_waits_between_looks() -> None:
    script = Script([DONE])
    list(turn_of(script).batches(0.025))
    assert script.waits == [0.025]

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from byom_magics.errors import ShapeError
from byom_magics.events import Ended, Reply, RoundEnded, State, TextDelta, ToolAsked, ToolEnded
from byom_magics.messages import Tool, ToolCall, ToolResult
from byom_magics.talk.shapes import shape_of
from tests.talk.scripts import CALLS, DONE, Model, asks, played, says

NUMBER = shape_of({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}, "Number")


class Tools:
    """Runs what is asked for by calling one function; all tools run here but those named."""

    def __init__(
        self, run: Callable[[ToolCall], str] = lambda call: f"result of {call.name}", foreign: str = ""
    ) -> None:
        self._run = run
        self._foreign = foreign
        self.ran: list[str] = []
        self.has_begun = True
        self.runs_since: float | None = None

    def runs(self, calls: tuple[ToolCall, ...]) -> bool:
        return all(call.name != self._foreign for call in calls)

    def run(self, call: ToolCall) -> ToolResult:
        self.ran.append(call.name)
        return ToolResult(call, self._run(call))


def interrupting(_: ToolCall) -> str:
    raise KeyboardInterrupt


# Tools


def test_what_a_tool_gave_is_told_to_the_model_which_goes_on() -> None:
    model = Model(asks(("look", "{}"), text="Let me look."), says("It is blue."))
    turn = model.turn("What colour?", tools=Tools())
    events = played(turn)
    kinds = [event.kind for event in events]
    assert kinds == ["text", "tool_call", "tool_asked", "tool_ended", "round_ended", "text", "ended"]
    assert [(each.role, each.text) for each in model.asked[1].messages] == [
        ("user", "What colour?"),
        ("assistant", "Let me look."),
        ("tool", "result of look"),
    ]
    assert model.asked[1].messages[1].tool_calls[0].id == model.asked[1].messages[2].tool_call_id == "id0"
    reply = turn.reply
    assert (reply.text, reply.state, reply.rounds, reply.tool_calls) == ("It is blue.", "complete", 2, ())
    assert [result.text for result in reply.tool_results] == ["result of look"]
    assert [each.role for each in reply.messages] == ["assistant", "tool", "assistant"]


def test_parallel_calls_run_and_are_told_in_their_order() -> None:
    model = Model(asks(("b", "{}"), ("a", "{}"), ("b", "{}")), says("Done."))
    tools = Tools()
    events = played(model.turn(tools=tools))
    assert tools.ran == ["b", "a", "b"]
    assert [event.index for event in events if isinstance(event, ToolEnded)] == [0, 1, 2]
    assert [each.tool_call_id for each in model.asked[1].messages[2:]] == ["id0", "id1", "id2"]


def test_a_tool_is_shown_before_it_runs() -> None:
    shown: list[Any] = []
    model = Model(asks(("look", '{"at": "sky"}')), says("Done."))
    turn = model.turn(tools=Tools(lambda _: str(len(shown))))
    with turn:
        for batch in turn.batches():
            shown += [event for event in batch if isinstance(event, ToolAsked)]
    assert shown == [ToolAsked(ToolCall("id0", "look", '{"at": "sky"}'), 0)]
    assert turn.reply.tool_results[0].text == "1"


def test_a_model_that_never_ends_asking_is_stopped_after_so_many_calls_and_it_is_said() -> None:
    model = Model(asks(("look", "{}")))
    tools = Tools()
    turn = model.turn(tools=tools, most_rounds=4)
    played(turn)
    assert (len(model.asked), len(tools.ran)) == (4, 3)
    assert turn.reply.state is State.TOOL_CALLS
    assert "stopped after 4 calls" in turn.reply.warnings[0]
    assert turn.reply.messages[-1].role == "tool"  # every call has an answer, so that the conversation can go on


def test_a_tool_that_had_to_be_asked_for_need_not_be_asked_for_again() -> None:
    model = Model(asks(("look", "{}")), says("Done."))
    offered = (Tool("look", "", {}),)
    played(model.turn(tools=Tools(), offered=offered, choice="required"))
    assert [call.tool_choice for call in model.asked] == ["required", None]
    assert model.asked[1].tools == offered


def test_tools_of_the_caller_are_left_to_the_caller() -> None:
    model = Model(asks(("look", "{}")))
    turn = model.turn(tools=Tools(foreign="look"))
    played(turn)
    assert (turn.reply.state, [call.name for call in turn.reply.tool_calls]) == ("tool_calls", ["look"])
    assert turn.reply.messages[0].tool_calls == turn.reply.tool_calls
    assert len(turn.reply.messages) == 1


def test_calls_without_an_id_or_with_one_twice_get_one_each() -> None:
    answer = asks(("a", "{}"), ("b", "{}"), ("c", "{}"))
    for at, identity in enumerate(("", "x", "x")):
        object.__setattr__(answer[at], "id", identity)
    model = Model(answer, says("Done."))
    played(model.turn(tools=Tools()))
    asked = [call.id for call in model.asked[1].messages[1].tool_calls]
    assert len(set(asked)) == 3
    assert asked == [each.tool_call_id for each in model.asked[1].messages[2:]]


# Interrupts leave a truthful transcript


def test_an_interrupt_in_a_tool_is_told_of_that_tool_and_of_those_that_never_began() -> None:
    model = Model(asks(("a", "{}"), ("b", "{}"), ("c", "{}")), says("never"))
    tools = Tools(lambda call: interrupting(call) if call.name == "b" else "ok")
    ends: list[Reply] = []
    turn = model.turn(tools=tools, on_end=ends.append)
    with pytest.raises(KeyboardInterrupt):
        played(turn)
    assert [result.outcome for result in turn.reply.tool_results] == ["done", "interrupted", "left"]
    assert turn.reply.state is State.CANCELLED
    assert [each.role for each in turn.reply.messages] == ["assistant", "tool", "tool", "tool"]
    assert ends == [turn.reply]
    assert len(model.asked) == 1


def test_an_interrupt_before_a_tool_has_begun_says_that_it_was_not_run() -> None:
    model = Model(asks(("a", "{}"), ("b", "{}")), says("never"))
    tools = Tools(interrupting)
    tools.has_begun = False
    turn = model.turn(tools=tools)
    with pytest.raises(KeyboardInterrupt):
        played(turn)
    assert [result.outcome for result in turn.reply.tool_results] == ["left", "left"]
    assert "was not run" in turn.reply.messages[1].text


def test_leaving_while_a_tool_waits_for_leave_tells_that_none_was_run() -> None:
    model = Model(asks(("a", "{}"), ("b", "{}")), says("never"))
    tools = Tools()
    turn = model.turn(tools=tools)
    with turn:
        for batch in turn.batches():
            if any(isinstance(event, ToolAsked) for event in batch):
                break
    assert not tools.ran
    assert (turn.reply.state, [each.outcome for each in turn.reply.tool_results]) == ("cancelled", ["left", "left"])


def test_a_stop_from_elsewhere_ends_the_turn_after_the_tool_that_runs() -> None:
    model = Model(asks(("a", "{}"), ("b", "{}")), says("never"))

    def stop(_: ToolCall) -> str:
        turn.stop()
        return "stopped"

    turn = model.turn(tools=Tools(stop))
    assert played(turn)[-1] == Ended(State.CANCELLED)
    assert [each.outcome for each in turn.reply.tool_results] == ["done", "left"]
    assert turn.reply.state is State.CANCELLED
    # A question of a tool and its answer belong together, also in what is told to the model later.
    assert [(each.role, len(each.tool_calls)) for each in turn.reply.messages] == [
        ("assistant", 2),
        ("tool", 0),
        ("tool", 0),
    ]


def test_a_turn_that_is_settled_while_a_tool_runs_tells_of_it_as_interrupted() -> None:
    model = Model(asks(("a", "{}"), ("b", "{}"), ("c", "{}")), says("never"))
    ends: list[Reply] = []

    def close(call: ToolCall) -> str:
        if call.name == "b":
            tools.runs_since = 1.0
            turn.close()
            tools.runs_since = None
        return "done after all"

    tools = Tools(close)
    turn = model.turn(tools=tools, on_end=ends.append)
    with turn:
        for _ in turn.batches():
            pass
    assert [each.outcome for each in turn.reply.tool_results] == ["done", "interrupted", "left"]
    assert ends == [turn.reply]


def test_what_broke_off_in_the_middle_of_a_call_is_not_run() -> None:
    tools = Tools()
    turn = Model([*asks(("a", '{"x'))[:-1], Ended(State.INCOMPLETE, "eof")]).turn(tools=tools)
    played(turn)
    assert not tools.ran
    assert turn.reply.messages == ()


# Shapes


def test_an_answer_that_fits_is_the_object() -> None:
    turn = Model(says('{"n": 3}')).turn(shape=NUMBER)
    played(turn)
    assert (turn.reply.parsed, turn.reply.error, turn.reply.rounds) == ({"n": 3}, None, 1)


def test_an_answer_that_does_not_fit_is_asked_anew_with_what_is_wrong() -> None:
    model = Model(says('{"n": "many"}'), says("no JSON at all"), says('{"n": 3}'))
    turn = model.turn("How many?", shape=NUMBER)
    events = played(turn)
    problems = [event.problem for event in events if isinstance(event, RoundEnded)]
    assert len(problems) == 2
    assert "'many' is not of type 'integer'" in problems[0]
    roles = [[each.role for each in call.messages] for call in model.asked]
    assert roles == [["user"], ["user", "assistant", "user"], ["user", "assistant", "user", "assistant", "user"]]
    assert "is not of type" in model.asked[1].messages[2].text
    assert (turn.reply.parsed, turn.reply.text, turn.reply.rounds) == ({"n": 3}, '{"n": 3}', 3)
    assert [each.text for each in turn.reply.messages] == ['{"n": 3}']  # what did not fit is no part of a conversation


def test_after_so_many_tries_it_is_an_error_that_keeps_the_text() -> None:
    model = Model(says("Sorry, no."))
    turn = model.turn(shape=NUMBER, retries=1)
    ended = played(turn)[-1]
    assert isinstance(ended, Ended)
    assert isinstance(turn.reply.error, ShapeError)
    assert turn.reply.error is ended.error
    assert "'Number'" in str(turn.reply.error)
    assert turn.reply.error.reply is turn.reply
    assert (turn.reply.text, turn.reply.state, turn.reply.parsed) == ("Sorry, no.", "complete", None)
    assert len(model.asked) == 2


def test_an_answer_cut_off_at_the_limit_is_not_asked_anew() -> None:
    model = Model(says('{"n":', Ended(State.LENGTH, finish_reason="length")))
    turn = model.turn(shape=NUMBER)
    played(turn)
    assert isinstance(turn.reply.error, ShapeError)
    assert "--max-tokens" in str(turn.reply.error)
    assert len(model.asked) == 1


def test_an_answer_that_failed_keeps_its_own_failure() -> None:
    turn = Model([TextDelta("{"), Ended(State.STALLED, "idle")]).turn(shape=NUMBER)
    played(turn)
    assert (turn.reply.state, turn.reply.error, turn.reply.parsed) == ("stalled", None, None)


def test_tools_come_first_and_the_shape_is_checked_at_the_end() -> None:
    model = Model(asks(("count", "{}")), says('{"n": 7}'))
    turn = model.turn(tools=Tools(), shape=NUMBER)
    played(turn)
    assert (turn.reply.parsed, turn.reply.rounds) == ({"n": 7}, 2)


def test_what_the_stream_says_at_the_end_is_the_end() -> None:
    assert played(Model(says("Hi")).turn())[-1] is DONE
    assert played(Model([CALLS]).turn(tools=Tools()))[-1] is CALLS

from __future__ import annotations

from byom_magics.events import Ended, Event, Reply, State, TextDelta
from byom_magics.talk.keeping import Keeping, Replayed
from byom_magics.talk.turn import Turn
from tests.talk.scripts import DONE, SPEC, Script, played


def test_a_call_is_passed_on_and_its_reply_kept_once() -> None:
    kept: list[Reply] = []
    script = Script(TextDelta("Hel"), TextDelta("lo"), DONE)

    def keep(reply: Reply) -> str:
        kept.append(reply)
        return ""

    keeping = Keeping(SPEC, script, keep)
    turn = Turn(SPEC, lambda: keeping, lambda _: None)
    assert played(turn) == [TextDelta("Hel"), TextDelta("lo"), DONE]
    assert [(reply.text, reply.state) for reply in kept] == [("Hello", "complete")]
    assert not turn.reply.cached


def test_what_went_wrong_with_keeping_is_a_warning_and_no_more() -> None:
    keeping = Keeping(SPEC, Script(TextDelta("Hi"), DONE), lambda _: "the folder is full")
    turn = Turn(SPEC, lambda: keeping, lambda _: None)
    played(turn)
    assert (turn.reply.text, turn.reply.state, turn.reply.warnings) == ("Hi", "complete", ("the folder is full",))


def test_a_call_that_is_stopped_is_kept_as_that() -> None:
    kept: list[Reply] = []
    script = Script(TextDelta("a"), TextDelta("b"))

    def keep(reply: Reply) -> str:
        kept.append(reply)
        return ""

    keeping = Keeping(SPEC, script, keep)
    with Turn(SPEC, lambda: keeping, lambda _: None) as turn:
        for _ in turn.batches():
            turn.stop()
    assert script.stopped
    assert [reply.state for reply in kept] == [State.CANCELLED]


def test_what_was_kept_comes_again_marked_as_such() -> None:
    events: list[Event] = [TextDelta("Hello"), Ended(State.COMPLETE)]
    turn = Turn(SPEC, lambda: Replayed(events), lambda _: None)
    assert played(turn) == events
    assert (turn.reply.text, turn.reply.cached) == ("Hello", True)

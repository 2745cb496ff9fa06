from __future__ import annotations

from byom_magics.events import Reply, State, TextDelta, ToolCall
from byom_magics.messages import Message
from byom_magics.show.layout import Said, pending, sections
from tests.show.screen import asked, reply_of, result

ONE, TWO, THREE = result("one"), result("two"), result("three")


def test_an_answer_of_one_call_is_one_section() -> None:
    assert sections(Reply("Hi")) == [Said("Hi", is_answer=True)]
    assert sections(Reply("Hi", messages=(Message("assistant", "Hi"),))) == [Said("Hi", is_answer=True)]
    assert sections(Reply()) == []


def test_what_was_said_and_the_tools_stand_in_their_order() -> None:
    reply = reply_of([TextDelta("Look"), *asked(ONE, TWO), *asked(THREE), TextDelta("Done")])
    assert sections(reply) == [Said("Look"), (ONE, TWO, THREE), Said("Done", is_answer=True)]


def test_a_turn_that_ends_with_its_tools_has_its_text_before_them() -> None:
    reply = reply_of([TextDelta("Look"), *asked(ONE)[:4]], State.CANCELLED)
    assert sections(reply) == [Said("Look", is_answer=True), (ONE,)]


def test_nothing_is_left_out_whatever_the_messages_are() -> None:
    other = Message("assistant", "Look", tool_calls=(ToolCall("9", "other", ""),))
    reply = Reply("Done", messages=(other,), tool_results=(ONE,))
    assert sections(reply) == [Said("Look"), (ONE,), Said("Done", is_answer=True)]


def test_a_call_of_which_something_came_is_not_pending() -> None:
    open_call = ToolCall("5", "five", "{}")
    assert pending(Reply(tool_calls=(ONE.call, open_call), tool_results=(ONE,))) == (open_call,)

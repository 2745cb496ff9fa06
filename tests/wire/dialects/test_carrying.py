"""Who carries an image, and that nobody speaks twice in a row."""

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.events import ToolCall
from byom_magics.messages import Image, Message, Text
from byom_magics.wire.dialects.carrying import carried, one_by_one

DOT = Image(b"dot")
CALLS = (ToolCall("a", "draw", "{}"), ToolCall("b", "look", "{}"))
QUESTION = Message("user", "draw")
ASKED = Message("assistant", "", CALLS)
BOTH = ("tool", "assistant")


def result(identity: str, name: str | None, *parts: Any) -> Message:
    return Message("tool", parts, tool_call_id=identity, tool_name=name)


def test_results_of_tools_stay_together_and_their_images_stand_behind_them() -> None:
    results = (result("a", "draw", Text("drawn"), DOT), result("b", "look", Text("seen")))
    found = carried((QUESTION, ASKED, *results), BOTH)
    assert [message.role for message in found] == ["user", "assistant", "tool", "tool", "user"]
    assert [message.text for message in found[2:4]] == ["drawn", "seen"]
    assert found[2].images == ()
    assert found[4].parts == (Text("The image that the tool draw returned:"), DOT)


def test_the_next_question_carries_them_if_there_is_one() -> None:
    found = carried((QUESTION, ASKED, result("a", None, DOT), Message("user", "and now?")), BOTH)
    assert [message.role for message in found] == ["user", "assistant", "tool", "user"]
    assert found[2].text == "(an image, which follows)"
    assert found[3].parts == (Text("The image of the tool:"), DOT, Text("and now?"))


def test_what_the_model_made_is_carried_too() -> None:
    found = carried((QUESTION, Message("assistant", (Text("Here."), DOT)), Message("user", "larger")), ("assistant",))
    assert [message.text for message in found[:2]] == ["draw", "Here."]
    assert found[2].parts == (Text("The image that you made:"), DOT, Text("larger"))


def test_images_stand_before_what_the_model_says_to_them() -> None:
    found = carried((QUESTION, ASKED, result("a", "draw", DOT), Message("assistant", "A dot.")), BOTH)
    assert [message.role for message in found] == ["user", "assistant", "tool", "user", "assistant"]


@pytest.mark.parametrize("without", [(), ("assistant",)])
def test_who_may_carry_an_image_keeps_it(without: tuple[str, ...]) -> None:
    messages = (Message("user", (DOT,)), ASKED, result("a", "draw", DOT))
    assert carried(messages, without) == messages


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def test_neighbours_of_the_user_become_one() -> None:
    assert one_by_one([said("user", "a"), said("user", ""), said("user", "b"), said("assistant", "c")]) == [
        said("user", "a\n\nb"),
        said("assistant", "c"),
    ]
    parts = one_by_one([said("user", "a"), said("user", [text("b")]), said("user", ""), said("user", "c")])
    assert parts == [said("user", [text("a"), text("b"), text("c")])]


def test_others_that_stand_side_by_side_stay_as_they_are() -> None:
    messages = [said("system", "a"), said("system", "b"), said("tool", "c"), said("tool", "d"), said("user", "e")]
    assert one_by_one(messages) == messages


def test_what_is_put_together_is_not_changed_in_place() -> None:
    first = said("user", [text("a")])
    one_by_one([first, said("user", "b")])
    assert first == said("user", [text("a")])

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.conversation import Conversation, Done, read_conversation
from byom_magics.demo.fields import Fields, RequestError


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def call(identity: str, name: str = "add", arguments: str = '{"a": 1}') -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def asks(*calls: dict[str, Any], content: str | None = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def result(identity: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": text}


def read(*messages: dict[str, Any]) -> Conversation:
    return read_conversation(Fields({"messages": list(messages)}))


def refusal(*messages: dict[str, Any]) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read(*messages)
    assert caught.value.status == 400
    return caught.value


def test_results_belong_to_their_calls_in_whatever_order_they_come() -> None:
    said = read(user("Go"), asks(call("x"), call("y", "mul", "not json")), result("y", "two"), result("x", "one"))
    assert said.done == (Done("add", {"a": 1}, "one"), Done("mul", {}, "two"))
    assert said.question == "Go"


def test_what_was_called_for_an_earlier_question_is_kept_apart() -> None:
    said = read(
        user("One"), asks(call("x")), result("x", "1"), {"role": "assistant", "content": "It is 1."}, user("Two")
    )
    assert said.done == ()
    assert said.before == (Done("add", {"a": 1}, "1"),)
    assert (said.questions, said.answered) == (("One", "Two"), "It is 1.")


def test_names_and_arguments_of_calls_count_among_the_texts() -> None:
    assert read(user("Go"), asks(call("x")), result("x", "1")).texts == ("Go", "", "add", '{"a": 1}', "1")


def test_what_the_system_says_is_kept() -> None:
    said = read({"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Be kind."}, user("Go"))
    assert said.told == "Be brief.\n\nBe kind."


def test_content_as_parts_is_read_in_every_role() -> None:
    parts = [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]
    said = read(user("Go"), asks(call("x")), {"role": "tool", "tool_call_id": "x", "content": parts})
    assert said.done[0].result == "1\n2"


def test_a_result_without_a_call_is_refused_in_the_words_of_openai() -> None:
    problem = refusal(user("Go"), result("x", "1"))
    assert problem.message == (
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
    )
    assert problem.param == "messages.[1].role"


def test_a_call_without_a_result_is_refused_in_the_words_of_openai() -> None:
    for messages in ((asks(call("x"), call("y")), result("x", "1")), (asks(call("y")), user("And now?"))):
        problem = refusal(user("Go"), *messages)
        assert problem.message == (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: y"
        )
        assert problem.param == "messages.[1].role"


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([asks(call("x")), {"role": "tool", "content": "1"}], "messages[2].tool_call_id"),
        ([asks(call("x")), result("x", "1"), result("x", "2")], "messages[3].tool_call_id"),
        ([asks(call("x"), call("x"))], "messages[1].tool_calls"),
        ([{"role": "assistant", "content": None, "tool_calls": "f()"}], "messages[1].tool_calls"),
        ([asks("f()")], "messages[1].tool_calls[0]"),  # type: ignore[arg-type]
        ([asks({"id": "x", "function": {"name": "f"}})], "messages[1].tool_calls[0].function.arguments"),
        ([asks({"id": "x"})], "messages[1].tool_calls[0].function"),
        ([asks({"function": {"name": "f", "arguments": "{}"}})], "messages[1].tool_calls[0].id"),
        ([asks({"id": "x", "type": "custom"})], "messages[1].tool_calls[0].type"),
        ([asks(call("x")), {"role": "tool", "tool_call_id": "x", "content": None}], "messages[2].content"),
    ],
)
def test_a_call_or_a_result_that_cannot_be_read_is_pointed_at(messages: list[Any], param: str) -> None:
    assert refusal(user("Go"), *messages).param == param


def test_arguments_that_are_no_object_are_empty() -> None:
    for arguments in ("", "[1]", "{", "[" * 100_000):
        assert read(user("Go"), asks(call("x", arguments=arguments)), result("x", "1")).done[0].arguments == {}

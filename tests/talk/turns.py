"""Turns of conversations, made of plain words."""

from __future__ import annotations

from typing import Any

from byom_magics.events import Reply, State
from byom_magics.messages import Message, ToolCall
from byom_magics.talk.exchange import Exchange

LOOK = ToolCall("c1", "look", '{"at": "sky"}')


def user(text: str) -> Message:
    return Message("user", text)


def model(text: str, *calls: ToolCall) -> Message:
    return Message("assistant", text, tool_calls=calls)


def result(text: str, call: ToolCall = LOOK) -> Message:
    return Message("tool", text, tool_call_id=call.id, tool_name=call.name)


def reply(text: str = "", state: State = State.COMPLETE, **more: Any) -> Reply:
    return Reply(text=text, state=state, model="llama", **more)


def turn(question: str, answer: str = "", **more: Any) -> Exchange:
    return Exchange((user(question),), (model(answer),) if answer else (), **more)


def tool_turn(question: str, answer: str, *, told: str = "blue") -> Exchange:
    """A turn in which the model has looked something up."""
    return Exchange((user(question),), (model("", LOOK), result(told), model(answer)))


def words(messages: tuple[Message, ...]) -> list[str]:
    return [message.text for message in messages]


def problems(messages: tuple[Message, ...]) -> list[str]:
    """What a strict service would refuse in earlier turns."""
    found: list[str] = []
    open_calls: list[str] = []
    before = ""
    for message in messages:
        if message.role == "tool":
            if message.tool_call_id not in open_calls:
                found.append(f"a result without a call: {message.text}")
            else:
                open_calls.remove(message.tool_call_id)
        elif open_calls:
            found.append(f"calls without results: {open_calls}")
            open_calls = []
        if message.role == before == "user":
            found.append(f"two messages of the user in a row: {message.text}")
        if message.role == "user" and before == "tool":
            found.append(f"a question after a result: {message.text}")
        if not message.parts and not message.tool_calls:
            found.append(f"an empty message of {message.role}")
        open_calls += [call.id for call in message.tool_calls]
        before = message.role
    if messages and before != "assistant":
        found.append(f"the last word is of {before}")
    return [*found, *(["calls without results at the end"] if open_calls else [])]

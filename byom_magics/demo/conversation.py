"""The messages of a request: what is asked now, and which tools have been called for it with what result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from byom_magics.demo.fields import Fields, RequestError, kind

__all__ = ["Conversation", "Done", "read_conversation"]

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


@dataclass(frozen=True)
class Done:
    """A call of a tool that has a result. ``arguments`` are empty where they are no JSON object."""

    name: str
    arguments: Mapping[str, Any]
    result: str


@dataclass(frozen=True)
class Conversation:
    """
    The messages, understood.

    Attributes:
        questions: The texts of the messages of the user, in order.
        done: What tools were called since the last of them, in the order of the calls.
        before: What tools were called earlier, in order.
        texts: The texts of all messages, arguments of calls among them.
        told: What the system says.
        answered: The text of the assistant's message before the last of the user, if there is one.
    """

    questions: tuple[str, ...]
    done: tuple[Done, ...] = ()
    before: tuple[Done, ...] = ()
    texts: tuple[str, ...] = ()
    told: str = ""
    answered: str = ""

    @property
    def question(self) -> str:
        """What the user says last."""
        return self.questions[-1]


def read_conversation(fields: Fields) -> Conversation:
    """
    Read ``messages``.

    Raises:
        RequestError: They cannot be read, a result answers no call, or a call has no result.
    """
    messages = fields.fields.get("messages")
    if not isinstance(messages, list) or not messages:
        fields.refuse("messages", "must be a list of at least one message")
    reading = _Reading()
    for number, message in enumerate(messages):
        if not isinstance(message, dict):
            fields.refuse(f"messages[{number}]", f"must be an object with role and content, not {kind(message)}")
        reading.take(number, Fields(message, f"messages[{number}]."))
    reading.close()
    if not reading.questions:
        fields.refuse("messages", "must have a message of the role user: that is what is answered")
    return Conversation(
        tuple(reading.questions),
        tuple(reading.done),
        tuple(reading.before),
        tuple(reading.texts),
        "\n\n".join(reading.told),
        reading.answered,
    )


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.done: list[Done] = []
        self.before: list[Done] = []
        self.texts: list[str] = []
        self.told: list[str] = []
        self.answered = ""
        self._said = ""
        self._asked: dict[str, tuple[str, Mapping[str, Any]]] = {}  # calls of the last assistant's message, by id
        self._results: dict[str, str] = {}
        self._where = 0

    def take(self, number: int, message: Fields) -> None:
        role = message.fields.get("role")
        if role not in _ROLES:
            message.refuse("role", f"must be one of {', '.join(_ROLES)}")
        text = _content(message, role)
        self.texts.append(text)
        if role == "tool":
            self._answer(number, message, text)
            return
        self.close()
        if role == "assistant":
            self._said = text
            self._where = number
            for call in _calls(message):
                self._ask(message, *call)
        elif role == "user":
            self.questions.append(text)
            self.before += self.done
            self.done = []
            self.answered, self._said = self._said, ""
        elif role in ("system", "developer"):
            self.told.append(text)

    def close(self) -> None:
        """The calls of the last assistant's message are over: each has to have its result."""
        without = [identity for identity in self._asked if identity not in self._results]
        if without:
            message = (
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                "'tool_call_id'. The following tool_call_ids did not have response messages: " + ", ".join(without)
            )
            raise RequestError(400, message, param=f"messages.[{self._where}].role")
        self.done += [Done(*call, self._results[identity]) for identity, call in self._asked.items()]
        self._asked, self._results = {}, {}

    def _ask(self, message: Fields, identity: str, name: str, arguments: str) -> None:
        if identity in self._asked:
            message.refuse("tool_calls", f"must each have an id of its own, and two have '{identity}'")
        self._asked[identity] = name, _object(arguments)
        self.texts += [name, arguments]

    def _answer(self, number: int, message: Fields, text: str) -> None:
        identity = message.text("tool_call_id")
        if identity not in self._asked:
            words = "must be a response to a preceeding message with 'tool_calls'."
            raise RequestError(
                400,
                f"Invalid parameter: messages with role 'tool' {words}"
                + (f" No call before it has the id '{identity}'." if self._asked else ""),
                param=f"messages.[{number}].role",
            )
        if identity in self._results:
            message.refuse("tool_call_id", f"must be that of a call without a result, and '{identity}' has one")
        self._results[identity] = text


def _content(message: Fields, role: str) -> str:
    content = message.fields.get("content")
    if isinstance(content, str):
        return content
    if content is None and role == "assistant":
        return ""
    if not isinstance(content, list):
        message.refuse("content", f"must be a text or a list of text parts, not {kind(content)}")
    parts = []
    for number, part in enumerate(content):
        found = part.get("type") if isinstance(part, dict) else None
        if found not in ("text", "refusal") or not isinstance(part.get(found), str):
            said = f"a part of the type {found}" if isinstance(found, str) and found != "text" else kind(part)
            problem = f"must be a text part: the built-in models read text, not {said}"
            message.refuse(f"content[{number}]", problem)
        parts.append(part[found])
    return "\n".join(parts)


def _calls(message: Fields) -> Iterator[tuple[str, str, str]]:
    """The id, the name and the arguments of each call."""
    calls = message.fields.get("tool_calls")
    if calls is None:
        return
    if not isinstance(calls, Sequence) or isinstance(calls, str):
        message.refuse("tool_calls", f"must be a list of calls, not {kind(calls)}")
    for number, call in enumerate(calls):
        if not isinstance(call, dict):
            message.refuse(f"tool_calls[{number}]", f"must be an object with id, type and function, not {kind(call)}")
        fields = Fields(call, f"{message.path}tool_calls[{number}].")
        if call.get("type", "function") != "function":
            fields.refuse("type", "must be 'function'")
        function = fields.object("function")
        arguments = function.fields.get("arguments")
        if not isinstance(arguments, str):
            function.refuse("arguments", f"must be a text of JSON, not {kind(arguments)}")
        yield fields.text("id"), function.text("name"), arguments


def _object(arguments: str) -> Mapping[str, Any]:
    try:
        found = json.loads(arguments)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

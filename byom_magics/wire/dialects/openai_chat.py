"""
OpenAI's chat completions, as some forty services speak it: a pure builder of requests; `chat_reader` reads the answers.

How the services differ is told by `Quirks`.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from byom_magics.errors import OptionError
from byom_magics.messages import Image, Text
from byom_magics.wire.dialects.carrying import carried, one_by_one
from byom_magics.wire.dialects.chat_reader import Reader
from byom_magics.wire.dialects.dialect import Listed, Request
from byom_magics.wire.dialects.effort import in_levels
from byom_magics.wire.dialects.shape import instructions
from byom_magics.wire.dialects.tokens import alternatives
from byom_magics.wire.dialects.values import arguments_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec, Quirks
    from byom_magics.messages import Call, Message, Schema

__all__ = ["DIALECT", "OpenAIChat", "Reader", "strict_schema"]

_LIMITS = ("max_tokens", "max_completion_tokens")
_CHOICES = ("auto", "required", "none")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


class OpenAIChat:
    """The dialect of chat completions."""

    name = "openai_chat"
    framing: Literal["sse", "ndjson"] = "sse"
    key_header = "Authorization"
    key_prefix = "Bearer"
    headers: Mapping[str, str] = MappingProxyType({})
    fixed = frozenset({"messages", "model", "stream"})
    models_path = "/models"

    def request(self, spec: ModelSpec, call: Call) -> Request:
        """
        Build the request of a call.

        The call's sampling stands over the model's own defaults. A number of tokens for the reasoning is sent as a
        level where the service has no field for it (see `effort`). Images are asked for as OpenRouter, and who follows
        it, wants it (https://openrouter.ai/docs/features/multimodal/image-generation).

        Raises:
            OptionError: A system message carries an image.
        """
        quirks = spec.endpoint.quirks
        body: dict[str, Any] = {"model": spec.model, "messages": _messages(spec, call), "stream": True}
        if quirks.stream_usage:
            body["stream_options"] = {"include_usage": True}
        body.update(_sampling(spec, call))
        if call.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": each.name,
                        "description": each.description,
                        "parameters": deepcopy(dict(each.parameters)),
                    },
                }
                for each in call.tools
            ]
            if call.tool_choice is not None:
                named = {"type": "function", "function": {"name": call.tool_choice}}
                body["tool_choice"] = call.tool_choice if call.tool_choice in _CHOICES else named
        if call.schema is not None and quirks.schema != "none":
            body["response_format"] = _response_format(call.schema, quirks)
        body.update(_logprobs(alternatives(call, quirks)))
        if call.makes_images:
            body["modalities"] = ["image", "text"]
        notes: tuple[str, ...] = ()
        if call.effort is not None:
            path, effort, notes = _effort(spec, call.effort)
            _put(body, path, effort)
        return Request("/chat/completions", body, notes)

    def reader(self) -> Reader:
        """A reader for one answer."""
        return Reader()

    def models(self, payload: object) -> list[Listed]:
        """The models of a list, in whichever of the forms the services have for it."""
        from byom_magics.wire.listing import listed  # noqa: PLC0415 - for lists only

        return listed(payload)

    def next_page(self, payload: object) -> str | None:
        """The query that asks for the next page of such a list, or None if this was the last."""
        from byom_magics.wire.listing import next_page  # noqa: PLC0415 - for lists only

        return next_page(payload)


DIALECT = OpenAIChat()


def strict_schema(schema: object) -> bool:
    """Whether a JSON Schema keeps OpenAI's rules for ``strict``: objects closed, and all their properties required."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "object" or "properties" in schema:
            properties = schema.get("properties")
            names = set(properties) if isinstance(properties, Mapping) else set()
            required = schema.get("required")
            closed = schema.get("additionalProperties") is False
            if not closed or names != (set(required) if isinstance(required, (list, tuple)) else set()):
                return False
        return all(strict_schema(value) for value in schema.values())
    if isinstance(schema, (list, tuple)):
        return all(strict_schema(value) for value in schema)
    return True


def _sampling(spec: ModelSpec, call: Call) -> dict[str, Any]:
    quirks, sampling = spec.endpoint.quirks, call.sampling
    extra = {**spec.extra_body, **sampling.extra_body}
    given = {
        "temperature": spec.temperature if sampling.temperature is None else sampling.temperature,
        "top_p": spec.top_p if sampling.top_p is None else sampling.top_p,
        quirks.token_limit_field: spec.max_tokens if sampling.max_tokens is None else sampling.max_tokens,
        quirks.seed_field: spec.seed if sampling.seed is None else sampling.seed,
        quirks.stop_field: list(sampling.stop or spec.stop) or None,
    }
    if any(extra.get(name) is not None for name in _LIMITS if name != quirks.token_limit_field):
        given[quirks.token_limit_field] = None  # the two exclude each other
    return {name: value for name, value in given.items() if value is not None}


def _response_format(schema: Schema, quirks: Quirks) -> dict[str, Any]:
    if quirks.schema == "json_object":
        return {"type": "json_object"}
    name = _NOT_IN_NAMES.sub("_", schema.name)[:64] or "answer"
    shape: dict[str, Any] = {"name": name, "schema": deepcopy(dict(schema.schema))}
    if strict_schema(schema.schema):
        shape["strict"] = True
    return {"type": "json_schema", "json_schema": shape}


def _logprobs(wanted: int | None) -> dict[str, Any]:
    if wanted is None:
        return {}
    return {"logprobs": True, **({"top_logprobs": wanted} if wanted else {})}


def _effort(spec: ModelSpec, effort: str | int) -> tuple[tuple[str, ...], str | int, tuple[str, ...]]:
    """Where the effort stands, and what: a number of tokens has a field of its own beside ``….effort``."""
    path = tuple(spec.endpoint.quirks.effort_field.split("."))
    if isinstance(effort, str):
        return path, effort, ()
    if path[-1] == "effort" and len(path) > 1:
        return (*path[:-1], "max_tokens"), effort, ()
    if path[-1] == "reasoning_effort":
        return (path, *in_levels(effort))
    return path, effort, ()


def _put(body: dict[str, Any], path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value


# Messages


def _messages(spec: ModelSpec, call: Call) -> list[dict[str, Any]]:
    quirks = spec.endpoint.quirks
    last_question = max((at for at, each in enumerate(call.messages) if each.role == "user"), default=-1)
    answers = sum(each.role == "assistant" for each in call.messages[: last_question + 1])
    told = ""
    if call.schema is not None and quirks.schema != "json_schema":
        told = instructions(call.schema)
    messages: list[dict[str, Any]] = []
    before = ""  # what a system message says, where a user's message has to say it
    for message in carried(call.messages, ("tool", "assistant")):
        if message.images and message.role == "system":
            what = f"A message of the role '{message.role}' cannot carry an image in chat completions."
            raise OptionError(what, model=spec.key, hint="put the image into a user's message")
        if message.role == "system":
            text, told = "\n\n".join(filter(None, (message.text, told))), ""
            if quirks.system_role == "user":
                before = "\n\n".join(filter(None, (before, text)))
            else:
                messages.append({"role": quirks.system_role, "content": _content(text, quirks)})
        elif message.role == "user":
            messages.append({"role": "user", "content": _content(message, quirks, before)})
            before = ""
        elif message.role == "assistant":
            answers -= 1
            messages.append(_assistant(message, quirks, in_loop=answers < 0))
        else:
            content = _content(message.text, quirks)
            messages.append({"role": "tool", "tool_call_id": message.tool_call_id or "", "content": content})
    if before:
        messages.append({"role": "user", "content": _content(before, quirks)})
    return one_by_one(_with_instructions(messages, told, quirks))


def _with_instructions(messages: list[dict[str, Any]], told: str, quirks: Quirks) -> list[dict[str, Any]]:
    """No system message took the instructions: they get one, or stand before the first thing that is asked."""
    if not told:
        return messages
    if quirks.system_role != "user":
        return [{"role": quirks.system_role, "content": _content(told, quirks)}, *messages]
    for message in messages:
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                message["content"] = f"{told}\n\n{content}"
            else:
                message["content"] = [{"type": "text", "text": told}, *content]
            return messages
    return [{"role": "user", "content": _content(told, quirks)}, *messages]


def _content(said: str | Message, quirks: Quirks, before: str = "") -> str | list[dict[str, Any]]:
    whole = said if isinstance(said, str) else said.content
    if isinstance(whole, str) and quirks.content == "text":
        return f"{before}\n\n{whole}" if before else whole
    parts = (Text(said),) if isinstance(said, str) else said.parts
    if quirks.content == "text" and not any(isinstance(part, Image) for part in parts):
        text = "".join(part.text for part in parts if isinstance(part, Text))
        return f"{before}\n\n{text}" if before else text
    made: list[dict[str, Any]] = [{"type": "text", "text": before}] if before else []
    for part in parts:
        if isinstance(part, Image):
            made.append({"type": "image_url", "image_url": {"url": part.data_url}})
        else:
            made.append({"type": "text", "text": part.text})
    return made


def _assistant(message: Message, quirks: Quirks, *, in_loop: bool) -> dict[str, Any]:
    text = message.text
    made: dict[str, Any] = {"role": "assistant", "content": _content(text, quirks) if text else ""}
    calls: list[dict[str, Any]] = [
        {"id": each.id, "type": "function", "function": {"name": each.name, "arguments": arguments_of(each.arguments)}}
        for each in message.tool_calls
    ]
    if calls:
        made["tool_calls"] = calls
        if not text:
            made["content"] = None
    for signature in message.signatures:
        _sign(made, calls, signature, in_loop=in_loop)
    for name in quirks.without:
        for each in (made, *calls):
            if name not in ("role", "content", "tool_calls", "id", "type", "function"):
                each.pop(name, None)
    return made


def _sign(message: dict[str, Any], calls: list[dict[str, Any]], signature: Mapping[str, Any], *, in_loop: bool) -> None:
    """Put back what the reader gave with the message."""
    extra = signature.get("extra_content")
    if isinstance(extra, Mapping):
        if "tool_call" not in signature:
            message["extra_content"] = deepcopy(dict(extra))
        else:
            _signed(calls, signature)["extra_content"] = deepcopy(dict(extra))
    details = signature.get("reasoning_details")
    if isinstance(details, (list, tuple)) and ((in_loop and calls) or any(map(_sealed, details))):
        message["reasoning_details"] = deepcopy(list(details))
    thought = signature.get("reasoning_content")
    if in_loop and calls and isinstance(thought, str):
        # DeepSeek and Moonshot refuse the result of a tool without the thought that led to the call.
        message["reasoning_content"] = thought


def _signed(calls: list[dict[str, Any]], signature: Mapping[str, Any]) -> dict[str, Any]:
    """The call that a signature belongs to: by its id, or by its place where the service gives no ids."""
    at, identity = signature["tool_call"], signature.get("id")
    by_id = next((each for each in calls if identity and each["id"] == identity), None)
    if by_id is None and isinstance(at, int) and 0 <= at < len(calls):
        return calls[at]
    return by_id if by_id is not None else {}


def _sealed(detail: object) -> bool:
    """Whether a detail of reasoning is more than plain text: signed, or encrypted."""
    return isinstance(detail, Mapping) and bool(detail.get("signature") or detail.get("data"))

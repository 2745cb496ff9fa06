"""
Anthropic's messages: a pure builder of requests; `anthropic_reader` reads the answers.

The base URL ends in ``/v1``. Other servers speak it too: llama.cpp, vLLM, LiteLLM, Ollama, LM Studio.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.wire.dialects.anthropic_reader import NAME, Reader
from byom_magics.wire.dialects.carrying import carried, one_by_one
from byom_magics.wire.dialects.dialect import Request
from byom_magics.wire.dialects.effort import BUDGET, LEVELS, budget_of, in_levels
from byom_magics.wire.dialects.shape import in_words
from byom_magics.wire.dialects.tokens import refuse
from byom_magics.wire.dialects.values import object_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call, Message
    from byom_magics.wire.dialects.dialect import Listed

__all__ = ["DEFAULT_MAX_TOKENS", "DIALECT", "Anthropic"]

DEFAULT_MAX_TOKENS = 4096
"""The service wants a limit of the answer: this is sent where neither the call nor the model has one."""

_SMALLEST_BUDGET = 1024
_CHOICES = {"auto": {"type": "auto"}, "required": {"type": "any"}, "none": {"type": "none"}}
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_-]")


class Anthropic:
    """The dialect of Anthropic's messages."""

    name = NAME
    framing: Literal["sse", "ndjson"] = "sse"
    key_header = "x-api-key"
    key_prefix = ""
    headers: Mapping[str, str] = MappingProxyType({"anthropic-version": "2023-06-01"})
    fixed = frozenset({"messages", "model", "stream"})
    models_path = "/models"

    def request(self, spec: ModelSpec, call: Call) -> Request:
        """
        Build the request of a call. All system messages become the one field for them, in their order.

        An effort of ``low``, ``medium`` or ``high`` is sent as such, with adaptive thinking; as a budget of 2,048,
        8,192 or 24,576 tokens where `Quirks.effort_field` is `BUDGET`. A number is a budget; it is sent as a level
        where that field is `LEVELS`. Where nobody set a limit of the answer, it is `DEFAULT_MAX_TOKENS` and the room
        for thinking.

        Raises:
            OptionError: The service has no seed, no log-probabilities, and makes no images; a system message carries
                an image; the budget of thinking is not below the limit of the answer.
        """
        _refuse_seed(spec, call)
        refuse(spec, call, "Anthropic's messages")
        if call.makes_images:
            what = "Anthropic's models make no images."
            raise OptionError(what, model=spec.key, hint="ask a model that does, or for SVG as text")
        call = in_words(call, spec.endpoint.quirks)
        system = "\n\n".join(filter(None, (each.text for each in call.messages if each.role == "system")))
        limit, thinking, notes = _thinking(spec, call)
        body: dict[str, Any] = {
            "model": spec.model,
            "messages": _messages(spec, call),
            "max_tokens": limit,
            "stream": True,
            **_sampling(spec, call),
            **_tools(spec, call),
            **thinking,
        }
        if system:
            body["system"] = system
        if call.schema is not None:
            shape = {"type": "json_schema", "schema": _closed(deepcopy(dict(call.schema.schema)))}
            body["output_config"] = {**body.get("output_config", {}), "format": shape}
        return Request("/messages", body, notes)

    def reader(self) -> Reader:
        """A reader for one answer."""
        return Reader()

    def models(self, payload: object) -> list[Listed]:
        """The models of a list, in Anthropic's form or in those of the servers that speak its dialect too."""
        from byom_magics.wire.listing import listed  # noqa: PLC0415 - for lists only

        return listed(payload)

    def next_page(self, payload: object) -> str | None:
        """The query that asks for the next page of such a list, or None if this was the last."""
        from byom_magics.wire.listing import next_page  # noqa: PLC0415 - for lists only

        query = next_page(payload)
        return f"{query}&limit=1000" if query and query.startswith("after_id=") else query


DIALECT = Anthropic()


def _refuse_seed(spec: ModelSpec, call: Call) -> None:
    seed = spec.seed if call.sampling.seed is None else call.sampling.seed
    if seed is not None:
        what = "Anthropic's messages have no seed: no answer can be made to come again."
        raise OptionError(what, model=spec.key, hint="leave the seed away, of the cell and of the model")


def _sampling(spec: ModelSpec, call: Call) -> dict[str, Any]:
    sampling = call.sampling
    given = {
        "temperature": spec.temperature if sampling.temperature is None else sampling.temperature,
        "top_p": spec.top_p if sampling.top_p is None else sampling.top_p,
        "stop_sequences": list(sampling.stop or spec.stop) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _tools(spec: ModelSpec, call: Call) -> dict[str, Any]:
    if not call.tools:
        return {}
    tools = [
        {"name": each.name, "description": each.description, "input_schema": deepcopy(dict(each.parameters))}
        for each in call.tools
    ]
    if call.tool_choice is None:
        return {"tools": tools}
    choice = _CHOICES.get(call.tool_choice)
    if choice is None and call.tool_choice not in {each.name for each in call.tools}:
        what = f"There is no tool '{call.tool_choice}' in this call to choose."
        names = ", ".join(each.name for each in call.tools)
        raise OptionError(what, model=spec.key, hint=f"choose auto, required, none, or one of {names}")
    return {"tools": tools, "tool_choice": dict(choice or {"type": "tool", "name": call.tool_choice})}


def _thinking(spec: ModelSpec, call: Call) -> tuple[int, dict[str, Any], tuple[str, ...]]:
    """The limit of the answer, which includes thinking, the fields for thinking, and what to tell of them."""
    given = spec.max_tokens if call.sampling.max_tokens is None else call.sampling.max_tokens
    effort = call.effort
    notes: tuple[str, ...] = ()
    if effort is None:
        return given or DEFAULT_MAX_TOKENS, {}, ()
    if effort in ("none", 0):
        return given or DEFAULT_MAX_TOKENS, {"thinking": {"type": "disabled"}}, ()
    if spec.endpoint.quirks.effort_field == LEVELS:
        effort, notes = in_levels(effort)
    if isinstance(effort, str):
        room = budget_of(effort, spec.key)
        if spec.endpoint.quirks.effort_field != BUDGET:
            # Without its display the newest models think unseen.
            thinking = {"type": "adaptive", "display": "summarized"}
            fields = {"thinking": thinking, "output_config": {"effort": effort}}
            return given or DEFAULT_MAX_TOKENS + room, fields, notes
        if given:
            room = max(_SMALLEST_BUDGET, min(room, given // 2))
    else:
        room = effort
    limit = given or DEFAULT_MAX_TOKENS + room
    if room >= limit:
        what = f"Thinking of {room} tokens is no part of an answer of at most {limit}."
        raise OptionError(what, model=spec.key, hint=f"raise the limit: --max-tokens {room + DEFAULT_MAX_TOKENS}")
    return limit, {"thinking": {"type": "enabled", "budget_tokens": room}}, ()


def _closed(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The schema, with the one thing said that the service wants said of every object: that it has no other fields."""
    if isinstance(schema, Mapping):
        closed = {name: _closed(value) for name, value in schema.items()}
        if closed.get("type") == "object":
            closed.setdefault("additionalProperties", False)
        return closed
    return [_closed(value) for value in schema] if isinstance(schema, (list, tuple)) else schema


# Messages


def _messages(spec: ModelSpec, call: Call) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    results: list[dict[str, Any]] | None = None  # of the tools that the last message asked for
    for message in carried(call.messages, ("assistant",)):
        if message.images and message.role == "system":
            what = f"A message of the role '{message.role}' cannot carry an image in Anthropic's messages."
            raise OptionError(what, model=spec.key, hint="put the image into a user's message")
        if message.role == "tool":
            if results is None:
                results = []
                messages.append({"role": "user", "content": results})
            results.append(
                {"type": "tool_result", "tool_use_id": _id(message.tool_call_id), "content": _content(message)}
            )
            continue
        results = None
        if message.role == "user":
            messages.append({"role": "user", "content": _content(message)})
        elif message.role == "assistant":
            blocks = _said(message)
            if blocks:  # an answer that was stopped before it began is nothing that can be sent
                messages.append({"role": "assistant", "content": blocks})
    return one_by_one(messages)


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.text
    return [
        {"type": "image", "source": {"type": "base64", "media_type": part.media_type, "data": part.base64}}
        if isinstance(part, Image)
        else {"type": "text", "text": part.text}
        for part in message.parts
        if isinstance(part, Image) or part.text  # an empty text is refused
    ]


def _said(message: Message) -> list[dict[str, Any]]:
    """What the model said: its thinking first, as it was signed, then its text, then its calls."""
    thoughts = (each.get(NAME) for each in message.signatures)
    blocks = [deepcopy(dict(each)) for each in thoughts if isinstance(each, Mapping)]
    if message.text:
        blocks.append({"type": "text", "text": message.text})
    blocks += [
        {"type": "tool_use", "id": _id(each.id), "name": each.name, "input": object_of(each.arguments or "{}")}
        for each in message.tool_calls
    ]
    return blocks


def _id(identity: str | None) -> str:
    """The id of a call: other services' ids may hold letters that this one refuses."""
    return _NOT_IN_IDS.sub("_", identity or "call")

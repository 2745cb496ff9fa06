"""
OpenAI's Responses API: what is sent. What comes back is read by `responses_reader`.

Nothing is kept at the provider (``store`` is false): the whole conversation is sent each time, and reasoning goes
back encrypted, as it came.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.wire.dialects.carrying import carried
from byom_magics.wire.dialects.dialect import Request
from byom_magics.wire.dialects.effort import in_levels
from byom_magics.wire.dialects.openai_chat import strict_schema
from byom_magics.wire.dialects.responses_reader import SEALED, Reader
from byom_magics.wire.dialects.shape import instructions
from byom_magics.wire.dialects.tokens import alternatives
from byom_magics.wire.dialects.values import arguments_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call, Message, Schema
    from byom_magics.wire.dialects.dialect import Listed

__all__ = ["DIALECT", "OpenAIResponses"]

_CHOICES = ("auto", "required", "none")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


class OpenAIResponses:
    """The dialect of the Responses API."""

    name = "openai_responses"
    framing: Literal["sse", "ndjson"] = "sse"
    key_header = "Authorization"
    key_prefix = "Bearer"
    headers: Mapping[str, str] = MappingProxyType({})
    fixed = frozenset({"model", "stream", "input"})
    models_path = "/models"

    def request(self, spec: ModelSpec, call: Call) -> Request:
        """
        Build the request of a call. System messages at its beginning become ``instructions``.

        A number of tokens for the reasoning is sent as a level (see `effort`). An answer that is to be made of images
        is asked of the service's own tool, which the model has to use if there is no other
        (https://platform.openai.com/docs/guides/tools-image-generation).

        Raises:
            OptionError: The API has no seed and no stop texts.
        """
        told, messages = _told(spec, call)
        body: dict[str, Any] = {
            "model": spec.model,
            "input": [item for message in messages for item in _items(message, spec)],
            "stream": True,
            "store": False,
        }
        if told:
            body["instructions"] = told
        body.update(_sampling(spec, call))
        body.update(_tools(call))
        if call.schema is not None and spec.endpoint.quirks.schema != "none":
            body["text"] = {"format": _format(call.schema, spec)}
        effort, notes = (None, ()) if call.effort is None else in_levels(call.effort)
        body.update(_reasoning(spec, effort))
        wanted = alternatives(call, spec.endpoint.quirks)
        if wanted is not None:
            body["include"] = [*body.get("include", ()), "message.output_text.logprobs"]
            if wanted:
                body["top_logprobs"] = wanted
        return Request("/responses", body, notes)

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


DIALECT = OpenAIResponses()


def _told(spec: ModelSpec, call: Call) -> tuple[str, tuple[Message, ...]]:
    """The system messages that come first, as one text, and the other messages."""
    messages = carried(call.messages, ("assistant",))
    first = next((at for at, message in enumerate(messages) if message.role != "system"), len(messages))
    texts = [message.text for message in messages[:first]]
    if call.schema is not None and spec.endpoint.quirks.schema != "json_schema":
        texts.append(instructions(call.schema))
    if first == len(messages):
        return "\n\n".join(texts[len(messages) :]), messages  # something has to be asked
    return "\n\n".join(filter(None, texts)), messages[first:]


def _items(message: Message, spec: ModelSpec) -> list[dict[str, Any]]:
    if message.role == "tool":
        output: object = _parts(message) if message.images else message.text
        return [{"type": "function_call_output", "call_id": message.tool_call_id or "", "output": output}]
    if message.role == "assistant":
        return _turn(message)
    role = spec.endpoint.quirks.system_role if message.role == "system" else message.role
    content = _parts(message) or [{"type": "input_text", "text": ""}]
    return [{"type": "message", "role": role, "content": content}]


def _turn(message: Message) -> list[dict[str, Any]]:
    """What the model said: its text and its calls, with its reasoning where it stood between them."""
    text = {"type": "output_text", "text": message.text, "annotations": []}
    said: list[dict[str, Any]] = [{"type": "message", "role": "assistant", "status": "completed", "content": [text]}]
    for call in message.tool_calls:
        arguments = arguments_of(call.arguments)
        said.append({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
    reasoning = [each for each in message.signatures if isinstance(each.get(SEALED), Mapping)]
    items: list[dict[str, Any]] = []
    # Reasoning that nothing followed is left out: the service refuses it.
    for place, item in enumerate(said):
        items += [deepcopy(dict(each[SEALED])) for each in reasoning if each.get("place") == place]
        if place or message.text:
            items.append(item)
    return items


def _parts(message: Message) -> list[dict[str, Any]]:
    return [
        {"type": "input_image", "image_url": part.data_url, "detail": "auto"}
        if isinstance(part, Image)
        else {"type": "input_text", "text": part.text}
        for part in message.parts
    ]


def _sampling(spec: ModelSpec, call: Call) -> dict[str, Any]:
    sampling = call.sampling
    for option, value in (("seed", _first(sampling.seed, spec.seed)), ("stop", sampling.stop or spec.stop or None)):
        if value is not None:
            what = f"The Responses API has no '{option}'."
            shown = json.dumps(value if option == "seed" else list(sampling.stop or spec.stop), ensure_ascii=False)
            hint = f"leave it away, use the dialect openai_chat, or send it all the same: -o {option}='{shown}'"
            raise OptionError(what, model=spec.key, hint=hint)
    options = {
        "temperature": _first(sampling.temperature, spec.temperature),
        "top_p": _first(sampling.top_p, spec.top_p),
        "max_output_tokens": _first(sampling.max_tokens, spec.max_tokens),
    }
    return {name: value for name, value in options.items() if value is not None}


def _tools(call: Call) -> dict[str, Any]:
    tools: list[dict[str, Any]] = [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": deepcopy(dict(tool.parameters)),
            "strict": False,  # the default is true, and refuses most schemas
        }
        for tool in call.tools
    ]
    if call.makes_images:
        made = {"type": "image_generation"}
        if not tools:
            return {"tools": [made], "tool_choice": dict(made)}
        tools.append(made)
    if not tools:
        return {}
    choice = call.tool_choice
    if choice is None:
        return {"tools": tools}
    named = choice not in _CHOICES
    return {"tools": tools, "tool_choice": {"type": "function", "name": choice} if named else choice}


def _format(schema: Schema, spec: ModelSpec) -> dict[str, Any]:
    if spec.endpoint.quirks.schema == "json_object":
        return {"type": "json_object"}
    name = _NOT_IN_NAMES.sub("_", schema.name)[:64] or "answer"
    strict = {"strict": True} if strict_schema(schema.schema) else {}
    return {"type": "json_schema", "name": name, "schema": deepcopy(dict(schema.schema)), **strict}


def _reasoning(spec: ModelSpec, effort: str | None) -> dict[str, Any]:
    if effort == "none":
        return {"reasoning": {"effort": effort}}
    found: dict[str, Any] = {"reasoning": {"effort": effort, "summary": "auto"}} if effort else {}
    if effort or spec.capabilities.reasoning:
        found["include"] = ["reasoning.encrypted_content"]
    return found


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)

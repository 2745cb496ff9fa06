"""
Ollama's own API: a pure builder of requests, and what its lists say; `ollama_reader` reads the answers.

The base URL is the server's, such as ``http://localhost:11434``. One that ends in ``/api`` or in ``/v1`` (Ollama's
OpenAI-compatible side) is understood too: see `base_url`.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from byom_magics.catalog.spec import Capabilities
from byom_magics.errors import OptionError
from byom_magics.wire.dialects.dialect import Listed, Request
from byom_magics.wire.dialects.effort import in_levels
from byom_magics.wire.dialects.ollama_reader import NAME, Reader
from byom_magics.wire.dialects.shape import in_words
from byom_magics.wire.dialects.tokens import alternatives
from byom_magics.wire.dialects.values import list_of, mapping_of, object_of, text_of
from byom_magics.wire.listing import capable, identity, size

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call, Message

__all__ = ["DIALECT", "RUNNING_PATH", "SHOW_PATH", "Ollama", "base_url", "details", "running", "show_body"]

SHOW_PATH = "/api/show"
"""Asked by POST with `show_body`, it tells what `details` reads."""

RUNNING_PATH = "/api/ps"
"""Tells which models are loaded, and with how large a context: what `running` reads."""

_SIDES = re.compile(r"/(api|v1)/*$")
_MOST = 100_000


class Ollama:
    """The dialect of Ollama's own API."""

    name = NAME
    framing: Literal["sse", "ndjson"] = "ndjson"
    key_header = "Authorization"
    key_prefix = "Bearer"
    headers: Mapping[str, str] = MappingProxyType({})
    fixed = frozenset({"messages", "model", "stream"})
    models_path = "/api/tags"

    def request(self, spec: ModelSpec, call: Call) -> Request:
        """
        Build the request of a call.

        How large a context Ollama sets aside is not touched: that is ``-o options='{"num_ctx": 16384}'``. A number of
        tokens for the reasoning is sent as a level (see `effort`).

        Models that make images are asked in another place, and take one prompt: all that the person has said, with its
        images (https://ollama.com/blog/image-generation, experimental).

        Raises:
            OptionError: Ollama cannot be told to choose a certain tool, or to make images with tools or in a shape.
        """
        if call.makes_images:
            return _picture(spec, call)
        call = in_words(call, spec.endpoint.quirks)
        asked = max((at for at, each in enumerate(call.messages) if each.role == "user"), default=-1)
        body: dict[str, Any] = {
            "model": spec.model,
            "messages": [
                _message(message, in_loop=at > asked)
                for at, message in enumerate(call.messages)
                if _says_something(message)
            ],
            "stream": True,
        }
        options = _options(spec, call)
        if options:
            body["options"] = options
        tools = _tools(spec, call)
        if tools:
            body["tools"] = tools
        if call.schema is not None:
            body["format"] = deepcopy(dict(call.schema.schema))
        wanted = alternatives(call, spec.endpoint.quirks)
        if wanted is not None:
            body["logprobs"] = True
            if wanted:
                body["top_logprobs"] = wanted
        notes: tuple[str, ...] = ()
        if call.effort is not None:
            level, notes = in_levels(call.effort)
            body["think"] = False if level == "none" else level
        return Request(_path(spec.url, "chat"), body, notes)

    def reader(self) -> Reader:
        """A reader for one answer."""
        return Reader()

    def models(self, payload: object) -> list[Listed]:
        """The models of ``/api/tags``; what they can do is told by ``/api/show`` only (see `details`)."""
        found: dict[str, Listed] = {}
        for given in islice(list_of(mapping_of(payload).get("models")), _MOST):
            entry = mapping_of(given)
            key = identity(entry.get("model")) or identity(entry.get("name"))
            if key is not None:
                found.setdefault(key, Listed(key, description=_described(mapping_of(entry.get("details")))))
        return list(found.values())

    def next_page(self, payload: object) -> str | None:  # noqa: ARG002 - the list has one page
        """Ollama's list has one page."""
        return None


DIALECT = Ollama()


def base_url(url: str) -> str:
    """The server's own address, of an address that may lead to one side of it (``/api`` or ``/v1``)."""
    address, question, query = url.partition("?")
    return _SIDES.sub("", address).rstrip("/") + question + query


def show_body(model: str) -> dict[str, Any]:
    """The body that asks `SHOW_PATH` about a model."""
    return {"model": model}


def details(listed: Listed, payload: object) -> Listed:
    """
    What ``/api/show`` tells about a listed model: context length and capabilities.

    Args:
        listed: The model as `Ollama.models` gave it.
        payload: The JSON of the answer.

    Returns:
        The model with what was told; as it is where nothing was.
    """
    shown = mapping_of(payload)
    info = mapping_of(shown.get("model_info"))
    family = text_of(info.get("general.architecture"))
    window = size(info.get(f"{family}.context_length")) if family else None
    # What the model's own file sets aside counts more than what it was trained for.
    set_aside = re.search(r"^num_ctx +(\d{1,10})$", (text_of(shown.get("parameters")) or "")[:10_000], re.MULTILINE)
    window = size(set_aside[1] if set_aside else None) or window
    words = shown.get("capabilities")
    capabilities = listed.capabilities
    if isinstance(words, list):
        can = capable(words[:100])
        # The shape of an answer is kept by the server, whatever the model is.
        capabilities = Capabilities(
            tools=can.tools,
            reasoning=can.reasoning,
            structured_output="completion" in words or None,
            attachments=can.attachments,
            image_generation=can.image_generation,
        )
    tags = ("embedding",) if isinstance(words, list) and "embedding" in words else listed.tags
    described = listed.description or _described(mapping_of(shown.get("details")))
    window = window or listed.context_window
    return replace(listed, context_window=window, capabilities=capabilities, tags=tags, description=described)


def running(payload: object) -> dict[str, int]:
    """How large a context each loaded model has, by name, from ``/api/ps``."""
    found = {}
    for given in islice(list_of(mapping_of(payload).get("models")), _MOST):
        entry = mapping_of(given)
        key, window = identity(entry.get("model")) or identity(entry.get("name")), size(entry.get("context_length"))
        if key and window:
            found[key] = window
    return found


def _path(url: str, place: str) -> str:
    side = _SIDES.search(url.partition("?")[0])
    if side is None:
        return f"/api/{place}"
    return f"/{place}" if side[1] == "api" else f"/../api/{place}"


def _picture(spec: ModelSpec, call: Call) -> Request:
    if call.tools or call.schema is not None or call.logprobs is not None:
        what = "Ollama's models that make images know no tools, no shapes and no log-probabilities."
        raise OptionError(what, model=spec.key, hint="ask for an image without them")
    said = [message for message in call.messages if message.role in ("system", "user")]
    body: dict[str, Any] = {
        "model": spec.model,
        "prompt": "\n\n".join(message.text for message in said if message.text),
        "stream": True,
    }
    images = [image.base64 for message in call.messages for image in message.images]
    if images:
        body["images"] = images
    options = _options(spec, call)
    if options:
        body["options"] = options
    return Request(_path(spec.url, "generate"), body)


def _says_something(message: Message) -> bool:
    """An answer that was stopped before it began is nothing that can be sent."""
    return message.role != "assistant" or bool(message.parts or message.tool_calls)


def _message(message: Message, *, in_loop: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.images:
        made["images"] = [image.base64 for image in message.images]
    if message.tool_calls:
        made["tool_calls"] = [
            {"function": {"name": call.name, "arguments": object_of(call.arguments or "{}")}}
            for call in message.tool_calls
        ]
        thought = next((each[NAME] for each in message.signatures if isinstance(each.get(NAME), str)), None)
        if thought and in_loop:  # the model goes on from it once it has the tool's result
            made["thinking"] = thought
    if message.role == "tool" and message.tool_name:
        made["tool_name"] = message.tool_name
    return made


def _options(spec: ModelSpec, call: Call) -> dict[str, Any]:
    sampling = call.sampling
    given = {
        "temperature": spec.temperature if sampling.temperature is None else sampling.temperature,
        "top_p": spec.top_p if sampling.top_p is None else sampling.top_p,
        "num_predict": spec.max_tokens if sampling.max_tokens is None else sampling.max_tokens,
        "seed": spec.seed if sampling.seed is None else sampling.seed,
        "stop": list(sampling.stop or spec.stop) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _tools(spec: ModelSpec, call: Call) -> list[dict[str, Any]]:
    if call.tool_choice not in (None, "auto", "none"):
        what = f"Ollama cannot be told to choose a tool ('{call.tool_choice}'): its model decides."
        raise OptionError(what, model=spec.key, hint="choose 'auto' or 'none', or say it in the prompt")
    if call.tool_choice == "none":
        return []
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": deepcopy(dict(tool.parameters)),
            },
        }
        for tool in call.tools
    ]


def _described(given: Mapping[str, Any]) -> str:
    """A few words on a model's size, such as ``llama, 3.2B, Q4_K_M``."""
    words = (text_of(given.get(name)) for name in ("family", "parameter_size", "quantization_level"))
    return ", ".join(word for word in words if word and identity(word) and len(word) <= 40)

"""
Gemini's own API: a pure builder of requests; `gemini_reader` reads the answers.

The base URL ends in ``/v1beta``.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from byom_magics.catalog.spec import Capabilities
from byom_magics.errors import OptionError
from byom_magics.messages import Image
from byom_magics.wire.dialects.dialect import Listed, Request
from byom_magics.wire.dialects.effort import BUDGET, budget_of
from byom_magics.wire.dialects.gemini_reader import MADE_UP_ID, NAME, Reader
from byom_magics.wire.dialects.prose import clean
from byom_magics.wire.dialects.shape import in_words
from byom_magics.wire.dialects.tokens import alternatives
from byom_magics.wire.dialects.values import list_of, mapping_of, object_of, text_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call, Message

__all__ = ["DIALECT", "Gemini"]

_MODES = {"auto": "AUTO", "required": "ANY", "none": "NONE"}
_FOLDERS = ("models/", "tunedModels/")
_MOST = 100_000


class Gemini:
    """The dialect of Gemini's own API."""

    name = NAME
    framing: Literal["sse", "ndjson"] = "sse"
    key_header = "x-goog-api-key"
    key_prefix = ""
    headers: Mapping[str, str] = MappingProxyType({})
    fixed = frozenset({"contents"})
    models_path = "/models"

    def request(self, spec: ModelSpec, call: Call) -> Request:
        """
        Build the request of a call. All system messages become the one instruction, in their order.

        An effort of ``low``, ``medium`` or ``high`` is sent as a level of thinking; as a budget of 2,048, 8,192 or
        24,576 tokens where `Quirks.effort_field` is `BUDGET`. A number is a budget, ``none`` one of zero.

        Log-probabilities are told with whole answers only, so such an answer is not streamed
        (https://github.com/vercel/ai/pull/11989).

        Raises:
            OptionError: A system message carries an image; a result belongs to no call; the effort, or the tool
                chosen, does not exist.
        """
        call = in_words(call, spec.endpoint.quirks)
        system = [{"text": each.text} for each in call.messages if each.role == "system" and each.text]
        body: dict[str, Any] = {"contents": _contents(spec, call)}
        if system:
            body["systemInstruction"] = {"parts": system}
        wanted = alternatives(call, spec.endpoint.quirks)
        config = {**_sampling(spec, call), **_shape(call), **_thinking(spec, call), **_logprobs(wanted)}
        if call.makes_images:  # https://ai.google.dev/gemini-api/docs/image-generation
            config["responseModalities"] = ["TEXT", "IMAGE"]
        if config:
            body["generationConfig"] = config
        body.update(_tools(spec, call))
        method = "streamGenerateContent?alt=sse" if wanted is None else "generateContent"
        return Request(f"/{_resource(spec.model)}:{method}", body)

    def reader(self) -> Reader:
        """A reader for one answer."""
        return Reader()

    def models(self, payload: object) -> list[Listed]:
        """The models of a list that can answer; others, for embeddings or images, are left out."""
        found: dict[str, Listed] = {}
        for entry in islice(list_of(mapping_of(payload).get("models")), _MOST):
            model = _listed(mapping_of(entry))
            if model is not None:
                found.setdefault(model.id, model)
        return list(found.values())

    def next_page(self, payload: object) -> str | None:
        """The query that asks for the next page of such a list, or None if this was the last."""
        from byom_magics.wire.listing import next_page  # noqa: PLC0415 - for lists only

        return next_page(payload)


DIALECT = Gemini()


def _resource(model: str) -> str:
    """The path of a model, which may be named with its folder or without."""
    folder = next((each for each in _FOLDERS if model.startswith(each)), "models/")
    return folder + quote(clean(model.removeprefix(folder)), safe="")


def _listed(entry: Mapping[str, Any]) -> Listed | None:
    from byom_magics.plain import one_line  # noqa: PLC0415 - for lists only
    from byom_magics.wire.listing import identity, size  # noqa: PLC0415 - for lists only

    methods = entry.get("supportedGenerationMethods")
    if isinstance(methods, list) and "generateContent" not in methods:
        return None
    name = identity(entry.get("name"))
    thinks = entry.get("thinking")
    if name is None or not name.removeprefix("models/"):
        return None
    return Listed(
        name.removeprefix("models/"),
        one_line(text_of(entry.get("displayName")) or "", 100),
        one_line(text_of(entry.get("description")) or "", 300),
        size(entry.get("inputTokenLimit")),
        size(entry.get("outputTokenLimit")),
        capabilities=Capabilities(reasoning=thinks if isinstance(thinks, bool) else None),
    )


# The configuration


def _sampling(spec: ModelSpec, call: Call) -> dict[str, Any]:
    sampling = call.sampling
    given = {
        "temperature": spec.temperature if sampling.temperature is None else sampling.temperature,
        "topP": spec.top_p if sampling.top_p is None else sampling.top_p,
        "maxOutputTokens": spec.max_tokens if sampling.max_tokens is None else sampling.max_tokens,
        "seed": spec.seed if sampling.seed is None else sampling.seed,
        "stopSequences": list(sampling.stop or spec.stop) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _shape(call: Call) -> dict[str, Any]:
    if call.schema is None:
        return {}
    return {"responseMimeType": "application/json", "responseJsonSchema": deepcopy(dict(call.schema.schema))}


def _thinking(spec: ModelSpec, call: Call) -> dict[str, Any]:
    effort = call.effort
    if effort is None:
        # What the model thinks is shown only on request; models that do not think refuse the request.
        return {"thinkingConfig": {"includeThoughts": True}} if spec.capabilities.reasoning else {}
    if effort in ("none", 0):
        return {"thinkingConfig": {"thinkingBudget": 0}}
    if isinstance(effort, int):
        return {"thinkingConfig": {"thinkingBudget": effort, "includeThoughts": True}}
    budget = budget_of(effort, spec.key)
    if spec.endpoint.quirks.effort_field == BUDGET:
        return {"thinkingConfig": {"thinkingBudget": budget, "includeThoughts": True}}
    return {"thinkingConfig": {"thinkingLevel": effort, "includeThoughts": True}}


def _logprobs(wanted: int | None) -> dict[str, Any]:
    """https://ai.google.dev/api/generate-content#v1beta.GenerationConfig"""
    if wanted is None:
        return {}
    return {"responseLogprobs": True, **({"logprobs": wanted} if wanted else {})}


def _tools(spec: ModelSpec, call: Call) -> dict[str, Any]:
    if not call.tools:
        return {}
    declared = [
        {"name": each.name, "description": each.description, "parametersJsonSchema": deepcopy(dict(each.parameters))}
        for each in call.tools
    ]
    tools: dict[str, Any] = {"tools": [{"functionDeclarations": declared}]}
    choice = call.tool_choice
    if choice is None:
        return tools
    config: dict[str, Any] = {"mode": _MODES.get(choice, "ANY")}
    if choice not in _MODES:
        if choice not in {each.name for each in call.tools}:
            names = ", ".join(each.name for each in call.tools)
            hint = f"choose auto, required, none, or one of {names}"
            raise OptionError(f"There is no tool '{choice}' in this call to choose.", model=spec.key, hint=hint)
        config["allowedFunctionNames"] = [choice]
    return {**tools, "toolConfig": {"functionCallingConfig": config}}


# The contents


def _contents(spec: ModelSpec, call: Call) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = []
    results: list[dict[str, Any]] | None = None  # of the tools that the last content asked for
    names: dict[str, str] = {}  # of the calls so far, by their ids
    for message in call.messages:
        if message.images and message.role == "system":
            what = f"A message of the role '{message.role}' cannot carry an image in Gemini's contents."
            raise OptionError(what, model=spec.key, hint="put the image into a user's message")
        if message.role == "tool":
            if results is None:
                results = []
                contents.append({"role": "user", "parts": results})
            name = message.tool_name or names.get(message.tool_call_id or "")
            if not name:
                what = f"A tool's result belongs to no call of a tool (id {message.tool_call_id!r})."
                raise OptionError(
                    what, model=spec.key, hint="keep the message of the model that asked for it before it"
                )
            results += _result(message, name)
            continue
        results = None
        names.update({each.id: each.name for each in message.tool_calls})
        if message.role == "user":
            contents.append({"role": "user", "parts": _parts(message) or [{"text": ""}]})
        elif message.role == "assistant":
            parts = _said(message)
            if parts:  # an answer that was stopped before it began is nothing that can be sent
                contents.append({"role": "model", "parts": parts})
    return contents


def _parts(message: Message) -> list[dict[str, Any]]:
    return [_inline(part) if isinstance(part, Image) else {"text": part.text} for part in message.parts]


def _result(message: Message, name: str) -> list[dict[str, Any]]:
    result: dict[str, Any] = {"name": name, "response": object_of(message.text, "result")}
    if message.tool_call_id and not message.tool_call_id.startswith(MADE_UP_ID):
        result["id"] = message.tool_call_id
    return [{"functionResponse": result}, *map(_inline, message.images)]


def _said(message: Message) -> list[dict[str, Any]]:
    """What the model said: each part that it signed is again the part that it was, with its signature."""
    signed = [each[NAME] for each in message.signatures if isinstance(each.get(NAME), Mapping)]
    parts: list[dict[str, Any]] = [
        {"text": each["thought"], "thought": True, "thoughtSignature": each["thoughtSignature"]}
        for each in signed
        if "thought" in each
    ]
    apart = ("thought", "call", "image", "sketch")
    parts += _texts(message.text, [each for each in signed if not any(name in each for name in apart)])
    by_image = {each["image"]: each["thoughtSignature"] for each in signed if "image" in each}
    parts += [_with(_inline(image), by_image.get(at)) for at, image in enumerate(message.images)]
    by_call = {each["call"]: each["thoughtSignature"] for each in signed if "call" in each}
    for index, each in enumerate(message.tool_calls):
        call: dict[str, Any] = {"name": each.name, "args": object_of(each.arguments or "{}")}
        if each.id and not each.id.startswith(MADE_UP_ID):
            call["id"] = each.id
        parts.append(_with({"functionCall": call}, by_call.get(index)))
    return parts


def _with(part: dict[str, Any], signature: object) -> dict[str, Any]:
    return {**part, "thoughtSignature": signature} if signature else part


def _inline(image: Image) -> dict[str, Any]:
    return {"inlineData": {"mimeType": image.media_type, "data": image.base64}}


def _texts(text: str, signed: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The text, cut where parts of it were signed; signatures of empty parts stand in empty parts."""
    parts: list[dict[str, Any]] = []
    done = 0
    for each in signed:
        start, end = each.get("text") or (len(text), len(text))
        start, end = max(done, min(start, len(text))), min(max(start, end), len(text))
        if start > done:
            parts.append({"text": text[done:start]})
        done = max(end, start)
        parts.append({"text": text[start:done], "thoughtSignature": each["thoughtSignature"]})
    if text[done:]:
        parts.append({"text": text[done:]})
    return parts

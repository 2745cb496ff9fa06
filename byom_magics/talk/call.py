"""From what a person says to a call: messages out of texts and mappings, and whether the model can take them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.plain import visible
from byom_magics.talk.estimate import tokens_in

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Part

__all__ = ["Said", "as_told", "call_of", "cautions", "check_abilities", "messages_of"]

Said = str | Sequence[Message | Text | Image | Mapping[str, Any]]
"""What may be said to a model: a text, or messages; a part that stands alone is a message of the user."""

_ROLES = ("system", "user", "assistant", "tool")
_DATA_URL = re.compile(r"data:(image/[a-z0-9.+-]+);base64,", re.IGNORECASE)
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ALTERNATIVES = 5
_MOST_ALTERNATIVES = 20  # of all services: https://platform.openai.com/docs/api-reference/chat/create
_EFFORTS = ("none", "low", "medium", "high")


def call_of(
    prompt: Said,
    sampling: Sampling,
    *,
    system: str | None = None,
    default_system: str | None = None,
    tools: Iterable[Tool] = (),
    tool_choice: str | None = None,
    schema: Schema | None = None,
    effort: str | int | None = None,
    logprobs: int | None = None,
    makes_images: bool = False,
) -> Call:
    """
    The call that a person asks for.

    Args:
        prompt: What is said.
        sampling: How the answer is sampled.
        system: A system message before it.
        default_system: The model's own system message, which is said if there is no other one.
        tools: What the model may ask for.
        tool_choice: See `Call`.
        schema: The shape of the answer.
        effort: How much to reason.
        logprobs: How many alternatives to tell with each token.
        makes_images: Whether pictures are asked for.

    Raises:
        OptionError: It makes no sense: no text, an unknown role, an image from elsewhere.
    """
    said = messages_of(prompt)
    _check_kind("system message", system, str, "a text as system")
    if system is None and not any(message.role == "system" for message in said):
        system = default_system
    messages = (*([Message("system", system)] if system else []), *said)
    offered = _tools(tools)
    _check_choice(tool_choice, offered)
    _check_kind("schema", schema, Schema, 'byom_magics.Schema("name", {"type": "object", …})')
    return Call(
        messages, sampling, offered, tool_choice, schema, _effort(effort), _logprobs(logprobs), bool(makes_images)
    )


def check_abilities(spec: ModelSpec, call: Call) -> None:
    """
    Refuse what the model is known to be unable to do.

    Raises:
        OptionError: It is declared without what the call needs. Nothing was sent.
    """
    able = spec.capabilities
    needed = (
        (able.attachments, any(message.images for message in call.messages), "attachments", "an image"),
        (able.tools, bool(call.tools), "tools", "tools"),
        (able.reasoning, call.effort not in (None, "none", 0), "reasoning", "an effort of reasoning"),
        (able.image_generation, call.makes_images, "image_generation", "a wish for images"),
    )
    for can, wanted, ability, what in needed:
        if wanted and can is False:
            message = f"The model is declared without {ability}, and the call has {what}. Nothing was sent."
            hint = f"ask another model, or, if it can after all, register it again with --can {ability}"
            raise OptionError(message, model=spec.key, hint=hint)


def cautions(spec: ModelSpec, call: Call) -> tuple[str, ...]:
    """What a person should know of a call that may be more than the model can take in, from a rough count."""
    room = spec.context_window
    if room is None:
        return ()
    limit = (spec.max_tokens if call.sampling.max_tokens is None else call.sampling.max_tokens) or 0
    tokens = tokens_in(call.messages)
    if tokens + limit <= room:
        return ()
    answer = f" and up to {limit:,} of an answer" if limit else ""
    return (f"about {tokens:,} tokens{answer} are more than the model's context of {room:,} takes in",)


def as_told(spec: ModelSpec, call: Call) -> ModelSpec:
    """
    The spec for this very call: a model without structured output is told the shape in words.

    The call itself stays as it is; how it is said is the dialect's matter.
    """
    if call.schema is None or spec.capabilities.structured_output is not False:
        return spec
    endpoint = spec.endpoint
    return replace(spec, endpoint=replace(endpoint, quirks=replace(endpoint.quirks, schema="none")))


def messages_of(prompt: object) -> list[Message]:
    """
    The messages that a person gives.

    Raises:
        OptionError: It is neither a text nor messages, or empty.
    """
    if isinstance(prompt, str):
        said = [Message("user", prompt)]
    elif isinstance(prompt, Sequence) and not isinstance(prompt, (bytes, bytearray)):
        said = [_message(each) for each in prompt]
    else:
        raise _no_message(prompt)
    if not any(message.text.strip() or message.images or message.tool_calls for message in said):
        what = "The prompt is empty."
        raise OptionError(what, hint="write it below the %%byom line, or after the model's key")
    return said


def _message(given: object) -> Message:
    if isinstance(given, Message):
        return given
    if isinstance(given, (Text, Image)):
        return Message("user", (given,))
    if isinstance(given, Mapping) and given.get("role") in _ROLES:
        content = given.get("content")
        if isinstance(content, str):
            return Message(given["role"], content)
        if isinstance(content, Sequence) and content and not isinstance(content, (bytes, bytearray)):
            return Message(given["role"], tuple(_part(each, given) for each in content))
    raise _no_message(given)


def _part(given: object, message: object) -> Part:
    if isinstance(given, (Text, Image)):
        return given
    if isinstance(given, Mapping):
        if given.get("type") == "text" and isinstance(given.get("text"), str):
            return Text(given["text"])
        if given.get("type") == "image_url":
            image = given.get("image_url")
            url = image.get("url") if isinstance(image, Mapping) else image
            if isinstance(url, str):
                return _image(url)
    raise _no_message(message)


def _image(url: str) -> Image:
    head = _DATA_URL.match(url)
    if head is None:
        what = (
            "An image is given by an address. Whoever serves the model would fetch it, so it would leave the network."
        )
        hint = 'read it yourself, and give byom_magics.Image(data, "image/png") or a data: address'
        raise OptionError(what, hint=hint)
    kind = head[1].lower()
    if kind not in _IMAGES:
        what = f"An image cannot be {visible(kind)[:60]}."
        raise OptionError(what, hint=f"give one of {', '.join(_IMAGES)}")
    try:
        data = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        what = "The data: address of an image is no base64, or empty."
        raise OptionError(what, hint='give byom_magics.Image(data, "image/png") with the bytes')
    return Image(data, kind)


def _check_kind(what: str, given: object, kind: type, wanted: str) -> None:
    if given is not None and not isinstance(given, kind):
        message = f"A {what} cannot be {type(given).__name__}."
        raise OptionError(message, hint=f"give {wanted}")


def _tools(tools: object) -> tuple[Tool, ...]:
    given = tuple(tools) if isinstance(tools, Iterable) and not isinstance(tools, (str, bytes, Mapping)) else (tools,)
    for each in given:
        if not isinstance(each, Tool):
            what = f"A tool cannot be {type(each).__name__}."
            raise OptionError(what, hint='give byom_magics.Tool("name", "what it does", {"type": "object", …})')
    names = [tool.name for tool in given if isinstance(tool, Tool)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        what = f"Two tools are called '{visible(twice)[:60]}'."
        raise OptionError(what, hint="give each a name of its own")
    return tuple(each for each in given if isinstance(each, Tool))


def _check_choice(choice: object, tools: tuple[Tool, ...]) -> None:
    names = ("auto", "required", "none", *(tool.name for tool in tools))
    if choice is not None and (choice not in names or not tools):
        what = f"The option tool_choice cannot be {visible(repr(choice))[:60]}."
        raise OptionError(what, hint=f"it is one of {', '.join(names)}" if tools else "give tools too")


def _effort(effort: object) -> str | int | None:
    if effort is None or (isinstance(effort, str) and effort in _EFFORTS):
        return effort
    if isinstance(effort, int) and not isinstance(effort, bool) and effort >= 0:
        return effort
    what = f"The option reasoning cannot be {visible(repr(effort))[:60]}."
    raise OptionError(what, hint=f"give one of {', '.join(_EFFORTS)}, or a number of tokens")


def _logprobs(logprobs: object) -> int | None:
    if logprobs is None or logprobs is False:
        return None
    if isinstance(logprobs, int) and 0 <= logprobs <= _MOST_ALTERNATIVES:
        return _ALTERNATIVES if logprobs is True else logprobs
    what = f"The option logprobs cannot be {visible(repr(logprobs))[:60]}."
    raise OptionError(what, hint=f"give the number of alternatives of each token, 0 to {_MOST_ALTERNATIVES}")


def _no_message(given: Any) -> OptionError:  # noqa: ANN401 - whatever was given
    what = f"A message cannot be {type(given).__name__} {visible(repr(given))[:60]}."
    return OptionError(what, hint='give a text, or messages such as {"role": "user", "content": "Hello"}')

"""A chat request: what the body of a ``POST /v1/chat/completions`` asks for, or why it cannot be had."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from byom_magics.demo import MODELS, BuiltIn
from byom_magics.demo.sampling import Sampling

__all__ = ["ChatRequest", "RequestError", "read_request"]

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_MOST_STOPS = 4
_MOST_ALTERNATIVES = 20
_HOTTEST = 2


class RequestError(Exception):
    """
    A request that is refused.

    Args:
        status: The HTTP status.
        message: What is wrong, and what would be right.
        param: The field of the body that it is about.
        code: A word for programs.
    """

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code


@dataclass(frozen=True)
class ChatRequest:
    """
    A request that can be answered.

    Attributes:
        model: The model that is asked.
        prompt: The text of the last message of the user.
        texts: The texts of all messages.
        sampling: How to draw tokens.
        max_tokens: The longest answer, in tokens.
        stop: Texts that end the answer.
        stream: Whether the answer comes in pieces.
        include_usage: Whether a stream ends with a count of tokens.
        logprobs: Whether log-probabilities are wanted.
        tokens_per_second: The pace of a stream; None for as fast as it goes.
    """

    model: BuiltIn
    prompt: str
    texts: tuple[str, ...]
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool
    logprobs: bool
    tokens_per_second: float | None


def read_request(body: bytes, tokens_per_second: float | None) -> ChatRequest:
    """
    Read a request.

    Args:
        body: The body as it came.
        tokens_per_second: The pace where the request sets none.

    Returns:
        The request. Fields that are not known are ignored.

    Raises:
        RequestError: It cannot be answered as it is.
    """
    fields = _Fields(_json(body))
    model = _model(fields)
    texts, prompt = _messages(fields)
    stream = fields.flag("stream")
    logprobs, alternatives = _logprobs(fields, model)
    if fields.integer("n", lowest=1) not in (None, 1):
        fields.refuse("n", "must be 1: the built-in models give one answer per request")
    return ChatRequest(
        model=model,
        prompt=prompt,
        texts=texts,
        sampling=Sampling(
            temperature=_or(fields.number("temperature", 0, _HOTTEST), 1.0),
            top_p=_or(fields.number("top_p", 0, 1, above=True), 1.0),
            seed=fields.integer("seed"),
            top_logprobs=alternatives,
        ),
        max_tokens=_max_tokens(fields, model),
        stop=_stop(fields),
        stream=stream,
        include_usage=_include_usage(fields, stream=stream),
        logprobs=logprobs,
        tokens_per_second=_pace(fields, tokens_per_second),
    )


class _Fields:
    """The fields of a body, checked as they are taken out."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    def refuse(self, param: str, problem: str) -> NoReturn:
        raise RequestError(400, f"'{param}' {problem}.", param=param, code="invalid_value")

    def flag(self, param: str) -> bool:
        value = self.fields.get(param)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.refuse(param, f"must be true or false, not {_kind(value)}")
        return value

    def integer(self, param: str, lowest: int | None = None, highest: int | None = None) -> int | None:
        value = self.fields.get(param)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(param, f"must be a whole number, not {_kind(value)}")
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            self.refuse(param, f"must be {lowest} or more" if highest is None else f"must be {lowest} to {highest}")
        return value

    def number(self, param: str, lowest: int, highest: int, *, above: bool = False) -> float | None:
        value = self.fields.get(param)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(param, f"must be a number, not {_kind(value)}")
        if not lowest <= value <= highest or (above and value == lowest):
            self.refuse(param, f"must be {f'above {lowest}' if above else f'{lowest} or more'}, and {highest} at most")
        return float(value)


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RequestError(400, f"The body is not JSON: {error}.", code="invalid_json") from error
    if not isinstance(fields, dict):
        raise RequestError(400, f"The body must be a JSON object, not {_kind(fields)}.", code="invalid_json")
    return fields


def _no_number(word: str) -> NoReturn:
    message = f"{word} is not a JSON number"
    raise ValueError(message)


def _model(fields: _Fields) -> BuiltIn:
    name = fields.fields.get("model")
    known = ", ".join(model.id for model in MODELS)
    if not isinstance(name, str) or not name:
        fields.refuse("model", f"must name a model: {known}")
    for model in MODELS:
        if model.id == name:
            return model
    message = f"The model '{name}' does not exist. There are: {known}."
    raise RequestError(404, message, param="model", code="model_not_found")


def _messages(fields: _Fields) -> tuple[tuple[str, ...], str]:
    messages = fields.fields.get("messages")
    if not isinstance(messages, list) or not messages:
        fields.refuse("messages", "must be a list of at least one message")
    texts = []
    prompt = None
    for number, message in enumerate(messages):
        where = f"messages[{number}]"
        if not isinstance(message, dict):
            fields.refuse(where, f"must be an object with role and content, not {_kind(message)}")
        if message.get("role") not in _ROLES:
            fields.refuse(f"{where}.role", f"must be one of {', '.join(_ROLES)}")
        text = _content(fields, f"{where}.content", message.get("content"), message["role"])
        texts.append(text)
        prompt = text if message["role"] == "user" else prompt
    if prompt is None:
        fields.refuse("messages", "must have a message of the role user: that is what is answered")
    return tuple(texts), prompt


def _content(fields: _Fields, where: str, content: object, role: str) -> str:
    if isinstance(content, str):
        return content
    if content is None and role == "assistant":
        return ""
    if not isinstance(content, list):
        fields.refuse(where, f"must be a text or a list of text parts, not {_kind(content)}")
    parts = []
    for number, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in ("text", "refusal") or not isinstance(part.get(kind), str):
            said = f"a part of the type {kind}" if isinstance(kind, str) and kind != "text" else _kind(part)
            fields.refuse(f"{where}[{number}]", f"must be a text part: the built-in models read text, not {said}")
        parts.append(part[kind])
    return "\n".join(parts)


def _max_tokens(fields: _Fields, model: BuiltIn) -> int:
    newer = fields.integer("max_completion_tokens", lowest=1)
    older = fields.integer("max_tokens", lowest=1)
    return newer or older or model.max_tokens


def _stop(fields: _Fields) -> tuple[str, ...]:
    stop = fields.fields.get("stop")
    if stop is None:
        return ()
    texts = [stop] if isinstance(stop, str) else stop
    if not isinstance(texts, list) or len(texts) > _MOST_STOPS or not all(isinstance(t, str) and t for t in texts):
        fields.refuse("stop", f"must be a text or a list of up to {_MOST_STOPS} texts, none of them empty")
    return tuple(texts)


def _logprobs(fields: _Fields, model: BuiltIn) -> tuple[bool, int]:
    wanted = fields.flag("logprobs")
    alternatives = fields.integer("top_logprobs", lowest=0, highest=_MOST_ALTERNATIVES)
    if alternatives is not None and not wanted:
        fields.refuse("top_logprobs", "needs 'logprobs' to be true")
    if wanted and model.order is None:
        having = " and ".join(other.id for other in MODELS if other.order)
        fields.refuse("logprobs", f"cannot be had from {model.id}, which quotes and has no probabilities: ask {having}")
    return wanted, alternatives or 0


def _include_usage(fields: _Fields, *, stream: bool) -> bool:
    options = fields.fields.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        fields.refuse("stream_options", f"must be an object, not {_kind(options)}")
    if not stream:
        fields.refuse("stream_options", "needs 'stream' to be true")
    return _Fields({"stream_options.include_usage": options.get("include_usage")}).flag("stream_options.include_usage")


def _pace(fields: _Fields, usual: float | None) -> float | None:
    if "tokens_per_second" not in fields.fields:
        return usual
    value = fields.fields["tokens_per_second"]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value == math.inf:
        fields.refuse("tokens_per_second", "must be a number of 0 or more; 0 is as fast as it goes")
    return float(min(value, _FASTEST)) if value >= _SLOWEST else None if value == 0 else _SLOWEST


# Beyond these a pace is no pace: nobody can tell the difference, and divisions stay within what floats can hold.
_FASTEST = 1e9
_SLOWEST = 1e-6


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    for kind, name in ((dict, "an object"), (list, "a list"), (str, "a text")):
        if isinstance(value, kind):
            return name
    return "null"

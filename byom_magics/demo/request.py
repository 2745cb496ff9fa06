"""A chat request: what the body of a ``POST /v1/chat/completions`` asks for, or why it cannot be had."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from byom_magics.demo import MODELS, BuiltIn
from byom_magics.demo.conversation import Conversation, read_conversation
from byom_magics.demo.failure import is_failure
from byom_magics.demo.fields import Fields, RequestError, kind
from byom_magics.demo.form import Form, read_form
from byom_magics.demo.functions import Offer, read_offer
from byom_magics.demo.sampling import Sampling
from byom_magics.demo.tokens import split

__all__ = ["ChatRequest", "read_request"]

_EFFORTS = ("none", "minimal", "low", "medium", "high")
_LONGEST = 8000
"""How many tokens an answer may have that is no mere quotation: JSON, cells and results have to be whole."""
_MOST_STOPS = 4
_MOST_ALTERNATIVES = 20
_HOTTEST = 2


@dataclass(frozen=True)
class ChatRequest:
    """
    A request that can be answered.

    Attributes:
        model: The model that is asked.
        conversation: The messages.
        offer: The tools that may be called.
        form: The form that the answer has to have; None for text.
        effort: How much is told of the reasoning: 0 for none of it, to 4.
        sampling: How to draw tokens.
        max_tokens: The longest answer, in tokens.
        stop: Texts that end the answer.
        stream: Whether the answer comes in pieces.
        include_usage: Whether a stream ends with a count of tokens.
        logprobs: Whether log-probabilities are wanted.
        tokens_per_second: The pace of a stream; None for as fast as it goes.
    """

    model: BuiltIn
    conversation: Conversation
    offer: Offer
    form: Form | None
    effort: int
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool
    logprobs: bool
    tokens_per_second: float | None

    @property
    def tokens(self) -> int:
        """How long it is, in tokens: all messages, and the tools and the schema as they came."""
        said = sum(len(split(text)) for text in self.conversation.texts)
        return said + self.offer.tokens + (self.form.tokens if self.form else 0)


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
    try:
        return _read(Fields(_json(body)), tokens_per_second)
    except RecursionError as error:
        raise RequestError(400, "The body is nested too deep.", code="invalid_json") from error


def _read(fields: Fields, tokens_per_second: float | None) -> ChatRequest:
    model = _model(fields)
    conversation = read_conversation(fields)
    offer = read_offer(fields)
    form = read_form(fields)
    _only_quoting(fields, model, "tools", asked=bool(offer.tokens))
    _only_quoting(fields, model, "response_format", asked=form is not None)
    effort = _effort(fields, model)
    stream = fields.flag("stream")
    logprobs, alternatives = _logprobs(fields, model)
    whole = model.order is None and (form or offer.tokens or is_failure(conversation.question))
    if fields.integer("n", lowest=1) not in (None, 1):
        fields.refuse("n", "must be 1: the built-in models give one answer per request")
    return ChatRequest(
        model=model,
        conversation=conversation,
        offer=offer,
        form=form,
        effort=effort,
        sampling=Sampling(
            temperature=_or(fields.number("temperature", 0, _HOTTEST), 1.0),
            top_p=_or(fields.number("top_p", 0, 1, above=True), 1.0),
            seed=fields.integer("seed"),
            top_logprobs=alternatives,
        ),
        max_tokens=_max_tokens(fields, _LONGEST if whole or effort else model.max_tokens),
        stop=_stop(fields),
        stream=stream,
        include_usage=_include_usage(fields, stream=stream),
        logprobs=logprobs,
        tokens_per_second=_pace(fields, tokens_per_second),
    )


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RequestError(400, f"The body is not JSON: {error}.", code="invalid_json") from error
    if not isinstance(fields, dict):
        raise RequestError(400, f"The body must be a JSON object, not {kind(fields)}.", code="invalid_json")
    return fields


def _no_number(word: str) -> NoReturn:
    message = f"{word} is not a JSON number"
    raise ValueError(message)


def _model(fields: Fields) -> BuiltIn:
    name = fields.fields.get("model")
    known = ", ".join(model.id for model in MODELS)
    if not isinstance(name, str) or not name:
        fields.refuse("model", f"must name a model: {known}")
    for model in MODELS:
        if model.id == name:
            return model
    message = f"The model '{name}' does not exist. There are: {known}."
    raise RequestError(404, message, param="model", code="model_not_found")


def _only_quoting(fields: Fields, model: BuiltIn, param: str, *, asked: bool) -> None:
    """Refuse what an n-gram model cannot do: it continues texts, and follows no instruction."""
    if asked and model.order is not None:
        having = " and ".join(other.id for other in MODELS if other.order is None)
        fields.refuse(param, f"cannot be had from {model.id}, which only continues texts: ask {having}")


def _effort(fields: Fields, model: BuiltIn) -> int:
    effort = fields.fields.get("reasoning_effort")
    if effort is None:
        return 0
    if effort not in _EFFORTS:
        said = repr(effort)[:80]
        message = f"Unsupported value: 'reasoning_effort' does not support {said} with this model. Supported values "
        message += "are: " + ", ".join(f"'{each}'" for each in _EFFORTS[:-1]) + f", and '{_EFFORTS[-1]}'."
        raise RequestError(400, message, param="reasoning_effort", code="unsupported_value")
    _only_quoting(fields, model, "reasoning_effort", asked=effort != "none")
    return _EFFORTS.index(effort)


def _max_tokens(fields: Fields, usual: int) -> int:
    newer = fields.integer("max_completion_tokens", lowest=1)
    older = fields.integer("max_tokens", lowest=1)
    return newer or older or usual


def _stop(fields: Fields) -> tuple[str, ...]:
    stop = fields.fields.get("stop")
    if stop is None:
        return ()
    texts = [stop] if isinstance(stop, str) else stop
    if not isinstance(texts, list) or len(texts) > _MOST_STOPS or not all(isinstance(t, str) and t for t in texts):
        fields.refuse("stop", f"must be a text or a list of up to {_MOST_STOPS} texts, none of them empty")
    return tuple(texts)


def _logprobs(fields: Fields, model: BuiltIn) -> tuple[bool, int]:
    wanted = fields.flag("logprobs")
    alternatives = fields.integer("top_logprobs", lowest=0, highest=_MOST_ALTERNATIVES)
    if alternatives is not None and not wanted:
        fields.refuse("top_logprobs", "needs 'logprobs' to be true")
    if wanted and model.order is None:
        having = " and ".join(other.id for other in MODELS if other.order)
        fields.refuse("logprobs", f"cannot be had from {model.id}, which quotes and has no probabilities: ask {having}")
    return wanted, alternatives or 0


def _include_usage(fields: Fields, *, stream: bool) -> bool:
    options = fields.fields.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        fields.refuse("stream_options", f"must be an object, not {kind(options)}")
    if not stream:
        fields.refuse("stream_options", "needs 'stream' to be true")
    return Fields({"stream_options.include_usage": options.get("include_usage")}).flag("stream_options.include_usage")


def _pace(fields: Fields, usual: float | None) -> float | None:
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

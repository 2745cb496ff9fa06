"""
The OpenAI-compatible app of the built-in models, as a function: a request in, a response out.

It knows no sockets. Whoever carries the bytes passes a ``wait``: it waits for the given seconds, and says whether
the reader has gone meanwhile, which ends the answer at once.
"""

from __future__ import annotations

import platform
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from byom_magics.demo import MODELS, BuiltIn
from byom_magics.demo.answer import Reference, shipped_reference
from byom_magics.demo.completion import DONE, Completion, as_json, error, event
from byom_magics.demo.fields import RequestError
from byom_magics.demo.ngram import Model, Text, shipped_text
from byom_magics.demo.pace import Pace
from byom_magics.demo.pieces import Piece, Thought
from byom_magics.demo.request import ChatRequest, read_request
from byom_magics.demo.sampling import continued
from byom_magics.demo.stopping import FinishReason, until
from byom_magics.demo.turn import answered

__all__ = ["LARGEST_BODY", "App", "Request", "Response", "Wait"]

LARGEST_BODY = 8 * 1024 * 1024
"""The largest body that is read, in bytes."""

USUAL_PACE = 60.0

Wait = Callable[[float], bool]
"""Waits up to some seconds; True if the reader has gone."""

_CHAT = "/v1/chat/completions"
_LIST = "/v1/models"
_PARAMETERS = ("max_tokens", "max_completion_tokens", "stop")
_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")
_QUOTING = (*_TOOLS, "response_format", "structured_outputs", "reasoning", "reasoning_effort")
_SAMPLING = ("temperature", "top_p", "seed", "logprobs", "top_logprobs")
_MADE = 1_735_689_600  # A model list needs a date; this one is the beginning of 2025.


@dataclass(frozen=True)
class Request:
    """A request: method, path without query, body."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """
    A response.

    Attributes:
        status: The HTTP status.
        headers: Without those of the connection. A body with a ``content-length`` comes in one piece.
        body: The pieces of the body, made as they are asked for.
    """

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]


class App:
    """
    The app.

    Args:
        tokens_per_second: The pace of streams where the request sets none; None for as fast as it goes.
        reference: Gives the reference that ``demo/pydoc`` quotes; called when first needed.
        text: Gives what the n-gram models learn from; called when first needed.
        clock: A clock for the pace, in seconds.
    """

    def __init__(
        self,
        tokens_per_second: float | None = USUAL_PACE,
        *,
        reference: Callable[[], Reference] = shipped_reference,
        text: Callable[[], Text] = shipped_text,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens_per_second = tokens_per_second
        self._reference = reference
        self._text = text
        self._clock = clock

    def respond(self, request: Request, wait: Wait) -> Response:
        """
        Answer a request.

        Args:
            request: What came.
            wait: How to wait between tokens.

        Returns:
            The response. Errors are responses too, in OpenAI's shape.
        """
        try:
            return self._route(request, wait)
        except RequestError as refusal:
            return refused(refusal)

    def _route(self, request: Request, wait: Wait) -> Response:
        path = unquote(request.path).rstrip("/")
        if path == _CHAT:
            if response := _unless(request.method, "POST"):
                return response
            return self._chat(request, wait)
        if path == _LIST or path.startswith(f"{_LIST}/"):
            if response := _unless(request.method, "GET", "HEAD"):
                return response
            return _models(path[len(_LIST) + 1 :])
        message = f"There is nothing at {request.path}. There are GET {_LIST} and POST {_CHAT}."
        raise RequestError(404, message, code="not_found")

    def _chat(self, request: Request, wait: Wait) -> Response:
        if len(request.body) > LARGEST_BODY:
            raise too_large()
        chat = read_request(request.body, self._tokens_per_second)
        pieces = until(self._pieces(chat), chat.stop, chat.max_tokens)
        completion = Completion(
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created=int(time.time()),
            model=chat.model.id,
            fingerprint=f"demo_python_{platform.python_version()}",
            prompt_tokens=chat.tokens,
            logprobs=chat.logprobs,
            reasons=chat.effort > 0,
        )
        if chat.stream:
            headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
            return Response(200, headers, self._stream(chat, completion, pieces, wait))
        return _in_one_piece(200, as_json(_whole(completion, pieces, wait)))

    def _pieces(self, chat: ChatRequest) -> Iterator[Piece]:
        if chat.model.order is None:
            return answered(chat, self._reference())
        return continued(Model(self._text(), chat.model.order), chat.conversation.question, chat.sampling)

    def _stream(
        self, chat: ChatRequest, completion: Completion, pieces: Iterator[Piece | FinishReason], wait: Wait
    ) -> Iterator[bytes]:
        yield event(completion.first_chunk())
        pace = Pace(chat.tokens_per_second, self._clock)
        count = thoughts = 0
        for piece in pieces:
            if isinstance(piece, str):
                yield event(completion.last_chunk(piece))
                break
            if wait(pace.wait_for(count)):
                return
            yield event(completion.chunk(piece))
            count += 1
            thoughts += isinstance(piece, Thought)
        if chat.include_usage:
            yield event(completion.usage_chunk(count, thoughts))
        yield DONE


def _whole(completion: Completion, pieces: Iterator[Piece | FinishReason], wait: Wait) -> dict[str, object]:
    said: list[Piece] = []
    reason: FinishReason = "stop"
    for piece in pieces:
        if isinstance(piece, str):
            reason = piece
        elif wait(0):
            break
        else:
            said.append(piece)
    return completion.whole(said, reason)


def _models(name: str) -> Response:
    if not name:
        return _in_one_piece(200, as_json({"object": "list", "data": [_described(model) for model in MODELS]}))
    for model in MODELS:
        if model.id == name:
            return _in_one_piece(200, as_json(_described(model)))
    known = ", ".join(model.id for model in MODELS)
    raise RequestError(404, f"The model '{name}' does not exist. There are: {known}.", code="model_not_found")


def _described(model: BuiltIn) -> dict[str, object]:
    described: dict[str, object] = {
        "id": model.id,
        "object": "model",
        "created": _MADE,
        "owned_by": "byom_magics",
        "description": model.description,
        "max_output_tokens": model.max_tokens,
        # What it can do, as OpenRouter's list tells it.
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "supported_parameters": [*_PARAMETERS, *(_QUOTING if model.order is None else _SAMPLING)],
    }
    if model.order is not None:
        described["context_length"] = model.order - 1
    return described


def _unless(method: str, *allowed: str) -> Response | None:
    if method in allowed:
        return None
    allow = {"allow": ", ".join([*allowed, "OPTIONS"])}
    if method == "OPTIONS":
        return Response(204, allow, iter(()))
    message = f"{method} is not possible here. Possible: {allow['allow']}."
    problem = RequestError(405, message, code="method_not_allowed")
    response = refused(problem)
    return Response(response.status, {**response.headers, **allow}, response.body)


def refused(refusal: RequestError) -> Response:
    """A refusal as a response."""
    body = error(refusal.message, "invalid_request_error", refusal.param, refusal.code)
    return _in_one_piece(refusal.status, as_json(body))


def too_large() -> RequestError:
    """The refusal of a body that is over the limit."""
    return RequestError(413, f"The body is larger than {LARGEST_BODY} bytes.", code="body_too_large")


def _in_one_piece(status: int, body: bytes) -> Response:
    return Response(status, {"content-type": "application/json", "content-length": str(len(body))}, iter((body,)))

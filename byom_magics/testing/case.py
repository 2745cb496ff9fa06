"""What a contract is tried with: answers and lists of models as a server sends them, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from byom_magics.events import ToolCall, Usage

if TYPE_CHECKING:
    from byom_magics.wire.dialects.dialect import Listed

__all__ = ["Case", "Feature", "Listing"]

Feature = Literal[
    "text",
    "reasoning",
    "tools",
    "schema",
    "images",
    "effort",
    "signatures",
    "logprobs",
    "image_output",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "usage",
    "cached_tokens",
    "reasoning_tokens",
    "errors",
    "whole",
    "models",
]
"""
Something that a service can or cannot do: a dialect says which it lacks.

``images`` are those that it is given, ``image_output`` those that it makes.
"""


@dataclass(frozen=True)
class Case:
    """
    One answer of a server, and what it means.

    Attributes:
        name: What to call it where something is wrong.
        body: The bytes of the response's body, without the framing of HTTP.
        text: The answer.
        reasoning: The reasoning.
        tool_calls: The tools asked for. Arguments are compared as JSON; an empty id stands for any id but an empty one.
        usage: The tokens as they stand at the end.
        finish_reason: The server's own word.
        state: The state, with its reason if it has one: ``complete``, ``error(in_band)``, ``incomplete(eof)`` …
        served_model: The model's name in the answer.
        signatures: How many `byom_magics.events.Signature` come.
        words: What the error's message, or a warning, has to say.
        streamed: Whether the body is a stream; if not, it is one JSON document.
        status: The HTTP status. From 400 on the body is a refusal, and ``words`` are what is read out of it.
        schema: Whether the answer is one in the shape of a schema that was asked for: it has to be JSON.
        logprobs: How many tokens come with their log-probabilities.
        images: How many images the model made, each of them a whole PNG, JPEG, GIF or WebP.
    """

    name: str
    body: bytes = field(repr=False)
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    state: str = "complete"
    served_model: str | None = None
    signatures: int = 0
    words: tuple[str, ...] = ()
    streamed: bool = True
    status: int = 200
    schema: bool = False
    logprobs: int = 0
    images: int = 0


@dataclass(frozen=True)
class Listing:
    """
    One list of models as a server sends it, and what it means.

    Attributes:
        name: What to call it where something is wrong.
        body: The bytes of the response's body.
        models: The models in it.
        next_page: The query that asks for more, or None.
    """

    name: str
    body: bytes = field(repr=False)
    models: tuple[Listed, ...] = ()
    next_page: str | None = None

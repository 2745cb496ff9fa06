"""What a dialect is: a pure builder of requests and reader of answers, and what its service's addresses are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from byom_magics.catalog.spec import Listed

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Event
    from byom_magics.messages import Call
    from byom_magics.wire.refusal import Refusal

__all__ = ["Dialect", "Listed", "Reader", "Request"]


@dataclass(frozen=True)
class Request:
    """
    What a dialect makes of a call: a path below the base URL, and the body.

    The model's and the call's ``extra_body``, transformers and the writing as JSON come after it.

    Attributes:
        path: Below the base URL; it may have a query.
        body: The fields.
        notes: What is said otherwise than it was asked for; the person is told.
    """

    path: str
    body: dict[str, Any]
    notes: tuple[str, ...] = ()


class Reader(Protocol):
    """
    Reads one answer, event by event, or as one JSON object.

    Attributes:
        finish_reason: The first one that the server sent, its own word, or None.
        ended: Whether the end mark was seen.
        refusal: What the server said instead of going on, or None.
        replaced: How many characters were not UTF-8.
        content: Whether content has come since the caller last set this to False.
        tools: Whether the model asked for tools.
    """

    finish_reason: str | None
    ended: bool
    refusal: Refusal | None
    replaced: int
    content: bool
    tools: bool

    def read(self, event: str, data: bytes, out: list[Event]) -> None:
        """
        Read one event of the stream (``message`` if the stream gave it no name), and append what it means to ``out``.

        Raises:
            MalformedPayloadError: The data is not JSON.
        """

    def read_plain(self, data: bytes, out: list[Event]) -> bool:
        """Read one event quickly, if it is a piece of text and nothing else; False if nothing was read."""

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one event whose JSON was parsed already (a response transformer has seen it)."""

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        """Read an answer that came in one piece; False if it is no answer (then it may be a refusal)."""

    def flush(self, out: list[Event]) -> None:
        """The stream is over: give out what was held back."""

    def warnings(self) -> tuple[str, ...]:
        """What was odd about the answer."""


class Dialect(Protocol):
    """
    How a family of services speaks.

    Attributes:
        name: What a model's spec calls it.
        framing: How events are told apart: server-sent events, or a JSON object a line.
        key_header: The header that carries the key.
        key_prefix: What stands before the key there, or empty.
        headers: Further headers that every request has.
        fixed: Fields of the body that ``extra_body`` does not replace.
        models_path: Where the models are listed, below the base URL; empty if nowhere.
    """

    name: str
    framing: Literal["sse", "ndjson"]
    key_header: str
    key_prefix: str
    headers: Mapping[str, str]
    fixed: frozenset[str]
    models_path: str

    def request(self, spec: ModelSpec, call: Call) -> Request:
        """
        Build the request of a call; ``spec.endpoint.path``, where set, replaces its path afterwards.

        Raises:
            OptionError: The dialect cannot say what the call asks for.
        """

    def reader(self) -> Reader:
        """A reader for one answer."""

    def models(self, payload: object) -> list[Listed]:
        """The models of a list as the server sends it; entries that make no sense are left out."""

    def next_page(self, payload: object) -> str | None:
        """The query that asks for the next page of such a list, or None if this was the last."""

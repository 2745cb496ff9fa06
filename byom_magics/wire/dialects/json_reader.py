"""What the readers of our dialects have in common: events are JSON, and texts are put together from their pieces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from byom_magics.wire.dialects.made_images import MadeImages
from byom_magics.wire.dialects.prose import Prose, oddities
from byom_magics.wire.payload import parse

if TYPE_CHECKING:
    from byom_magics.events import Event
    from byom_magics.wire.refusal import Refusal

__all__ = ["JsonReader"]


class JsonReader(ABC):
    """
    Reads one answer, event by event, or as one JSON object.

    Attributes:
        finish_reason: The first one that the server gave, in its own words, or None.
        ended: Whether the end mark was seen.
        refusal: What the server said instead of going on, or None.
        replaced: How many characters were not UTF-8.
        content: Whether content has come since the caller last set this to False.
        tools: Whether the model asked for tools.
    """

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.ended = False
        self.refusal: Refusal | None = None
        self.replaced = 0
        self.content = False
        self.tools = False
        self._prose = Prose()
        self._images = MadeImages()

    def read(self, event: str, data: bytes, out: list[Event]) -> None:
        """
        Read one event of the stream, and append what it means to ``out``.

        Raises:
            MalformedPayloadError: The data is not JSON.
        """
        if data[:1] != b"{":
            bare = data.strip()
            if bare.strip(b'"') == b"[DONE]":  # gateways send it whatever the dialect
                self.ended = True
                return
            if not bare:
                return  # some servers keep the connection alive with empty data
        chunk, replaced = parse(data)
        self.replaced += replaced
        self.read_chunk(chunk, event, out)

    def read_plain(self, data: bytes, out: list[Event]) -> bool:  # noqa: ARG002 - a dialect may know a quick way
        """Read one event quickly, if it is a piece of text and nothing else; False if nothing was read."""
        return False

    @abstractmethod
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one event whose JSON was parsed already."""

    def flush(self, out: list[Event]) -> None:
        """The stream is over: give out what was held back."""
        self._prose.flush(out)

    def _picture(self, said: object, out: list[Event]) -> None:
        """Base64, or an address, of an image that the model made."""
        if self._images.take(said, out):
            self.content = True

    def warnings(self) -> tuple[str, ...]:
        """What was odd about the answer's bytes, and what came in place of images."""
        return oddities(self.replaced, self._prose.lone_surrogates) + self._images.warnings()

"""An answer is played to a dialect's reader as the wire plays it, from bytes that are cut wherever one likes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from byom_magics.events import (
    Ended,
    Event,
    ImageMade,
    Opened,
    ReasoningDelta,
    Reclassified,
    Signature,
    TextDelta,
    TokenLogprobs,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.wire import ndjson, sse, verdict
from byom_magics.wire.payload import parse
from byom_magics.wire.refusal import Refusal, refusal_in_body, refusal_of
from byom_magics.wire.verdict import Subject

if TYPE_CHECKING:
    from byom_magics.messages import Image
    from byom_magics.testing.case import Case
    from byom_magics.wire.dialects.dialect import Dialect, Reader

__all__ = ["Outcome", "decoder_of", "play"]

_SUBJECT = Subject("contract", "http://contract.test/v1", served="contract")

Decoder = Union[sse.Decoder, ndjson.Decoder]


@dataclass(frozen=True)
class Outcome:
    """What came of one answer: its events, and what they come to."""

    events: tuple[Event, ...]
    ended: Ended

    @property
    def state(self) -> str:
        """The state, with its reason if it has one."""
        return f"{self.ended.state}({self.ended.reason})" if self.ended.reason else str(self.ended.state)

    @property
    def text(self) -> str:
        """The answer."""
        return self._prose()[0]

    @property
    def reasoning(self) -> str:
        """The reasoning."""
        return self._prose()[1]

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tools asked for, in the order of their index."""
        calls: dict[int, ToolCall] = {}
        for event in self.events:
            if isinstance(event, ToolCallDelta):
                call = calls.get(event.index, ToolCall("", "", ""))
                arguments = call.arguments + event.arguments
                calls[event.index] = ToolCall(call.id or event.id or "", call.name or event.name or "", arguments)
        return tuple(call for _, call in sorted(calls.items()))

    @property
    def usage(self) -> Usage:
        """The last count of tokens."""
        reports = [event.usage for event in self.events if isinstance(event, UsageReport)]
        return reports[-1] if reports else Usage()

    @property
    def served_model(self) -> str | None:
        """The model's name as the server gave it."""
        names = [event.served_model for event in self.events if isinstance(event, Opened)]
        return next((name for name in names if name), None)

    @property
    def signatures(self) -> tuple[Mapping[str, Any], ...]:
        """What the service wants back."""
        return tuple(event.data for event in self.events if isinstance(event, Signature))

    @property
    def logprobs(self) -> tuple[Mapping[str, Any], ...]:
        """The tokens with their log-probabilities."""
        return tuple(token for event in self.events if isinstance(event, TokenLogprobs) for token in event.tokens)

    @property
    def images(self) -> tuple[Image, ...]:
        """The images that the model made."""
        return tuple(event.image for event in self.events if isinstance(event, ImageMade))

    @property
    def words(self) -> str:
        """What the error and the warnings say."""
        return "\n".join([str(self.ended.error or ""), *self.ended.warnings])

    def _prose(self) -> tuple[str, str]:
        text, reasoning = "", ""
        for event in self.events:
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, ReasoningDelta):
                reasoning += event.text
            elif isinstance(event, Reclassified):
                text, reasoning = "", reasoning + text
        return text, reasoning


def decoder_of(dialect: Dialect) -> Decoder:
    """A decoder of the dialect's framing."""
    return ndjson.Decoder() if dialect.framing == "ndjson" else sse.Decoder()


def play(dialect: Dialect, case: Case, pieces: Iterable[bytes] | None = None, *, quickly: bool = True) -> Outcome:
    """
    Read an answer to its end.

    Args:
        dialect: Whose reader reads it.
        case: The answer.
        pieces: Its body in the pieces in which it arrives; in one piece if None.
        quickly: Whether `Reader.read_plain` may read what it can.

    Returns:
        What came of it, as a call would end with it.

    Raises:
        MalformedPayloadError: Something in it is not JSON.
    """
    if case.status >= 400:
        refusal = refusal_in_body(case.body)
        return Outcome((), verdict.status(_SUBJECT, case.status, "", {}, refusal, attempts=1, wait_s=None))
    reader, out = dialect.reader(), list[Event]()
    if case.streamed:
        begun = _read_stream(dialect, reader, [case.body] if pieces is None else pieces, out, quickly=quickly)
    else:
        begun = _read_whole(reader, b"".join([case.body] if pieces is None else pieces), out)
    reader.flush(out)
    return Outcome(tuple(out), _verdict(reader, begun=begun))


def _read_stream(dialect: Dialect, reader: Reader, pieces: Iterable[bytes], out: list[Event], *, quickly: bool) -> bool:
    decoder, begun = decoder_of(dialect), False
    for piece in pieces:
        data = decoder.single(piece)
        if data is not None and begun and quickly and reader.read_plain(data, out):
            continue
        for event in decoder.decode(piece):
            begun = True
            if quickly and event.event == "message" and reader.read_plain(event.data, out):
                continue
            reader.read(event.event, event.data, out)
            if reader.ended or reader.refusal is not None:
                return begun
    if isinstance(decoder, ndjson.Decoder):
        for event in decoder.flush():
            begun = True
            reader.read(event.event, event.data, out)
    return begun


def _read_whole(reader: Reader, body: bytes, out: list[Event]) -> bool:
    payload, _ = parse(body)
    if isinstance(payload, Mapping) and reader.read_whole(payload, out):
        reader.ended = reader.refusal is None
    else:
        reader.refusal = refusal_of(payload) or Refusal("it is no answer")
    return True


def _verdict(reader: Reader, *, begun: bool) -> Ended:
    warnings = reader.warnings()
    if reader.refusal is not None:
        return verdict.refused(_SUBJECT, reader.refusal, attempts=1, warnings=warnings)
    if reader.ended or reader.finish_reason is not None:
        return verdict.finished(_SUBJECT, reader.finish_reason, tools=reader.tools, attempts=1, warnings=warnings)
    if not begun:
        return verdict.empty(_SUBJECT, 200, attempts=1)
    return verdict.unfinished(_SUBJECT, attempts=1, warnings=warnings)

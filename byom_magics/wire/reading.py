"""The reading of one response, from its first byte to what it meant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from byom_magics.errors import OptionError
from byom_magics.events import Cost, Ended, Event, Opened, Progress, Usage, UsageReport
from byom_magics.plain import visible
from byom_magics.wire import ndjson, sse, transforming, verdict
from byom_magics.wire.dialects import openai_chat
from byom_magics.wire.encoding import BodyDecoder, body_decoder
from byom_magics.wire.faults import Fault
from byom_magics.wire.payload import MalformedPayloadError, parse
from byom_magics.wire.refusal import Refusal, page_title, refusal_of
from byom_magics.wire.sse import EventTooLargeError
from byom_magics.wire.timers import GRACE_S, Moments

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Transformer
    from byom_magics.wire.dialects.dialect import Dialect
    from byom_magics.wire.masking import Masking
    from byom_magics.wire.verdict import Subject

__all__ = ["Answer", "Channel", "Connection", "Reading"]

_DRAIN_S = 0.08
_SAMPLE_BYTES = 64 * 1024
_SHOWN = 200
_BOM = b"\xef\xbb\xbf"
_JSON = ("application/json", "text/json")
_JSON_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", *_JSON)
_REQUEST_ID = ("x-request-id", "request-id", "x-generation-id", "apim-request-id", "x-litellm-call-id")


class Connection(Protocol):
    """What an exchange knows of the connection that it uses."""

    moments: Moments
    reused: bool
    read_until: float | None
    stopped: threading.Event

    def begin(self) -> None:
        """A new attempt begins."""

    def let_go(self) -> None:
        """The socket may serve another call."""

    def arrived(self) -> None:
        """Bytes have come (for transports without a socket of ours)."""

    def wait(self, seconds: float) -> bool:
        """Wait between attempts; True if the call was stopped meanwhile."""

    def on_stop(self, tell: Callable[[], None] | None) -> None:
        """Have ``tell`` called when the call is stopped, or at once if it was; None takes it back."""


@dataclass(frozen=True)
class Answer:
    """A response that has begun. Header names are in lower case."""

    status: int
    phrase: str
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    close: Callable[[], None]


@dataclass
class Channel:
    """
    What the parts of an exchange share.

    Attributes:
        subject: Who is called, for messages.
        line: The call's hold on its connection.
        pass_on: Hands over ``out`` and empties it.
        max_event_bytes: The largest event or body that is read.
        foreign: Whether the transport has no socket of ours, so that each chunk is passed on by itself.
        dialect: How the server speaks.
        transformer: The person's own function that changes each chunk before it is read, or None.
        out: Events that are not yet handed over.
        attempt: The number of the attempt.
        masking: Masks keys that the server sends back, if any key was used; the stream applies it.
        tokens: How many the server counted in this attempt, where anybody asks.
        settle: Told how the call ended, before anybody else is; may add to it.
    """

    subject: Subject
    line: Connection
    pass_on: Callable[[list[Event]], None]
    max_event_bytes: int
    foreign: bool = False
    dialect: Dialect = openai_chat.DIALECT
    transformer: Transformer | None = None
    out: list[Event] = field(default_factory=list)
    attempt: int = 1
    masking: Masking | None = None
    tokens: int | None = None
    settle: Callable[[Ended], Ended] = lambda ended: ended

    def progress(self, stage: Literal["connecting", "waiting"], *, at_once: bool = True) -> None:
        """Say what is going on, at once or when the next read has to wait."""
        self.out.append(Progress(stage, self.attempt))
        if at_once:
            self.flush()

    def announce(self, answer: Answer) -> None:
        """Tell the server's id of this request, which its log has too."""
        identity = next((answer.headers[name] for name in _REQUEST_ID if answer.headers.get(name)), None)
        if identity:
            self.out.append(Opened(request_id=visible(identity)[:200]))

    def end(self, ended: Ended) -> None:
        """Say how the call ended, as the last that is said."""
        self.out.append(self.settle(ended))
        self.flush()

    def flush(self) -> None:
        """Hand over what has come."""
        if self.out:
            batch = self.out[:]
            self.out.clear()
            self.pass_on(batch)


class _NoLinesError(ValueError):
    """What came where one JSON object a line was awaited has line ends inside."""


class Reading:
    """
    Reads one successful response into events, the last of which says how it ended.

    Args:
        channel: Where the events go.
        answer: The response.
        remedy: Asked when there is an error where the answer should begin: why to try again at once, or None.
    """

    def __init__(
        self, channel: Channel, answer: Answer, remedy: Callable[[Refusal], str | None] = lambda _: None
    ) -> None:
        self._channel = channel
        self._answer = answer
        self._remedy = remedy
        self._reader = reader = channel.dialect.reader()
        self._read_event: Callable[[str, bytes, list[Event]], None] = reader.read
        self._read_plain: Callable[[bytes, list[Event]], bool] = reader.read_plain
        if channel.transformer is not None:
            self._read_event = transforming.reading(reader, channel.transformer)
            self._read_plain = _never_plain
        self._sample = bytearray()  # the first bytes, for a message or a second look
        self._events = 0
        self._lines = False  # whether each event is a line, and no server-sent event

    def run(self) -> tuple[Ended, str] | None:
        """
        Read to the end; leave the connection fit for the next call where that takes no time.

        Returns:
            None, or why to try again at once, and how the call ends where that cannot be.
        """
        channel = self._channel
        self._announce()
        try:
            ended = self._read()
        except Fault as fault:
            ended = self._broke(fault)
        except EventTooLargeError:
            ended = self._too_large()
        except OptionError as problem:  # the person's own transformer failed
            ended = self._protocol(problem.what, problem.hint or "")
        self._reader.flush(channel.out)
        refusal = self._reader.refusal
        if refusal is not None and channel.line.moments.first_content is None:
            why = self._remedy(refusal)
            if why is not None:
                self._drain()
                return ended, why
        channel.end(ended)
        self._drain()
        return None

    def _announce(self) -> None:
        self._channel.announce(self._answer)
        cost = self._answer.headers.get("x-litellm-response-cost", "").strip()
        if cost and cost.replace(".", "", 1).replace("e-", "", 1).isdigit() and float(cost) > 0:
            self._channel.out.append(UsageReport(Usage(), Cost(float(cost))))

    def _read(self) -> Ended:
        body = body_decoder(self._answer.headers.get("content-encoding"))
        # A proxy may double the header; the first one is the server's.
        mime = self._answer.headers.get("content-type", "").partition(";")[0].partition(",")[0].strip().lower()
        limit = self._channel.max_event_bytes
        if mime == "text/event-stream":
            return self._read_stream(body, sse.Decoder(limit), mime)
        if self._channel.dialect.framing == "ndjson" and mime in _JSON_LINES:
            return self._read_stream(body, ndjson.Decoder(limit), mime)
        return self._read_whole(body, mime)

    def _read_stream(self, body: BodyDecoder | None, decoder: sse.Decoder | ndjson.Decoder, mime: str) -> Ended:
        self._lines = isinstance(decoder, ndjson.Decoder)
        line, flush = self._channel.line, self._channel.flush
        foreign, feed = self._channel.foreign, self._feed
        try:
            for chunk in self._answer.chunks:
                if foreign:
                    line.arrived()
                for piece in body.decode(chunk) if body else (chunk,):
                    problem = feed(decoder, piece)
                    if problem is not None:
                        return problem
                if foreign:
                    flush()
            problem = feed(decoder, b"\n") if self._lines else None  # the last line may have no end of its own
        except _NoLinesError:
            return self._read_whole(body, mime, self._sample)
        if problem is not None:
            return problem
        if not self._events:
            return self._read_sample()
        return self._verdict()

    def _feed(self, decoder: sse.Decoder | ndjson.Decoder, piece: bytes) -> Ended | None:
        """Read one piece of the stream; how the call ended, if it did."""
        reader, out = self._reader, self._channel.out
        data = decoder.single(piece)
        if data is not None and self._events and self._read_plain(data, out):
            moments = self._channel.line.moments
            moments.last_content = time.monotonic()
            if moments.first_content is None:
                self._begin_content()
            return None
        events = decoder.decode(piece)
        if not self._events:
            self._sample += piece[: _SAMPLE_BYTES - len(self._sample)]
        for event, data, _ in events:
            self._events += 1
            try:
                self._read_event(event, data, out)
            except MalformedPayloadError:
                if self._lines and self._events == 1:
                    raise _NoLinesError from None
                return self._not_json(event, data)
            if reader.ended or reader.refusal is not None:
                return self._verdict()
        if reader.content:
            self._note_content()
        line = self._channel.line
        if reader.finish_reason is not None and line.read_until is None:
            # Some servers send neither an end mark nor an end: do not wait for it long.
            line.read_until = time.monotonic() + GRACE_S
        return None

    def _note_content(self) -> None:
        reader, moments = self._reader, self._channel.line.moments
        reader.content = False
        moments.last_content = time.monotonic()
        if moments.first_content is None:
            self._begin_content()

    def _begin_content(self) -> None:
        """The first piece is handed over at once, whatever else has come with it."""
        moments = self._channel.line.moments
        moments.first_content = moments.last_content
        self._channel.flush()

    def _read_whole(self, body: BodyDecoder | None, mime: str, begun: bytes | bytearray = b"") -> Ended:
        """Not a stream: a completion in one piece, an error object, or something that is no answer at all."""
        whole = bytearray(begun)
        is_json = mime in _JSON or mime.endswith("+json")
        cap = self._channel.max_event_bytes if is_json else _SAMPLE_BYTES
        for chunk in self._answer.chunks:
            if self._channel.foreign:
                self._channel.line.arrived()
            for piece in body.decode(chunk) if body else (chunk,):
                whole += piece
            if len(whole) > cap:
                if is_json:
                    raise EventTooLargeError
                break
        data = bytes(whole).removeprefix(_BOM).strip()
        self._sample = bytearray(data[:_SAMPLE_BYTES])
        if not data:
            return verdict.empty(self._channel.subject, self._answer.status, attempts=self._channel.attempt)
        if is_json or _looks_like_html(data):
            return self._read_document(data)
        return self._wrong_mime(mime)

    def _read_sample(self) -> Ended:
        """A stream that held no event: perhaps a whole body under the wrong name."""
        data = bytes(self._sample).strip()
        if data[:1] in (b"{", b"[", b"<"):
            return self._read_document(data)
        return verdict.empty(self._channel.subject, self._answer.status, attempts=self._channel.attempt)

    def _read_document(self, data: bytes) -> Ended:
        if _looks_like_html(data):
            return self._html()
        reader, out = self._reader, self._channel.out
        try:
            payload, reader.replaced = parse(data)
        except MalformedPayloadError:
            return self._not_json("message", data)
        if isinstance(payload, dict):
            if self._channel.transformer is not None and not payload.get("error"):
                payload = transforming.transformed(self._channel.transformer, payload, "response_transformer")
            if reader.read_whole(payload, out):
                reader.ended = reader.refusal is None
                return self._verdict()
        reader.refusal = (
            reader.refusal or refusal_of(payload) or Refusal(visible(data[:_SHOWN].decode("utf-8", "replace")))
        )
        return self._verdict()

    def _verdict(self) -> Ended:
        """How the answer ended, from what the server said in it."""
        reader, channel = self._reader, self._channel
        reader.flush(channel.out)
        if reader.content:
            self._note_content()
        subject, attempts, warnings = channel.subject, channel.attempt, reader.warnings()
        if reader.refusal is not None:
            return verdict.refused(subject, reader.refusal, attempts=attempts, warnings=warnings)
        if reader.ended or reader.finish_reason is not None:
            finish, tools = reader.finish_reason, reader.tools
            return verdict.finished(subject, finish, tools=tools, attempts=attempts, warnings=warnings)
        return verdict.unfinished(subject, attempts=attempts, warnings=warnings)

    def _broke(self, fault: Fault) -> Ended:
        """The way failed in the middle. An answer that the server had called finished stays so."""
        if fault.kind == "broken" and self._reader.finish_reason is not None:
            return self._verdict()
        warnings = self._reader.warnings()
        return verdict.fault(self._channel.subject, fault, attempts=self._channel.attempt, warnings=warnings)

    def _protocol(self, what: str, hint: str) -> Ended:
        channel, warnings = self._channel, self._reader.warnings()
        return verdict.protocol(channel.subject, what, hint, attempts=channel.attempt, warnings=warnings)

    def _too_large(self) -> Ended:
        limit = self._channel.max_event_bytes
        what = f"The server sent a single event of more than {limit:,} bytes."
        return self._protocol(what, f"if that is meant so: %byom_register … --max-event-bytes {limit * 4}")

    def _not_json(self, event: str, data: bytes) -> Ended:
        text = visible(data[: 4 * _SHOWN].decode("utf-8", "replace")).strip()[:_SHOWN]
        if event == "error":
            self._reader.refusal = Refusal(text)
            return self._verdict()
        what = f"The server sent something that is not JSON where the answer should be: {text}"
        return self._protocol(what, "look into the server's log, or that of the proxy before it")

    def _html(self) -> Ended:
        title = visible(page_title(self._sample.decode("utf-8", "replace")))
        what = f"The endpoint returned HTML, not an answer (a proxy or a sign-in page?): {title[:_SHOWN]}"
        hint = "check the address (many end in /v1), and whether a browser must sign in there first"
        return self._protocol(what, hint)

    def _wrong_mime(self, mime: str) -> Ended:
        start = visible(self._sample[: 4 * _SHOWN].decode("utf-8", "replace"))[:_SHOWN]
        named = f"as '{visible(mime)[:100]}'" if mime else "without a content type"
        what = f"The answer came {named} instead of 'text/event-stream' or 'application/json'. It begins: {start}"
        return self._protocol(what, "check the address: --url is the base, such as http://localhost:11434/v1")

    def _drain(self) -> None:
        """Read what is left, if it comes at once: then the next call can use this connection."""
        line = self._channel.line
        line.read_until = end = time.monotonic() + _DRAIN_S
        left = 0
        try:
            for chunk in self._answer.chunks:
                left += len(chunk)
                if self._channel.foreign or left > _SAMPLE_BYTES or time.monotonic() > end:
                    break
        except Fault:
            pass  # the answer is whole; only the connection is lost
        line.let_go()


def _looks_like_html(data: bytes) -> bool:
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<head", b"<body"))


def _never_plain(_data: bytes, _out: list[Event]) -> bool:
    return False

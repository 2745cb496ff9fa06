"""
JSON lines: an incremental decoder over bytes, for services that stream one JSON object a line.

https://github.com/ndjson/ndjson-spec
"""

from __future__ import annotations

from byom_magics.wire.payload import MalformedPayloadError, parse
from byom_magics.wire.sse import EventTooLargeError, ServerSentEvent

__all__ = ["Decoder"]

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r"
# What a gateway that speaks server-sent events to everyone puts around the lines.
_FRAMING = (b":", b"event:", b"id:", b"retry:")


class Decoder:
    """
    Turns chunks of bytes, cut anywhere, into events: one a line, with the name ``message``.

    Blank lines are skipped. A ``data:`` before the JSON is taken away.

    Args:
        max_event_bytes: The longest line, in bytes.
    """

    def __init__(self, max_event_bytes: int = 8 * 1024 * 1024) -> None:
        self._max = max_event_bytes
        self._tail: list[bytes] = []  # pieces of the line that has not ended
        self._tail_bytes = 0
        self._begun = False  # whether the first line, which may start with a BOM, is over

    def decode(self, chunk: bytes) -> list[ServerSentEvent]:
        """
        Feed the next bytes of the stream.

        Returns:
            The events whose lines are complete now.

        Raises:
            EventTooLargeError: A line is longer than ``max_event_bytes``.
        """
        events: list[ServerSentEvent] = []
        lines = chunk.split(b"\n")
        unfinished = lines.pop()
        if lines and self._tail:
            lines[0] = b"".join([*self._tail, lines[0]])
            self._tail.clear()
            self._tail_bytes = 0
        for line in lines:
            self._line(line, events)
        if unfinished:
            self._tail.append(unfinished)
            self._tail_bytes += len(unfinished)
            self._bound(self._tail_bytes)
        return events

    def single(self, chunk: bytes) -> bytes | None:
        """
        Feed the next bytes if they are one whole line that holds an object, as nearly every chunk of every server is.

        Returns:
            The line without its end; None if they are anything else: nothing was fed then.
        """
        if (
            self._begun
            and not self._tail
            and chunk.startswith(b"{")
            and chunk.find(b"\n") == len(chunk) - 1
            and len(chunk) <= self._max
        ):
            return chunk[:-1]
        return None

    def flush(self) -> list[ServerSentEvent]:
        """The stream has ended: give out the last line if it came without a line end, and is no torn object."""
        events: list[ServerSentEvent] = []
        line = b"".join(self._tail)
        self._tail.clear()
        self._tail_bytes = 0
        self._line(line, events)
        return [] if events and _is_torn(events[0].data) else events

    def _line(self, line: bytes, events: list[ServerSentEvent]) -> None:
        self._bound(len(line))
        if not self._begun:
            self._begun = True
            line = line.removeprefix(_BOM)
        line = line.strip(_BLANK)
        if line.startswith(b"data:"):
            line = line[5:].strip(_BLANK)
        if line and not line.startswith(_FRAMING):
            events.append(ServerSentEvent("message", line, ""))

    def _bound(self, length: int) -> None:
        if length > self._max:
            message = f"a line longer than {self._max} bytes"
            raise EventTooLargeError(message)


def _is_torn(line: bytes) -> bool:
    if not line.startswith(b"{"):
        return False
    try:
        parse(line)
    except MalformedPayloadError:
        return True
    return False

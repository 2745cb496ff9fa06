"""
Server-sent events: an incremental decoder for the WHATWG event-stream grammar, over bytes.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Decoder", "EventTooLargeError", "ServerSentEvent"]

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_CR, _LF, _COLON = 13, 10, 58


class EventTooLargeError(ValueError):
    """One event, or one line that has not ended, is larger than the limit."""


class ServerSentEvent(NamedTuple):
    """One event. ``data`` is what the grammar leaves of it: bytes that should be UTF-8."""

    event: str
    data: bytes
    id: str


class Decoder:
    """
    Turns chunks of bytes, cut anywhere, into events.

    Args:
        max_event_bytes: The largest event, and the longest line that has not ended, in bytes.
    """

    def __init__(self, max_event_bytes: int = 8 * 1024 * 1024) -> None:
        self._max = max_event_bytes
        self._tail: list[bytes] = []  # pieces of the line that has not ended
        self._tail_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = ""
        self._id = ""
        self._skip_lf = False  # the last chunk ended in CR: an LF now belongs to it
        self._start: bytes | None = b""  # the first bytes, held until they can be told from a BOM
        self._between = False

    def decode(self, chunk: bytes) -> list[ServerSentEvent]:
        """
        Feed the next bytes of the stream.

        Returns:
            The events that are complete now.

        Raises:
            EventTooLargeError: An event or a line is larger than ``max_event_bytes``.
        """
        data = self.single(chunk)
        return self._decode(chunk) if data is None else [ServerSentEvent("message", data, self._id)]

    def single(self, chunk: bytes) -> bytes | None:
        """
        Feed the next bytes if they are one event of one line, as nearly every chunk of every server is.

        Returns:
            The data of the event, whose name is ``message``; None if they are anything else: nothing was fed then.
        """
        if (
            self._between
            and chunk.startswith(b"data: ")
            and chunk.endswith(b"\n\n")
            and chunk.find(b"\n") == len(chunk) - 2
            and b"\r" not in chunk
            and len(chunk) <= self._max
        ):
            return chunk[6:-2]
        return None

    def flush(self) -> bool:
        """Whether the stream has ended inside an event, which is then lost."""
        tail = b"".join(self._tail)
        return bool(self._data) or (bool(tail) and tail[0] != _COLON)

    def _decode(self, chunk: bytes) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        self._decode_into(chunk, events)
        # Between two events there is no state but the last id.
        self._between = not (self._tail or self._data or self._skip_lf or self._event or self._start is not None)
        return events

    def _decode_into(self, chunk: bytes, events: list[ServerSentEvent]) -> None:
        if self._start is not None:
            chunk = self._without_bom(chunk)
        if self._skip_lf and chunk:
            self._skip_lf = False
            if chunk[0] == _LF:
                chunk = chunk[1:]
        if not chunk:
            return
        if b"\r" in chunk:
            lines = _LINE_END.split(chunk)
            self._skip_lf = chunk[-1] == _CR
        else:
            lines = chunk.split(b"\n")
        unfinished = lines.pop()
        if lines:
            if self._tail:
                lines[0] = b"".join([*self._tail, lines[0]])
                self._tail.clear()
                self._tail_bytes = 0
            for line in lines:
                self._line(line, events)
        if unfinished:
            self._tail.append(unfinished)
            self._tail_bytes += len(unfinished)
            self._bound()

    def _without_bom(self, chunk: bytes) -> bytes:
        first = (self._start or b"") + chunk
        if len(first) < len(_BOM) and _BOM.startswith(first):
            self._start = first
            return b""
        self._start = None
        return first.removeprefix(_BOM)

    def _line(self, line: bytes, events: list[ServerSentEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        if line[0] == _COLON:
            return
        name, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + 1
            self._bound()
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")

    def _dispatch(self, events: list[ServerSentEvent]) -> None:
        if self._data:
            events.append(ServerSentEvent(self._event or "message", b"\n".join(self._data), self._id))
            self._data = []
            self._data_bytes = 0
        self._event = ""

    def _bound(self) -> None:
        if self._tail_bytes + self._data_bytes > self._max:
            message = f"an event larger than {self._max} bytes"
            raise EventTooLargeError(message)

"""The bytes of answers: events of a streamed chat completion, and HTTP around them, right or wrong as a test needs."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def payload(content: object = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One chunk of a chat completion; ``delta`` replaces its delta, the rest is added to it."""
    delta = more.pop("delta", {} if content is None else {"content": content})
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "served", "choices": [choice], **more}


def data(value: object) -> bytes:
    """A server-sent event with a JSON value, or with text as it is."""
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def chunk(content: object = None, finish: str | None = None, **more: Any) -> bytes:
    """One event of a streamed chat completion."""
    return data(payload(content, finish, **more))


def sse(*contents: str, finish: str | None = "stop", done: bool = True) -> bytes:
    """A whole streamed answer."""
    body = b"".join(chunk(content) for content in contents)
    return body + (chunk(finish=finish) if finish else b"") + (DONE if done else b"")


def completion(content: str = "Hello", finish: str | None = "stop", **more: Any) -> bytes:
    """A whole answer that is not streamed."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps(
        {"id": "c1", "object": "chat.completion", "model": "served", "choices": [choice], **more}
    ).encode()


def head(status: str = "200 OK", mime: str | None = "text/event-stream", *lines: str, http: str = "1.1") -> bytes:
    """Status line and headers."""
    all_lines = [f"HTTP/{http} {status}", *([f"Content-Type: {mime}"] if mime else []), *lines]
    return "\r\n".join([*all_lines, "", ""]).encode("latin-1")


CHUNKED = head("200 OK", "text/event-stream", "Transfer-Encoding: chunked")


def frame(*pieces: bytes) -> bytes:
    """HTTP chunks, one for each piece, without the last chunk."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


LAST = b"0\r\n\r\n"


def chunked(*pieces: bytes) -> bytes:
    """A whole chunked response with an event stream."""
    return CHUNKED + frame(*pieces) + LAST


def sized(body: bytes, status: str = "200 OK", mime: str | None = "text/event-stream", *lines: str) -> bytes:
    """A response with Content-Length."""
    return head(status, mime, f"Content-Length: {len(body)}", *lines) + body


def until_close(body: bytes, mime: str | None = "text/event-stream", *lines: str, http: str = "1.1") -> bytes:
    """A response whose body ends where the connection does."""
    return head("200 OK", mime, "Connection: close", *lines, http=http) + body


def refused(status: str, body: object = b"", mime: str = "application/json", *lines: str) -> bytes:
    """A response with an error status."""
    return sized(body if isinstance(body, bytes) else json.dumps(body).encode(), status, mime, *lines)


GOOD = (chunked(sse("Hel", "lo")),)
"""The steps of an answer with which nothing is wrong: its text is Hello."""

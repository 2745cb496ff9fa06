"""A server that speaks all five dialects, and sends back each key that it gets, in every form and place it can."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.wire.answers import data, frame

if TYPE_CHECKING:
    from tests.wire.raw_server import Peer, Request

KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "x-also")
LAST = b"0\r\n\r\n"


def echo(peer: Peer) -> None:
    """Answer the last request of a connection: lists and answers with its key in them, and 401 to the model ``no``."""
    request = next(each for each in reversed(peer.server.requests) if each.peer is peer)
    key = key_of(request.headers)
    said = f"{key} is {quote(key, safe='')} is {base64.b64encode(key.encode()).decode()}"
    if request.line.startswith("GET"):
        body = json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}, {"id": f"m-{key}"}]})
        peer.send(_whole("200 OK", body, key))
    elif _model(request) == "no":
        peer.send(_whole("401 Unauthorized", json.dumps({"error": {"message": f"Not {said}", "code": key}}), key))
    else:
        peer.send(_head(key, "application/x-ndjson" if "/api/chat" in request.line else "text/event-stream"))
        for piece in _pieces(request.line, [said[at : at + 7] for at in range(0, len(said), 7)]):
            peer.send(frame(piece))
        peer.send(LAST)


def key_of(headers: Mapping[str, str]) -> str:
    """The key in a request's headers."""
    return next((headers[name].removeprefix("Bearer ") for name in KEY_HEADERS if name in headers), "no key at all")


def _model(request: Request) -> str:
    named = request.json.get("model") if request.body else None
    return str(named) if named else request.line.partition("/models/")[2].partition(":")[0]


def _head(key: str, mime: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Type: {mime}", f"X-Request-Id: {key}", "Transfer-Encoding: chunked", "", "")
    return "\r\n".join(lines).encode()


def _whole(status: str, body: str, key: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", "Content-Type: application/json", f"X-Request-Id: {key}", f"X-Echo: Bearer {key}")
    return "\r\n".join((*lines, f"Content-Length: {len(body.encode())}", "", body)).encode()


def _pieces(line: str, said: list[str]) -> list[bytes]:
    """An answer in the dialect of the path that was asked."""
    if "/messages" in line:
        return [_named(each) for each in _anthropic(said)]
    if "GenerateContent" in line:
        return [data({"candidates": [each]}) for each in _gemini(said)]
    if "/responses" in line:
        return [_named(each) for each in _responses(said)]
    if "/api/chat" in line:
        lines: list[dict[str, Any]] = [{"message": {"role": "assistant", "content": each}} for each in said]
        return [json.dumps(each).encode() + b"\n" for each in (*lines, {"done": True, "done_reason": "stop"})]
    deltas = [{"choices": [{"index": 0, "delta": {"content": each}}]} for each in said]
    thoughts = [{"choices": [{"index": 0, "delta": {"reasoning_content": each}}]} for each in said]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return [*map(data, (*thoughts, *deltas, end)), b"data: [DONE]\n\n"]


def _named(event: Mapping[str, Any]) -> bytes:
    return f"event: {event['type']}\n".encode() + data(event)


def _anthropic(said: list[str]) -> list[dict[str, Any]]:
    message = {"id": "1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": {}}
    texts = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": each}} for each in said
    ]
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *texts,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]


def _gemini(said: list[str]) -> list[dict[str, Any]]:
    texts: list[dict[str, Any]] = [{"content": {"role": "model", "parts": [{"text": each}]}} for each in said]
    return [*texts, {"content": {"parts": [{"text": ""}]}, "finishReason": "STOP"}]


def _responses(said: list[str]) -> list[dict[str, Any]]:
    place = {"item_id": "i", "output_index": 0, "content_index": 0}
    item = {"id": "i", "type": "message", "role": "assistant", "content": []}
    text = "".join(said)
    done = {**item, "content": [{"type": "output_text", "text": text}]}
    return [
        {"type": "response.created", "response": {"id": "r", "model": "m", "status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *({"type": "response.output_text.delta", "delta": each, **place} for each in said),
        {"type": "response.output_item.done", "output_index": 0, "item": done},
        {"type": "response.completed", "response": {"id": "r", "model": "m", "status": "completed", "output": [done]}},
    ]

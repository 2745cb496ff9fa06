"""Answers of the Responses API, made event by event."""

from __future__ import annotations

import json
from typing import Any


def stream(*events: dict[str, Any], named: bool = True, escaped: bool = False) -> bytes:
    """A stream in the shape that OpenAI sends, where each event is named twice."""
    lines = []
    for number, event in enumerate(events):
        name = f"event: {event['type']}\n" if named and "type" in event else ""
        lines.append(f"{name}data: {json.dumps({**event, 'sequence_number': number}, ensure_ascii=escaped)}\n\n")
    return "".join(lines).encode()


def begun(**more: Any) -> dict[str, Any]:
    response = {"id": "resp_1", "object": "response", "status": "in_progress", "model": "gpt-x-2026", "output": []}
    return {"type": "response.created", "response": {**response, **more}}


def done(status: str = "completed", *output: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = {"id": "resp_1", "object": "response", "status": status, "model": "gpt-x-2026", "output": list(output)}
    return {"type": f"response.{status}", "response": {**response, **more}}


def added(item: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": at, "item": item}


def finished(item: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": at, "item": item}


def delta(text: str, at: int = 0, kind: str = "output_text", **more: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "item_id": f"item_{at}", "output_index": at, "delta": text, **more}


def whole(text: str, at: int = 0, kind: str = "output_text", field: str = "text") -> dict[str, Any]:
    return {"type": f"response.{kind}.done", "item_id": f"item_{at}", "output_index": at, field: text}


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "item_0", "role": "assistant", "status": "completed", "content": [part]}


def reasoning(at: int = 0, *summary: str, sealed: str | None = None) -> dict[str, Any]:
    parts = [{"type": "summary_text", "text": text} for text in summary]
    return {"type": "reasoning", "id": f"item_{at}", "summary": parts, "encrypted_content": sealed}


def call(at: int, name: str, arguments: str, identity: str | None = None) -> dict[str, Any]:
    identity = f"call_{at}" if identity is None else identity
    given = {"type": "function_call", "id": f"item_{at}", "call_id": identity, "name": name, "arguments": arguments}
    return {**given, "status": "completed"}


def picture(data: str | None) -> dict[str, Any]:
    given = {"type": "image_generation_call", "id": "item_0", "output_format": "png", "result": data}
    return {**given, "status": "completed" if data else "in_progress"}

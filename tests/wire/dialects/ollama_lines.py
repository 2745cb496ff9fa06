"""Answers of Ollama's own API, made line by line."""

from __future__ import annotations

import json
from typing import Any

from byom_magics.events import Usage

COUNTS = {"total_duration": 5, "prompt_eval_count": 26, "prompt_eval_duration": 2, "eval_count": 8, "eval_duration": 3}
USAGE = Usage(26, 8, 34)
NOW = "2026-08-08T20:21:43.127749Z"


def line(content: str = "", **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    return {"model": "llama3.2", "created_at": NOW, "message": said, "done": False}


def last(reason: str | None = "stop", **more: Any) -> dict[str, Any]:
    return {**line(), "done": True, **({"done_reason": reason} if reason else {}), **COUNTS, **more}


def lines(*objects: dict[str, Any], escaped: bool = False) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=escaped) + "\n" for each in objects).encode()


def call(name: str, arguments: object, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **more}

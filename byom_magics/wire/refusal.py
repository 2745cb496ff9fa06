"""
A server's own words when it says no, from the many shapes in which servers say it.

Shapes: OpenAI ``{"error": {message, type, code}}``, a string under ``error`` (vLLM, mlx_lm, transformers, xAI),
FastAPI's ``detail``, Mistral's flat ``{"object": "error", message}``, Cohere's ``message``, Gemini's list of one,
Anthropic's ``{"type": "error", "error": …}``, plain text, and HTML pages of proxies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from byom_magics.catalog.secrets import mask
from byom_magics.plain import visible
from byom_magics.wire.payload import MalformedPayloadError, parse
from byom_magics.wire.sse import Decoder

__all__ = ["Refusal", "refusal_in_body", "refusal_of"]

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_NOT_SHOWN = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_LONGEST = 2000


@dataclass(frozen=True)
class Refusal:
    """What the server said: its message; its type and code, and the field that it names, if it gave them."""

    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        detail = ", ".join(part for part in (self.type, self.code) if part and part not in self.message)
        return f"{self.message} ({detail})" if detail else self.message


def refusal_of(payload: object) -> Refusal | None:
    """The refusal in a JSON value that came in place of an answer; None if it holds none."""
    if isinstance(payload, list):
        # Lists in lists are no refusal, and may be nested deeper than we can go.
        inside = (each for each in payload[:5] if not isinstance(each, list))
        return next((found for found in map(refusal_of, inside) if found), None)
    if isinstance(payload, str):
        return Refusal(_words(payload)) if payload.strip() else None
    if not isinstance(payload, Mapping):
        return None
    error = payload.get("error")
    if isinstance(error, Mapping):
        return _from_object(error, payload)
    if error and error is not True:
        return Refusal(_words(error), _word(payload.get("type")), _word(payload.get("code")))
    for name in ("detail", "message", "errors", "msg", "title"):
        if payload.get(name):
            return _from_value(payload[name], payload)
    return Refusal("it gave no words") if error else None


def refusal_in_body(body: bytes) -> Refusal | None:
    """The refusal in the body of a response, whatever its content type claims; None if it is empty."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return None
    try:
        found = refusal_of(parse(body.strip())[0])
        return found or Refusal(_words(text))
    except MalformedPayloadError:
        pass
    if text.startswith(("data:", "event:", "id:", ":")):
        for event in Decoder().decode(body + b"\n\n"):
            found = refusal_in_body(event.data)
            if found and found.message != "[DONE]":
                return found
    if text.startswith("<"):
        return Refusal(_words(page_title(text)))
    return Refusal(_words(text))


def page_title(html: str) -> str:
    """What an HTML page is about: its title, or the beginning of its text."""
    title = _TITLE.search(html[:20_000])
    text = title.group(1) if title else _NOT_SHOWN.sub(" ", html[:20_000])
    return " ".join(unescape(text).split())[:300]


def _from_object(error: Mapping[str, Any], payload: Mapping[str, Any]) -> Refusal:
    # OpenRouter puts the provider's own words under metadata, Groq the failed text beside the message.
    message = error.get("message") or error.get("detail") or error.get("msg") or payload.get("message") or dict(error)
    kind = error.get("type") or error.get("status")
    return Refusal(_words(message), _word(kind), _word(error.get("code")), _word(error.get("param")))


def _from_value(value: object, payload: Mapping[str, Any]) -> Refusal:
    if isinstance(value, Mapping) and value.get("message"):
        kind = value.get("error_code") or value.get("type") or payload.get("type")
        return Refusal(_words(value["message"]), _word(kind), _word(value.get("code")))
    return Refusal(_words(value), _word(payload.get("type")), _word(payload.get("code")), _word(payload.get("param")))


def _words(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(item, Mapping) and item.get("msg") for item in value):
        # FastAPI's list of what is wrong with which field.
        value = "; ".join(f"{'.'.join(map(str, item.get('loc') or ()))}: {item['msg']}" for item in value)
    if not isinstance(value, str):
        try:
            value = json.dumps(value, ensure_ascii=False, default=str)
        except RecursionError:
            value = "words that are nested too deep to be read"
    text = visible(mask(value.strip()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text) - _LONGEST} more characters)"


def _word(value: object) -> str | None:
    return None if value is None or value == "" else visible(mask(str(value)))[:100]

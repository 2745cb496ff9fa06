"""JSON as servers really send it: fast when it is well-formed, forgiving where nothing is lost by it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

__all__ = ["MalformedPayloadError", "parse"]

_decode = msgspec.json.Decoder().decode


class MalformedPayloadError(ValueError):
    """The bytes are not JSON, or are nested too deep."""


def parse(data: bytes) -> tuple[Any, int]:
    """
    Read one JSON value.

    Returns:
        The value, and how many characters were replaced by U+FFFD because their bytes were not UTF-8.
        Strings may hold lone surrogates if the server escaped them so.

    Raises:
        MalformedPayloadError: It is not JSON.
    """
    try:
        return _decode(data), 0
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _parse_slowly(data)
    except RecursionError:
        message = "JSON nested too deep"
        raise MalformedPayloadError(message) from None


def _parse_slowly(data: bytes) -> tuple[Any, int]:
    # msgspec is strict on UTF-8, on lone surrogates and on control characters in strings.
    text = data.decode("utf-8", "replace")
    replaced = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    try:
        return json.loads(text, strict=False), replaced
    except (ValueError, RecursionError):
        message = "not JSON"
        raise MalformedPayloadError(message) from None

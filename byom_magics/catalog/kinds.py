"""Kinds of values that a configuration file may hold: in words, as a test, and as JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from byom_magics.catalog import checks

__all__ = [
    "FLAG",
    "HEADERS",
    "LINE",
    "LINES",
    "MODEL_KEY",
    "NETWORKS",
    "NUMBER",
    "OBJECT",
    "PORTS",
    "PROSE",
    "REFERENCE",
    "SHARE",
    "TEXTS",
    "TIMER",
    "Kind",
    "choice",
    "described",
    "whole",
]

_LONGEST = 100_000  # characters of one text
_DEEPEST = 30  # objects in objects
_KEY = r"^[^\s\-%{}'\"`$\\][^\s{}'\"`$\\]{0,199}$"
_NETWORK = r"^[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*(/[0-9]{1,3})?$"
_WORDS = r"[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f][^\u0000-\u001f\u007f]*"
_LINE = f"^{_WORDS}$"
_REFERENCE = rf"^(ask|env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^\u0000-\u0020\u007f]{{1,200}}|(file|command):{_WORDS})$"


@dataclass(frozen=True)
class Kind:
    """
    A kind of value.

    Attributes:
        wanted: What it is, in words that follow "wanted".
        fits: Whether a value is of this kind.
        schema: The same as JSON Schema.
        secret: Whether a value that does not fit may be a key itself, which is never repeated.
    """

    wanted: str
    fits: Callable[[Any], bool] = field(compare=False)
    schema: Mapping[str, Any] = field(compare=False)
    secret: bool = False


def described(value: object) -> str:
    """What a value is, without repeating it: it may be a key that was put in the wrong place."""
    if isinstance(value, Mapping):
        return "a table"
    names = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", list: "a list"}
    return names.get(type(value), "nothing" if value is None else "a date or a time")


def choice(*words: str) -> Kind:
    """One of these words."""
    wanted = " or ".join(f'"{word}"' for word in words)
    return Kind(wanted, lambda value: isinstance(value, str) and value in words, {"enum": list(words)})


def whole(least: int) -> Kind:
    """A whole number of ``least`` or more."""
    return Kind(
        f"a whole number of {least} or more",
        lambda value: _is_whole(value) and value >= least,
        {"type": "integer", "minimum": least},
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -math.inf < value < math.inf


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def _matches(pattern: str) -> Callable[[object], bool]:
    # What JSON Schema knows by \u0000, Python's re knows too; its $ also matches before a last line end.
    compiled = re.compile(pattern.removesuffix("$") + r"\Z")
    return lambda value: isinstance(value, str) and len(value) <= _LONGEST and compiled.search(value) is not None


def _all(fits: Callable[[Any], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_headers(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(name) and _is_text(text) for name, text in value.items())


def _is_json(value: object, depth: int = 0) -> bool:
    if isinstance(value, dict):
        return depth < _DEEPEST and all(_is_text(name) and _is_json(each, depth + 1) for name, each in value.items())
    if isinstance(value, list):
        return depth < _DEEPEST and all(_is_json(each, depth + 1) for each in value)
    return value is None or isinstance(value, bool) or _is_number(value) or _is_text(value)


def _is_network(value: object) -> bool:
    import ipaddress  # noqa: PLC0415 - only a file with a policy needs it

    try:
        ipaddress.ip_network(value if isinstance(value, str) else "", strict=False)
    except ValueError:
        return False
    return True


def _is_reference(value: object) -> bool:
    if isinstance(value, list):
        return len(value) > 1 and value[0] == "command:" and all(map(_is_text, value))
    return _reference(value)


_reference = _matches(_REFERENCE)
_is_line = _matches(_LINE)
_line_schema = {"type": "string", "pattern": _LINE, "maxLength": _LONGEST}
_prose_schema = {"type": "string", "maxLength": _LONGEST}

LINE = Kind("a text of one line", _is_line, _line_schema)
PROSE = Kind("a text", _is_text, _prose_schema)
LINES = Kind("a list of texts of one line", _all(_is_line), {"type": "array", "items": _line_schema})
TEXTS = Kind(
    "a text, or a list of texts",
    lambda value: _is_text(value) or _all(_is_text)(value),
    {"anyOf": [_prose_schema, {"type": "array", "items": _prose_schema}]},
)
FLAG = Kind("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
SHARE = Kind(
    "a number from 0 to 1",
    lambda value: _is_number(value) and 0 <= value <= 1,
    {"type": "number", "minimum": 0, "maximum": 1},
)
NUMBER = Kind("a number of 0 or more", lambda value: _is_number(value) and value >= 0, {"type": "number", "minimum": 0})
TIMER = Kind(
    'a number of seconds above 0, or "off"',
    lambda value: value == "off" or (_is_number(value) and value > 0),
    {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"const": "off"}]},
)
HEADERS = Kind("a table of names and texts", _is_headers, {"type": "object", "additionalProperties": _prose_schema})
OBJECT = Kind(
    "a table of what JSON can say, not too deep (no dates)",
    lambda value: isinstance(value, dict) and _is_json(value),
    {"type": "object"},
)
PORTS = Kind(
    "a list of ports (1 to 65535)",
    _all(lambda value: _is_whole(value) and 0 < value < 65536),
    {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 65535}},
)
NETWORKS = Kind(
    'a list of networks such as "10.0.0.0/8"',
    _all(_is_network),
    {"type": "array", "items": {"type": "string", "pattern": _NETWORK}},
)
REFERENCE = Kind(
    'where the key is: "env:NAME", "keyring:NAME", "file:PATH", ["command:", "PROGRAM", …] or "ask"',
    _is_reference,
    {
        "anyOf": [
            {"type": "string", "pattern": _REFERENCE, "maxLength": _LONGEST},
            {"type": "array", "prefixItems": [{"const": "command:"}], "items": _prose_schema, "minItems": 2},
        ]
    },
    secret=True,
)
MODEL_KEY = Kind(
    "one word without blanks, quotes, braces, '$' or backslashes, and no '-' or '%' in front",
    checks.word,
    {"type": "string", "pattern": _KEY},
)

"""How the values of options are read from the text of a line; each raises `ValueError` with what was wanted."""

from __future__ import annotations

import json
import keyword
import math
from collections.abc import Callable
from typing import Any

from byom_magics.catalog.spec import Capabilities, Timeouts

__all__ = [
    "capabilities",
    "count",
    "effort",
    "field",
    "header",
    "names",
    "number",
    "part",
    "quirk",
    "seconds",
    "stop",
    "timers",
    "variable",
    "whole",
]

_EFFORTS = ("none", "low", "medium", "high")


def number(text: str) -> float:
    """A number of 0 or more."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        message = "a number of 0 or more"
        raise ValueError(message)
    return number


def whole(text: str) -> int:
    """A whole number; underscores may group its digits."""
    try:
        return int(text.replace("_", ""))
    except ValueError:
        message = "a whole number"
        raise ValueError(message) from None


def seconds(text: str) -> float:
    """A time above 0."""
    given = number(text)
    if given == 0:
        message = "seconds above 0"
        raise ValueError(message)
    return given


def timers(text: str) -> dict[str, float | None]:
    """Timers in seconds by name, such as ``first_byte=60,idle=30``; None for those that are switched off."""
    timers: dict[str, float | None] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or name not in Timeouts.names():
            message = f"NAME=SECONDS, several with commas; the names are {', '.join(Timeouts.names())}"
            raise ValueError(message)
        timers[name] = None if value.strip().lower() in ("none", "off") else seconds(value.strip())
    return timers


def field(text: str) -> tuple[str, Any]:
    """A field of a request with its value: JSON, or else the text as it is."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        message = "KEY=VALUE, the value as JSON or as plain text"
        raise ValueError(message)
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError):
        return name.strip(), value


def header(text: str) -> tuple[str, str]:
    """A header, as its name and its value."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        message = "'NAME: VALUE', in quotes, such as 'X-Tenant: a' or 'X-Key: env:NAME'"
        raise ValueError(message)
    return name.strip(), value.strip()


def variable(text: str) -> str:
    """The name of a variable."""
    if not text.isidentifier() or keyword.iskeyword(text):
        message = "the name of a variable"
        raise ValueError(message)
    return text


def stop(text: str) -> str:
    """A text with its line ends and tabs written as escapes."""
    # A line end cannot be typed on a magic's line.
    return text.replace("\\n", "\n").replace("\\t", "\t")


def capabilities(text: str) -> dict[str, bool]:
    """Flags such as ``tools,no_attachments``."""
    names = [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]
    flags = {name.removeprefix("no_"): not name.startswith("no_") for name in names}
    if not flags or not set(flags) <= set(Capabilities.names()):
        message = f"any of {', '.join(Capabilities.names())}, with commas; no_ in front says that it cannot"
        raise ValueError(message)
    return flags


def part(name: str, read: Callable[[str], Any] = str) -> Callable[[str], dict[str, Any]]:
    """One value of those that make up another, such as the file of ``--ca`` in ``tls``."""
    return lambda text: {name: read(text)}


def quirk(text: str) -> dict[str, Any]:
    """One quirk with its value."""
    name, value = field(text)
    return {name: value}


def count(text: str) -> int:
    """A whole number of 1 or more."""
    given = whole(text)
    if given < 1:
        message = "a whole number of 1 or more"
        raise ValueError(message)
    return given


def names(text: str) -> list[str]:
    """Names with commas between them."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        message = "names, with commas between them"
        raise ValueError(message)
    return found


def effort(text: str) -> str | int:
    """How much to reason: a word, or a number of tokens."""
    if text in _EFFORTS:
        return text
    try:
        given = whole(text)
    except ValueError:
        given = -1
    if given < 0:
        message = f"{', '.join(_EFFORTS)}, or a number of tokens"
        raise ValueError(message)
    return given

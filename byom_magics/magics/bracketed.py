"""Options in brackets behind a word, ``A[temperature=0,system="Be brief, please."]``: where they end, what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Given", "closing", "pairs", "unquoted", "values"]

_QUOTES = "'\""
_NAME = re.compile(r"\s*([^=,\s'\"]+)\s*=\s*")
# In a text without quotes a comma belongs to the text, unless another NAME=VALUE follows it.
_NEXT = re.compile(r'"(?:\\.|[^"\\])*"|(?P<comma>,)\s*(?=[A-Za-z_][\w.-]*\s*=)')
_FORM = "write them as NAME=VALUE with commas between: A[temperature=0,seed=1]"


class Given(NamedTuple):
    """One option as it is written: its name, the text of its value, and whether that stood in quotes."""

    name: str
    text: str
    quoted: bool = False


def closing(line: str, start: int) -> int | None:
    """
    Find the end of what begins with a bracket; brackets in quotes and in JSON are part of a value.

    Args:
        line: The line.
        start: Where the bracket stands.

    Returns:
        Where its counterpart stands; None if there is none.
    """
    depth, at = 0, start
    while at < len(line):
        letter = line[at]
        if letter == '"' or (letter in "'[{" and line[:at].rstrip().endswith("=")):
            end = _end(line, at)
            if end is not None:
                at = end
                continue
        depth += (letter == "[") - (letter == "]")
        if letter == "]" and not depth:
            return at
        at += 1
    return None


def pairs(inside: str) -> Iterator[Given]:
    r"""
    Read what stands in brackets.

    A value in quotes is all between them, ``\"`` and ``\\`` being what they escape; one that begins with ``[`` or ``{``
    may be JSON; any other goes to the next comma with a NAME= behind it.

    Raises:
        ValueError: It cannot be read: with what is wrong, and the next step.
    """
    at = 0
    while True:
        found = _NAME.match(inside, at)
        if found is None:
            raise ValueError("it has no NAME=VALUE where one is expected", _FORM)
        at = found.end()
        quoted = inside[at : at + 1] in tuple(_QUOTES)
        end = _end(inside, at) if inside[at : at + 1] in tuple("'\"[{") else None
        if quoted and end is None:
            other = '"' if inside[at] == "'" else "'"
            hint = f"close it, or put the whole value into the other kind: {found[1]}={other}…{other}"
            raise ValueError(f"a quote behind {found[1]}= is not closed", hint)
        if quoted and end is not None and _behind(inside, end):
            hint = f"end the value with its quote, and write \\{inside[at]} for one within it"
            raise ValueError(f"something follows the value in quotes of {found[1]}", hint)
        if end is None or _behind(inside, end):
            end = next((each.start() for each in _NEXT.finditer(inside, at) if each["comma"]), len(inside))
        text = inside[at:end].strip()
        yield Given(found[1], unquoted(text) if quoted else text, quoted)
        at = end
        while inside[at : at + 1].isspace():
            at += 1
        if at >= len(inside):
            return
        at += 1  # the comma


def values(text: str) -> list[Given]:
    """
    Split values at the commas between them; those in quotes or in JSON may have commas of their own.

    Raises:
        ValueError: A quote is not closed, or something follows it.
    """
    found: list[Given] = []
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] == ",":
            at += 1
            continue
        end = _end(text, at) if text[at] in "'\"[{" else None
        quoted = text[at] in _QUOTES and end is not None and not _behind(text, end)
        if end is None or _behind(text, end):
            comma = text.find(",", at)
            end = len(text) if comma < 0 else comma
        value = text[at:end].strip()
        found.append(Given("", unquoted(value) if quoted else value, quoted))
        at = end
    return found


def unquoted(text: str) -> str:
    """What stands in quotes, without them and with its escapes undone."""
    return re.sub(rf"\\([{text[0]}\\])", r"\1", text[1:-1])


def _end(text: str, start: int) -> int | None:
    """Where a value that begins with a quote or as JSON has ended; None if it has not, or is no JSON."""
    if text[start] not in _QUOTES:
        try:
            return json.JSONDecoder().raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            return None
    at = start + 1
    while at < len(text) and text[at] != text[start]:
        at += 2 if text[at] == "\\" else 1
    return at + 1 if at < len(text) else None


def _behind(text: str, end: int) -> bool:
    """Whether something else than a comma stands behind a value."""
    return text[end:].lstrip()[:1] not in ("", ",")

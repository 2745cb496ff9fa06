"""
JSON that a model wrote, read with every bound that a hostile text needs.

Its length, its nesting and the digits of its numbers are bounded, and what JSON forbids or leaves open is refused:
NaN and infinities, a name that stands twice in one object, halves of characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from byom_magics.plain import bounded, one_line, visible

__all__ = ["LONGEST", "JsonProblem", "path_of", "read_json"]

LONGEST = 2_000_000
"""How many characters are read at most; the longest answers of any model are a quarter of that."""

_DEEPEST = 100  # arrays and objects inside one another
_MOST_DIGITS = 1_000
_LONGEST_NAME = 10_000

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_STRING = re.compile(r'"[^"]*(?:"|\Z)')
_BRACKETS = re.compile(r"[\[{]+|[\]}]+")
_PLAIN_NAME = re.compile(r"[^\W\d]\w*\Z")


class JsonProblem(ValueError):  # noqa: N818 - it tells what a text is
    """A text is no JSON, or has something in it that nobody should read."""


def read_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """
    The value of a JSON text.

    Raises:
        JsonProblem: It is no JSON, or beyond a bound; the message says what and where.
    """
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise JsonProblem("it is empty")
    if len(text) > LONGEST:
        raise JsonProblem(f"it is longer than {LONGEST:,} characters")
    if _deeper(text, _DEEPEST):
        raise JsonProblem(f"it is nested deeper than {_DEEPEST} levels")
    try:
        value = _decoder().decode(text)
    except json.JSONDecodeError as problem:
        raise JsonProblem(_words(problem, text)) from None
    except RecursionError:
        raise JsonProblem("it is nested too deep") from None
    _refuse_halves(value)
    return value


def path_of(steps: Iterable[str | int]) -> str:
    """Where a value is, such as ``countries[2].population``; an empty text for the value as a whole."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN_NAME.match(step) and len(step) <= 60:
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(one_line(step, 60), ensure_ascii=False)}]"
    return bounded(path, 200)


def _deeper(text: str, limit: int) -> bool:
    """Whether brackets stand inside one another more than so often; told without reading the text as JSON."""
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for run in _BRACKETS.finditer(_STRING.sub("", _ESCAPED.sub("", text))):
        size = run.end() - run.start()
        depth += size if run.group()[0] in "[{" else -size
        if depth > limit:
            return True
    return False


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise JsonProblem(f"the name '{one_line(twice, 60)}' stands twice in one object")
    if any(len(name) > _LONGEST_NAME for name in made):
        raise JsonProblem(f"it has a name of more than {_LONGEST_NAME:,} characters")
    return made


def _whole(digits: str) -> int:
    _refuse_long(digits)
    return int(digits)


def _fraction(digits: str) -> float:
    _refuse_long(digits)
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise JsonProblem(f"the number {one_line(digits, 40)} is too large")
    return value


def _refuse_long(digits: str) -> None:
    if len(digits) > _MOST_DIGITS:
        raise JsonProblem(f"it has a number of {len(digits):,} digits")


def _no_constant(name: str) -> NoReturn:
    raise JsonProblem(f"{name} is no JSON")


def _refuse_halves(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise JsonProblem("it has half of a character in it (a lone surrogate)") from None


def _words(problem: json.JSONDecodeError, text: str) -> str:
    if problem.pos == 0:
        return f"it is no JSON; it begins with '{one_line(text, 60)}'"
    place = f"line {problem.lineno}, column {problem.colno}"
    if problem.pos >= len(text) or problem.msg.startswith("Unterminated"):
        return f"it is no whole JSON: it breaks off at {place}"
    return f"it is no JSON: {visible(problem.msg)} at {place}"

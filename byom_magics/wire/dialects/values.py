"""What stands at a place in a server's JSON, if it is what belongs there: servers also send what does not."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

__all__ = ["arguments_of", "as_json", "count_of", "list_of", "mapping_of", "object_of", "text_of"]

# Beyond it a count is none, and a float of it is no longer exact.
_LARGEST = 2**53
# What is nested deeper cannot be trusted to be written again inside a body.
_DEEPEST = 100


def text_of(value: object) -> str | None:
    """A text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def count_of(value: object) -> int | None:
    """A count of something, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST else None


def mapping_of(value: object) -> Mapping[str, Any]:
    """An object, empty if there is none."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: object) -> list[Any]:
    """A list, empty if there is none."""
    return value if isinstance(value, list) else []


def object_of(text: str, name: str = "arguments") -> dict[str, Any]:
    """
    A JSON text as the object that it has to be; anything else becomes its only field, of that name.

    What no service could read again (NaN, numbers without an end, 100 levels) counts as text.
    """
    try:
        found = json.loads(text, parse_float=_finite, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {name: text}
    if not _is_flat(found):
        return {name: text}
    return found if isinstance(found, dict) else {name: found}


def arguments_of(text: str) -> str:
    """The arguments of a call as the JSON text of an object: as the model wrote it, if it is one."""
    if not text.strip():
        return "{}"
    found = object_of(text)
    return text if text.lstrip().startswith("{") and found != {"arguments": text} else as_json(found)


def as_json(value: object) -> str:
    """A value that came out of JSON as JSON again; an empty object if it is nested too deep for that."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):
        return "{}"


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _is_flat(value: object) -> bool:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            return False
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return True

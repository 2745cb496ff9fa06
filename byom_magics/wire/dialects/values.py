"""What stands at a place in a server's JSON, if it is what belongs there: servers also send what does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["as_json", "count_of", "list_of", "mapping_of", "object_of", "text_of"]

# Beyond it a count is none, and a float of it is no longer exact.
_LARGEST = 2**53


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
    """A JSON text as the object that it has to be; anything else becomes its only field, of that name."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {name: text}
    return found if isinstance(found, dict) else {name: found}


def as_json(value: object) -> str:
    """A value that came out of JSON as JSON again; an empty object if it is nested too deep for that."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):
        return "{}"

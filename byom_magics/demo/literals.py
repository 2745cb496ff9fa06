"""Values that a text spells out: JSON, or a number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from byom_magics.demo.mentions import Mentions, number_of

__all__ = ["json_or_text", "jsons", "number_in"]

_OPENS = re.compile(r"[\[{]")
_MOST = 20


def number_in(text: str) -> float | None:
    """The number that a result says; None if it says none or several."""
    numbers = Mentions(text).of("number")
    return number_of(numbers[0].text) if len(numbers) == 1 else None


def jsons(text: str) -> Iterator[Any]:
    """The JSON arrays and objects that stand in a text."""
    decoder = json.JSONDecoder()
    start = 0
    for _ in range(_MOST):
        found = _OPENS.search(text, start)
        if found is None:
            return
        try:
            value, start = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            start = found.start() + 1
        else:
            yield value


def json_or_text(text: str) -> Any:  # noqa: ANN401 - JSON
    """A text as the JSON that it is, or itself if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text

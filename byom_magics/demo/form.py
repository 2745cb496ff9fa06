"""The form that an answer has to have: JSON, and mostly JSON that is valid against a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from byom_magics.demo.fields import Fields, RequestError, kind
from byom_magics.demo.tokens import split

__all__ = ["Form", "read_form", "worded_form"]

_FORMATS = ("text", "json_object", "json_schema")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_IN_WORDS = re.compile(r"\bJSON[ -]Schema\b", re.IGNORECASE)
_IS_A_SCHEMA = frozenset({"properties", "type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
_READ = 200_000
_MOST_TRIES = 50


@dataclass(frozen=True)
class Form:
    """The form of an answer. Without a schema any JSON object will do. ``tokens`` is its own length."""

    name: str = "answer"
    schema: Mapping[str, Any] | bool | None = None
    tokens: int = 0


def read_form(fields: Fields) -> Form | None:
    """
    Read ``response_format``.

    Returns:
        The form, or None for text.

    Raises:
        RequestError: It cannot be used as it is.
    """
    if fields.fields.get("response_format") is None:
        return None
    given = fields.object("response_format")
    wanted = given.text("type")
    if wanted not in _FORMATS:
        names = ", ".join(f"'{each}'" for each in _FORMATS[:-1])
        message = f"Invalid value: '{wanted}'. Supported values are: {names}, and '{_FORMATS[-1]}'."
        raise RequestError(400, message, param="response_format.type", code="invalid_value")
    if wanted == "text":
        return None
    if wanted == "json_object":
        return Form()
    shape = given.object("json_schema")
    name = shape.text("name")
    if not _NAME.fullmatch(name):
        message = (
            f"Invalid '{shape.path}name': string does not match pattern. Expected a string that matches the pattern "
            "'^[a-zA-Z0-9_-]{1,64}$'."
        )
        raise RequestError(400, message, param=f"{shape.path}name", code="invalid_value")
    schema = shape.fields.get("schema")
    if schema is None:
        return Form(name)
    if not isinstance(schema, (dict, bool)):
        shape.refuse("schema", f"must be a JSON Schema, which is an object, not {kind(schema)}")
    return Form(name, schema, len(split(json.dumps(schema, ensure_ascii=False))))


def worded_form(texts: Iterable[str], *, sure: bool = False) -> Form | None:
    """
    The form that is asked for in words: a JSON Schema that stands in a text.

    Args:
        texts: Where to look, the likeliest place first.
        sure: Whether JSON is wanted anyway; else the words "JSON Schema" have to stand before the schema.
    """
    for text in (each[:_READ] for each in texts):
        said = _IN_WORDS.search(text)
        if said or sure:
            found = _schema(text, said.end() if said else 0)
            if found is not None:
                return Form(schema=found)
    return None


def _schema(text: str, start: int) -> dict[str, Any] | None:
    decoder = json.JSONDecoder()
    for _ in range(_MOST_TRIES):
        start = text.find("{", start)
        if start < 0:
            return None
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start += 1
            continue
        if not _IS_A_SCHEMA.isdisjoint(found):
            return dict(found)
        start = end
    return None

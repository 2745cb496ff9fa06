"""The shape of an answer, asked for in words where a service has no field for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from byom_magics.messages import Message

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Quirks
    from byom_magics.messages import Call, Schema

__all__ = ["in_words", "instructions"]


def instructions(schema: Schema) -> str:
    """The words that ask for an answer of that shape where the service has no field for it, or half of one."""
    shape = json.dumps(schema.schema, ensure_ascii=False, default=str)
    return (
        "Answer with one JSON value and nothing else: no words before or after it, no code fence. "
        f"It must be valid against this JSON Schema:\n{shape}"
    )


def in_words(call: Call, quirks: Quirks) -> Call:
    """
    The call for a dialect that has one field for schemas: as it is where the server takes that, by `Quirks.schema`.

    Elsewhere the schema becomes a system message, behind those that come first.
    """
    if call.schema is None or quirks.schema == "json_schema":
        return call
    messages = call.messages
    first = next((at for at, message in enumerate(messages) if message.role != "system"), len(messages))
    told = Message("system", instructions(call.schema))
    return replace(call, schema=None, messages=(*messages[:first], told, *messages[first:]))

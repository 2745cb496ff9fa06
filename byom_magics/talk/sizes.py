"""How large a prompt is, told before it goes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from byom_magics.plain import one_line
from byom_magics.talk.estimate import tokens_in, tokens_of, tokens_of_text

if TYPE_CHECKING:
    from byom_magics.messages import Call, Message
    from byom_magics.talk.expansion import Expansion, Item

__all__ = ["LARGE", "beside", "sizes"]

LARGE = 4_000
"""Tokens from which on the size of a prompt is told unasked."""

_MOST = 10


def sizes(prompt: Expansion, *, always: bool = False) -> list[str]:
    """
    What goes out, in lines for the person: a total, and what is large or was cut; none for an everyday prompt.

    Args:
        prompt: What goes out.
        always: Whether the total is told of a small one too.
    """
    tokens = sum(tokens_of(part) for part in prompt.parts)
    told = [item for item in prompt.items if item.cut or item.images or item.tokens >= LARGE or always]
    if not (always or tokens >= LARGE or told):
        return []
    pictures = len(prompt.images)
    beside = f", {pictures} picture{'s' if pictures > 1 else ''} among them" if pictures else ""
    lines = [f"sending about {tokens:,} tokens{beside}"]
    lines += map(_line, told[:_MOST])
    return [*lines, f"and {len(told) - _MOST:,} more"] if len(told) > _MOST else lines


def beside(call: Call, said: Sequence[Message], *, always: bool = False) -> list[str]:
    """
    What goes out with a prompt, in a line for the person; none if it is little.

    Args:
        call: The whole call, whose last messages are the prompt's.
        said: The messages of the prompt.
        always: Whether it is told of little too.
    """
    before = call.messages[: len(call.messages) - len(said)]
    offered = "".join(each.name + each.description + json.dumps(each.parameters, default=str) for each in call.tools)
    schema = "" if call.schema is None else json.dumps(call.schema.schema, default=str)
    tokens = {
        "earlier turns": tokens_in(each for each in before if each.role != "system"),
        "system message": tokens_in(each for each in before if each.role == "system"),
        "tools": tokens_of_text(offered),
        "schema": tokens_of_text(schema),
    }
    told = {name: size for name, size in tokens.items() if size}
    total = sum(told.values())
    if not told or not (always or total >= LARGE):
        return []
    if len(told) == 1:
        return [f"and with it about {total:,} tokens of {next(iter(told))}"]
    parts = ", ".join(f"{name} {size:,}" for name, size in told.items())
    return [f"and with it about {total:,} tokens: {parts}"]


def _line(item: Item) -> str:
    size = f"{item.characters:,} characters" if item.characters else ""
    facts = [each for each in (item.kind, item.note, size, f"about {item.tokens:,} tokens") if each]
    return f"{one_line(item.name, 60)}: {', '.join(facts)}"

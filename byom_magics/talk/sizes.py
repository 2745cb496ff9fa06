"""How large a prompt is, told before it goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.plain import one_line
from byom_magics.talk.estimate import tokens_of

if TYPE_CHECKING:
    from byom_magics.talk.expansion import Expansion, Item

__all__ = ["LARGE", "sizes"]

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


def _line(item: Item) -> str:
    size = f"{item.characters:,} characters" if item.characters else ""
    facts = [each for each in (item.kind, item.note, size, f"about {item.tokens:,} tokens") if each]
    return f"{one_line(item.name, 60)}: {', '.join(facts)}"

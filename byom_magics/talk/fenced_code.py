"""The blocks of code in an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Block", "blocks"]

_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`\n]*")
_CLOSING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*")


@dataclass(frozen=True)
class Block:
    """
    One block of code.

    Attributes:
        language: What stands behind its fence.
        code: Its lines.
        closed: Whether its fence was closed.
    """

    language: str
    code: str
    closed: bool = True


def blocks(text: str) -> list[Block]:
    """All blocks between fences (CommonMark 0.31, section 4.5), in order; the last one may be open."""
    found: list[Block] = []
    fence, language, lines = "", "", list[str]()
    for line in text.splitlines():
        if not fence:
            opening = _OPENING.fullmatch(line)
            if opening is not None:
                fence, language, lines = opening[1], opening[2], []
            continue
        closing = _CLOSING.fullmatch(line)
        if closing is not None and closing[1][0] == fence[0] and len(closing[1]) >= len(fence):
            found.append(Block(language, "\n".join(lines)))
            fence = ""
        else:
            lines.append(line)
    if fence:
        found.append(Block(language, "\n".join(lines), closed=False))
    return found

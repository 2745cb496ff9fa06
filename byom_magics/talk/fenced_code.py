"""The blocks of code in an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Block", "blocks"]

_OPENING = re.compile(
    r"(?P<before>[ \t]{0,40}(?:(?:[-+*]|\d{1,9}[.)])[ \t]{1,8}){0,5})"  # it may stand in a list
    r"(?P<mark>`{3,}|~{3,})[ \t]*\{?(?P<language>[^\s`{},]*)[^`\n]*"
)
_CLOSING = re.compile(r"(?P<before>[ \t]{0,80})(?P<mark>`{3,}|~{3,})[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")  # others, such as U+2028, may stand inside a string of Python


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
    """
    All blocks between fences (CommonMark 0.31, section 4.5), in order; the last one may be open.

    Fences may stand in lists; how far they are indented there is taken off the code.
    """
    found: list[Block] = []
    fence, language, indent, lines = "", "", 0, list[str]()
    for line in _LINE_END.split(text):
        if not fence:
            opening = _OPENING.fullmatch(line)
            if opening is not None:
                fence, language, lines = opening["mark"], opening["language"], []
                indent = len(opening["before"].expandtabs(4))
            continue
        closing = _CLOSING.fullmatch(line)
        if closing is not None and _closes(closing, fence, indent):
            found.append(Block(language, "\n".join(lines)))
            fence = ""
        else:
            blank = len(line) - len(line.lstrip(" "))
            lines.append(line[min(blank, indent) :])
    if fence:
        if text.endswith(("\n", "\r")):
            lines.pop()
        found.append(Block(language, "\n".join(lines), closed=False))
    return found


def _closes(closing: re.Match[str], fence: str, indent: int) -> bool:
    """Whether a fence ends the block; one that is indented further is a line of its code, such as of a docstring."""
    mark = closing["mark"]
    return mark[0] == fence[0] and len(mark) >= len(fence) and len(closing["before"].expandtabs(4)) <= indent + 3

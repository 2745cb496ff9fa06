"""Fenced code in Markdown: where a fence opens and closes, and what is inside. Pure, linear, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Fence", "fenced_code", "first_language", "opened_by"]

_OPENER = re.compile(
    r"(?P<quote>(?: {0,3}>[ ]?)*)"
    r"(?P<indent>(?:[ ]*(?:[-+*]|\d{1,9}[.)])[ ]+)*[ \t]*)"
    r"(?P<mark>`{3,}|~{3,})"
    r"(?P<info>[^\n]*)\n?\Z"
)
# More than this before the fence is no fence that anybody meant, and would be slow to look at.
_LONGEST_OPENER = 400


@dataclass(frozen=True)
class Fence:
    """
    An open fence.

    Attributes:
        mark: The backticks or tildes that opened it.
        info: What stands behind them, such as the language.
        indent: Columns before the fence, which are taken off the lines inside.
        quote: Marks of a block quote before the fence, which every line inside repeats.
    """

    mark: str
    info: str = ""
    indent: int = 0
    quote: str = ""

    @property
    def language(self) -> str:
        """The first word of the info string."""
        words = self.info.split(maxsplit=1)
        return words[0] if words else ""

    @property
    def opener(self) -> str:
        """A line that opens the same fence again, without indentation."""
        return f"{self.quote}{self.mark}{self.info}\n"

    def leaves(self, line: str) -> bool:
        """Whether the line is no longer inside a block quote that holds the fence."""
        return bool(self.quote) and not line.lstrip(" ").startswith(">")

    def closed_by(self, line: str) -> bool:
        """Whether the line closes the fence."""
        inside = line.replace(">", "", self.quote.count(">")).strip() if self.quote else line.strip()
        return len(inside) >= len(self.mark) and not inside.strip(self.mark[0])

    def content(self, line: str) -> str:
        """The line as code: without the columns that belong to the fence's own place."""
        if self.quote:
            for _ in range(self.quote.count(">")):
                line = line.lstrip(" ").removeprefix(">").removeprefix(" ")
        blank = len(line) - len(line.lstrip(" "))
        return line[min(blank, self.indent) :]


def opened_by(line: str) -> Fence | None:
    """Give the fence that a line opens, if it does."""
    if "```" not in line and "~~~" not in line:
        return None
    start = min(at for at in (line.find("```"), line.find("~~~")) if at >= 0)
    found = _OPENER.match(line) if start <= _LONGEST_OPENER else None
    if found is None or (found["mark"][0] == "`" and "`" in found["info"]):
        return None
    return Fence(found["mark"], found["info"].strip(), len(found["indent"].expandtabs(4)), found["quote"])


def fenced_code(text: str) -> str:
    """
    Give the code of an answer: what stands inside its fences, joined by an empty line; all of it if it has none.

    A fence that was never closed counts up to the end.
    """
    blocks: list[list[str]] = []
    fence: Fence | None = None
    for line in text.splitlines(keepends=True):
        if fence is None or fence.leaves(line):
            fence = opened_by(line)
            if fence is not None:
                blocks.append([])
        elif fence.closed_by(line):
            fence = None
        else:
            blocks[-1].append(fence.content(line))
    if not blocks:
        return text
    return "\n".join(code if code.endswith("\n") else code + "\n" for code in map("".join, blocks) if code)


def first_language(text: str) -> str:
    """Give the language of the first fence in a text; empty if there is none or it does not say."""
    for line in text[:20_000].splitlines(keepends=True):
        fence = opened_by(line)
        if fence is not None:
            return fence.language
    return ""

"""From the reference's plain text to inline Markdown: ``"literals"`` become code, stray marks are escaped."""

from __future__ import annotations

import re

__all__ = ["as_code", "inline", "joined"]

_BRACKETS = {")": "(", "]": "[", "}": "{"}
_CLOSES_BEFORE = re.compile(r"[^\w\"\\]|s\b(?!\")|$")
_OPENS_AFTER = re.compile(r"[^\w\"\\]|$")
_PEP = re.compile(r"\*\*PEP (\d+)\*\*")
_EMPHASIS = re.compile(r"(?<![*\w])(\*\*|\*)(?=[^\s*])([^*]*[^\s*])\1(?!\*)")
_UNDERSCORED = re.compile(r"(?<!\w)(?:\w+\.)*_\w*(?:\(\))?")
_HYPHENATED = re.compile(r"\w-$")
_BREAKS_A_WORD = re.compile(r"(?!and\b|or\b|to\b)\w")


def joined(lines: list[str]) -> str:
    """Undo the wrapping of a paragraph: one line, words that were cut at a hyphen whole again."""
    text = ""
    for line in map(str.strip, lines):
        glue = "" if _HYPHENATED.search(text) and _BREAKS_A_WORD.match(line) else " "
        text = f"{text}{glue}{line}" if text else line
    return text


def as_code(text: str) -> str:
    """A code span for any text, backticks included."""
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (max(len(run) for run in re.findall(r"`+", text)) + 1)
    return f"{fence} {text} {fence}"


def inline(text: str) -> str:
    """One paragraph as Markdown. ``text`` is a single line as `joined` makes it."""
    parts: list[str] = []
    start = 0
    while (opening := _opening(text, start)) >= 0:
        closing = _closing(text, opening)
        if closing < 0:
            break
        parts += [_prose(text[start:opening]), as_code(text[opening + 1 : closing])]
        start = closing + 1
    parts.append(_prose(text[start:]))
    return _with_emphasis(parts)


def _opening(text: str, start: int) -> int:
    while (at := text.find('"', start)) >= 0:
        if _OPENS_AFTER.match(text[max(at - 1, 0) : at]) and text[at + 1 : at + 2].strip():
            return at
        start = at + 1
    return -1


def _closing(text: str, opening: int) -> int:
    # The text writes code in plain quotes, and code has quotes of its own: the end is the first quote
    # before a border at which those inside come in pairs and the brackets balance.
    if text.startswith('"""', opening) and _CLOSES_BEFORE.match(text, opening + 3):
        return opening + 2
    first = -1
    at = opening + 1
    while (at := text.find('"', at + 1)) >= 0:
        if text[at - 1] == " " or not _CLOSES_BEFORE.match(text, at + 1):
            continue
        inside = text[opening + 1 : at]
        quotes = inside.count('"') - inside.count('\\"')
        if '"' not in inside or (quotes % 2 == 0 and _balanced(inside)):
            return at
        if first < 0:
            first = at
    return first


def _balanced(code: str) -> bool:
    opened: list[str] = []
    for char in code:
        if char in "([{":
            opened.append(char)
        elif char in _BRACKETS and (not opened or opened.pop() != _BRACKETS[char]):
            return False
    return not opened


def _prose(text: str) -> str:
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r"[\\`$]|<(?=[\w/!?])|~~", r"\\\g<0>", text)
    return _UNDERSCORED.sub(lambda name: as_code(name.group()) if len(name.group()) > 2 else f"\\{name.group()}", text)


def _with_emphasis(parts: list[str]) -> str:
    # Emphasis may span a literal, so it is looked for with every code span held out of sight.
    prose = "\0".join(parts[0::2])
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        pep = _PEP.fullmatch(match.group())
        kept.append(f"[PEP {pep[1]}](https://peps.python.org/pep-{pep[1]:0>4}/)" if pep else match.group())
        return "\1"

    prose = _EMPHASIS.sub(keep, prose).replace("*", r"\*")
    prose = re.sub("\1", lambda _: kept.pop(0), prose)
    pieces = prose.split("\0")
    codes = [*parts[1::2], ""]
    return "".join(piece + code for piece, code in zip(pieces, codes, strict=True))

"""Texts that a regular expression matches, made from the expression: literals, classes, groups, choices, repetition."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["compiled", "matching"]

_TRIED = "a1A_ -.,:/@+#é\n" + "".join(map(chr, range(33, 127)))
_CLASSES = {"d": "1234567890", "w": "abcdefghijklmnopqrstuvwxyzABC_0123456789", "s": " \t\n"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_QUANTIFIER = re.compile(r"[*+?]|\{(\d{1,6})(,?)(\d{0,6})\}")
_GROUP = re.compile(r"\?(?:P?<(\w+)>|:|[aiLmsux]+:)")
_LOOK = re.compile(r"\?<?[=!]")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_LONGEST = 2_000
_MORE = (0, 1, 3, 7, 15, 31, 63)


class _UnknownError(ValueError):
    """An expression with something that is not read here."""


def matching(pattern: str, shortest: int = 0, longest: int | None = None) -> Iterator[str]:
    """
    Texts that a pattern matches somewhere, as ``re.search`` does.

    Args:
        pattern: The regular expression. One that is no expression, or has what is not known here, has no texts.
        shortest: The least number of characters.
        longest: The greatest; None for no limit.

    Returns:
        Different texts, the shortest first: not all there are.
    """
    expression = compiled(pattern)
    if expression is None:
        return
    seen = set()
    for more in _MORE:
        for choice in range(4):
            try:
                text = _Writer(pattern, more, choice).text()
            except (_UnknownError, RecursionError):
                continue
            for tried in (text, text.ljust(shortest, "a"), text.rjust(shortest, "a")):
                fits = shortest <= len(tried) <= (_LONGEST if longest is None else longest)
                if fits and tried not in seen and expression.search(tried):
                    seen.add(tried)
                    yield tried


def compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern as it is tried; None if it is no expression here, or one whose meaning will change."""
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError, FutureWarning, DeprecationWarning):
        return None


class _Writer:
    """
    Writes one text while it reads the pattern.

    Args:
        pattern: The pattern.
        more: How often an open repetition is written beyond its least.
        choice: Which alternative is taken, and which character of a class comes first.
    """

    def __init__(self, pattern: str, more: int, choice: int) -> None:
        self._pattern = pattern
        self._more = more
        self._choice = choice
        self._at = 0
        self._groups: dict[str, str] = {}
        self._count = 0
        self._written = 0

    def text(self) -> str:
        written = self._alternatives()
        if self._at < len(self._pattern):
            raise _UnknownError
        return written

    def _alternatives(self) -> str:
        found = [self._sequence()]
        while self._take("|"):
            found.append(self._sequence())
        return found[self._choice % len(found)]

    def _sequence(self) -> str:
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            texts = self._atom()
            least, most = self._times()
            times = least if most == 1 else min(most, max(least, 1) + self._more)
            if most == 1 and least == 0:
                times = self._choice % 2
            self._written += times * max(map(len, texts), default=0)
            if self._written > 4 * _LONGEST:
                raise _UnknownError
            parts += [texts[(self._choice + number) % len(texts)] for number in range(times)] if texts else []
        return "".join(parts)

    def _times(self) -> tuple[int, int]:
        match = _QUANTIFIER.match(self._pattern, self._at)
        if match is None:
            return 1, 1
        self._at = match.end()
        if self._at < len(self._pattern) and self._pattern[self._at] in "?+":
            self._at += 1  # lazy or possessive: the same texts
        if match[1] is None:
            return {"*": (0, _LONGEST), "+": (1, _LONGEST), "?": (0, 1)}[match.group()]
        least = int(match[1])
        return least, int(match[3]) if match[3] else _LONGEST if match[2] else least

    def _atom(self) -> str | list[str]:
        """The texts that may stand here, one of which is written each time."""
        char = self._next()
        if char == "(":
            return [self._group()]
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char in "^$":
            return [""]
        return "ab1" if char == "." else char

    def _group(self) -> str:
        if look := _LOOK.match(self._pattern, self._at):
            self._at = look.end()
            self._alternatives()  # what it asks for is seen at the end, when the text is tried
            self._close()
            return ""
        kind = _GROUP.match(self._pattern, self._at)
        if kind is None and self._pattern.startswith("?", self._at):
            raise _UnknownError
        self._at = kind.end() if kind else self._at
        self._count += kind is None or kind[1] is not None
        number = str(self._count)
        written = self._alternatives()
        self._close()
        self._groups[number] = written
        if kind and kind[1]:
            self._groups[kind[1]] = written
        return written

    def _escape(self) -> str | list[str]:
        if code := _HEX.match(self._pattern, self._at):
            self._at = code.end()
            return chr(int(next(filter(None, code.groups())), 16))
        char = self._next()
        if char in "bBAzZ":
            return [""]
        if char.isdigit() and char != "0":
            return [self._groups.get(char, "")]
        if char.lower() in _CLASSES:
            members = _CLASSES[char.lower()]
            return members if char.islower() else "".join(each for each in _TRIED if each not in members)
        if char in "pPkuxN":
            raise _UnknownError
        return _ESCAPES.get(char, char)

    def _class(self) -> str:
        negated = self._take("^")
        members = ""
        first = True
        while first or not self._pattern.startswith("]", self._at):
            first = False
            char = self._next()
            found = "".join(self._escape()) if char == "\\" else char
            end = self._pattern[self._at : self._at + 2]
            if len(found) == 1 and len(end) == 2 and end[0] == "-" and end[1] != "]":
                self._at += 1
                last = self._next()
                last = "".join(self._escape()) if last == "\\" else last
                found = "".join(map(chr, range(ord(found), min(ord(last[:1] or found), ord(found) + 300) + 1)))
            members += found
        self._at += 1
        members = "".join(each for each in _TRIED if each not in members) if negated else members
        if not members:
            raise _UnknownError
        return members

    def _close(self) -> None:
        if self._next() != ")":
            raise _UnknownError

    def _take(self, char: str) -> bool:
        if not self._pattern.startswith(char, self._at):
            return False
        self._at += 1
        return True

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise _UnknownError
        self._at += 1
        return self._pattern[self._at - 1]

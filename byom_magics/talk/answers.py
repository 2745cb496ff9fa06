"""Answers that should be JSON: where in the text it is, and what a model is told whose JSON does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from byom_magics.plain import visible
from byom_magics.talk.json_values import LONGEST, JsonProblem, read_json

__all__ = ["json_text", "json_values", "retry_message", "why_not"]

_LONGEST_MESSAGE = 2_000
_MOST_TRIED = 64  # fences, and values among words
_FENCE = re.compile(r"^[ \t]{0,8}(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)
# What begins a value, also as Python or JavaScript write it: what is inside such is no answer of its own.
_OPENED = re.compile(r"""\{\s{0,100}(?:["'}]|\w{1,100}\s{0,100}:)|\[\s{0,100}[\[\]{"'\-0-9tfnTFN]""")
_MARK = re.compile(r'\\.|[\[\]{}"]', re.DOTALL)


def json_text(text: str) -> str | None:
    """
    The JSON in an answer, as text: all of it, or what a code fence holds, or what stands among words.

    A value inside one that is broken off or wrong is never taken for the answer.

    Returns:
        The first JSON value; None if there is none.
    """
    return next((found for found, _ in _found(text)), None)


def json_values(text: str) -> Iterator[Any]:
    """The JSON values that may be meant by an answer, as `json_text` finds them: one, or several among words."""
    return (value for _, value in _found(text))


def why_not(text: str) -> str:
    """What is wrong with an answer that has no JSON value in it: with its code fence, or from its first bracket on."""
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST:,} characters"
    fence = next(_fenced(text), None)
    opened = _OPENED.search(text)
    likely = fence if fence is not None else text[opened.start() :] if opened else text
    try:
        read_json(likely)
    except JsonProblem as problem:
        return str(problem)
    return "it is no JSON"


def retry_message(problem: Exception) -> str:
    """What a model is told whose answer does not fit: what is wrong, and what to do. 2,000 characters at most."""
    before = "Your answer does not fit the JSON Schema that it has to be valid against:\n"
    after = "\nAnswer again with the whole JSON value and nothing else: no words before or after it, no code fence."
    said = "\n".join(f"- {line}" for line in visible(str(problem)[: 2 * _LONGEST_MESSAGE]).splitlines() if line.strip())
    room = _LONGEST_MESSAGE - len(before) - len(after)
    return before + (said if len(said) <= room else said[: room - 1] + "…") + after


def _found(text: str) -> Iterator[tuple[str, Any]]:
    if len(text) > LONGEST:
        return
    whole = text.removeprefix("\ufeff").strip()
    for candidates in (iter((whole,)), _fenced(text), _balanced(text)):
        any_read = False
        for candidate in candidates:
            try:
                value = read_json(candidate)
            except JsonProblem:
                continue
            any_read = True
            yield candidate, value
        if any_read:
            return


def _fenced(text: str) -> Iterator[str]:
    """What the code fences hold, those that say that it is JSON first. The last one may lack its end."""
    found: list[tuple[str, str]] = []
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence.group(1).startswith(opened.group(1)) and not fence.group(2).strip():
            found.append((opened.group(2), text[opened.end() : fence.start()]))
            opened = None
    if opened is not None:
        found.append((opened.group(2), text[opened.end() :]))
    found = found[:_MOST_TRIED]
    named = [inside for language, inside in found if "json" in language.lower()]
    yield from (inside.strip() for inside in named)
    yield from (inside.strip() for language, inside in found if "json" not in language.lower())


def _balanced(text: str) -> Iterator[str]:
    """What stands between brackets that belong together, and begins as JSON does; never what is inside such."""
    at = 0
    for _ in range(_MOST_TRIED):
        opened = _OPENED.search(text, at)
        end = _end(text, opened.start()) if opened else None
        if opened is None or end is None:
            return  # the value is broken off: what it holds is whole, and yet not the answer
        yield text[opened.start() : end]
        at = end


def _end(text: str, start: int) -> int | None:
    """Where the bracket is closed that stands at ``start``; None if it is not."""
    depth, in_string = 0, False
    for mark in _MARK.finditer(text, start):
        found = mark.group()
        if found == '"':
            in_string = not in_string
        elif not in_string and len(found) == 1:
            depth += 1 if found in "[{" else -1
            if depth == 0:
                return mark.end()
    return None

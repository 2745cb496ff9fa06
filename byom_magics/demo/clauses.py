"""The parts of a text that each ask for one function: "add 2 and 3, then multiply the result by 4" has two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from byom_magics.demo.mentions import Mentions

if TYPE_CHECKING:
    from byom_magics.demo.matching import Match, Matcher

__all__ = ["Clause", "clauses"]

_ENDS = re.compile(
    r"(?<![.?!;\n])[.?!;\n]+(?=\s|$)|(?<!\s),?\s+(?:and\s+)?(?:then|after that|afterwards|finally)\b"
    r"|(?:^|\s)(?:then|after that)\b",
    re.IGNORECASE,
)
_MAY_END = re.compile(r",\s*(?:(?:and|or|but)\b)?|\s(?:and|but|plus|as well as|&)\s", re.IGNORECASE)

_MOST_PARTS = 60


@dataclass(frozen=True)
class Clause:
    """A part of a text, and the function that it asks for."""

    text: str
    match: Match


@dataclass(frozen=True)
class _Part:
    start: int
    end: int
    match: Match | None
    new: bool


def clauses(text: str, matcher: Matcher) -> list[Clause]:
    """
    Take a text apart.

    Args:
        text: The text.
        matcher: Knows what it may ask for.

    Returns:
        The clauses in order. A part that asks for nothing belongs to the clause before it: "in Oslo? And in Rome?".
    """
    found: list[_Part] = []
    start = 0
    for part in _parts(text, matcher):
        last = found[-1] if found else None
        if part.match is None:
            if last is not None:
                found[-1] = replace(last, end=part.end)
            continue
        same = last is not None and last.match is not None and last.match.function == part.match.function
        if last is not None and same and not part.new:
            found[-1] = replace(last, end=part.end)
        else:
            found.append(part if last is not None else replace(part, start=start))
    return [Clause(text[part.start : part.end].strip(" ,"), part.match) for part in found if part.match is not None]


def _parts(text: str, matcher: Matcher) -> Iterator[_Part]:
    plain = Mentions(text).plain
    left = _MOST_PARTS
    for start, end in _between(_ENDS, plain, 0, len(plain)):
        for number, (first, last) in enumerate(_between(_MAY_END, plain, start, end)):
            left -= 1
            if left < 0:
                return
            yield _Part(first, last, matcher.best(text[first:last]), new=number == 0)


def _between(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches before, between and after the matches, each match at the end of the stretch before it."""
    begin = start
    for match in pattern.finditer(text, start, end):
        if match.end() > begin:
            yield begin, match.end()
            begin = match.end()
    if begin < end:
        yield begin, end

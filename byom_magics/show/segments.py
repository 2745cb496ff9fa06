"""
Where a growing Markdown text may be cut, so that its first part can be painted once and then left alone.

A cut is best between two blocks. A block that alone grows too long is cut inside; the next piece then opens it again:
a fence with its language, a table with its header, a list with its next number. Pure and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from byom_magics.show.fences import Fence, opened_by

if TYPE_CHECKING:
    from byom_magics.show.json_place import Place

__all__ = ["SHOWN", "Opening", "Piece", "cut", "cut_plain", "pieces"]

# Characters of one answer that are shown at all; a notebook with more is of no use to anybody.
SHOWN = 500_000

_ORDERED = re.compile(r"(\d{1,9})[.)](?:\s|\Z)")
_BULLET = re.compile(r"[-+*](?:\s|\Z)")
_DELIMITER_ROW = re.compile(r" {0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*\n")
_SENTENCE_END = re.compile(r"[.!?…:;][\"”')\]]? |[。！？]")
_LONGEST_HEADER = 4_000

_BETWEEN_BLOCKS, _INSIDE_A_BLOCK, _BETWEEN_LINES = 0, 1, 2


@dataclass(frozen=True)
class Opening:
    """
    What is open where a piece begins.

    Attributes:
        fence: The code fence that the piece continues.
        header: The two lines that head the table that the piece continues.
        number: What the next item of an ordered list is numbered.
        indent: Columns to take off the lines, since what they were indented under is not in this piece.
        json: Of an answer in JSON: the containers that are open, and what is due in them.
        before: Of an answer in JSON: how many characters of it stand before the piece.
    """

    fence: Fence | None = None
    header: str = ""
    number: int | None = None
    indent: int = 0
    json: Place | None = None
    before: int = 0


@dataclass(frozen=True)
class Piece:
    """A part of the text, exactly as it is, and what is open where it begins."""

    text: str
    opening: Opening = Opening()

    @property
    def markdown(self) -> str:
        """The piece as Markdown that stands on its own."""
        text = self.text
        if self.opening.indent:
            text = re.sub(rf"^ {{1,{self.opening.indent}}}", "", text, flags=re.MULTILINE)
        if self.opening.fence is not None:
            return replace(self.opening.fence, indent=0).opener + text
        return self.opening.header + text

    @property
    def first_number(self) -> int | None:
        """The number of its first list item, if it begins inside an ordered list."""
        return self.opening.number


@dataclass
class _Scan:
    """What is open, line by line."""

    fence: Fence | None = None
    header: str = ""
    number: int | None = None
    in_math: bool = False
    before: str = ""

    def line(self, line: str) -> None:
        if self.fence is not None and not self.fence.leaves(line):
            if self.fence.closed_by(line):
                self.fence = None
        else:
            self.fence = opened_by(line) if not self.in_math else None
            if self.fence is None:
                self._text(line)
        self.before = line

    def _text(self, line: str) -> None:
        stripped = line.strip()
        if stripped.count("$$") % 2 and (stripped.startswith("$$") or self.in_math):
            self.in_math = not self.in_math
        if not stripped:
            self.header = ""
            return
        if not self.header and "|" in self.before and "-" in line and _DELIMITER_ROW.fullmatch(line):
            heading = self.before + line
            self.header = heading if len(heading) <= _LONGEST_HEADER else ""
        elif self.header and "|" not in line:
            self.header = ""
        self._count(line)

    def _count(self, line: str) -> None:
        item = _ORDERED.match(line)
        if item is not None:
            self.number = int(item[1]) + 1 if self.number is None else self.number + 1
        elif not line.startswith((" ", "\t")) and not self.before.strip():
            self.number = None

    def cut_before(self, following: str) -> tuple[int, Opening] | None:
        """Rank a cut here, and say what it leaves open; ``following`` is how the next line begins."""
        if self.fence is not None:
            return _INSIDE_A_BLOCK, Opening(fence=self.fence, indent=self.fence.indent)
        stripped = following.lstrip(" ")
        indent = len(following) - len(stripped)
        number = self.number if _ORDERED.match(following) else None
        if self.in_math or not stripped.strip() or (stripped[0] in "=|:" and not self.header):
            return None
        if not self.before.strip() and not indent:
            return _BETWEEN_BLOCKS, Opening(number=number)
        if self.header and "|" in following:
            return _INSIDE_A_BLOCK, Opening(header=self.header)
        if not indent and (_BULLET.match(following) or number is not None):
            return _INSIDE_A_BLOCK, Opening(number=number)
        return _BETWEEN_LINES, Opening(indent=min(indent, 60))


def _scan(piece: Piece, limit: int) -> Iterator[tuple[int, int, Opening]]:
    """Give the places up to ``limit`` where the piece can be cut: position, rank, what is open there."""
    opening = piece.opening
    state = _Scan(fence=opening.fence, header=opening.header, number=opening.number)
    if opening.header:
        state.before = opening.header
    text, start = piece.text, 0
    while True:
        end = text.find("\n", start, limit) + 1
        if not end:
            return
        state.line(text[start:end])
        start = end
        following = text[start : start + 80].split("\n", 1)[0]
        if not following and start < len(text) and state.fence is None:
            continue
        # A line that has only begun may yet be an item, an underline or a row.
        if start + max(len(following), 4) <= len(text):
            place = state.cut_before(following)
            if place is not None:
                yield start, *place


def cut(piece: Piece, size: int) -> tuple[int, Opening] | None:
    """
    Say where the first part of a growing piece can be settled, or None if it should grow on.

    Args:
        piece: The piece so far.
        size: Characters from which on it should be cut between two blocks; from twice as many on it is cut anywhere.

    Returns:
        How many characters are settled, and what is open behind them.
    """
    if len(piece.text) <= size:
        return None
    best: dict[int, tuple[int, Opening]] = {}
    for position, rank, opening in _scan(piece, 2 * size):
        if position >= size // 2 or rank == _BETWEEN_BLOCKS:
            best[rank] = (position, opening)
    if _BETWEEN_BLOCKS in best and (best[_BETWEEN_BLOCKS][0] >= size // 3 or len(best) == 1):
        return best[_BETWEEN_BLOCKS]
    if len(piece.text) <= 2 * size:
        return None
    for rank in sorted(best, key=lambda rank: (rank == _BETWEEN_BLOCKS, rank)):
        return best[rank]
    return _inside_a_line(piece, size)


def _inside_a_line(piece: Piece, size: int) -> tuple[int, Opening]:
    stretch = piece.text[size // 2 : 2 * size]
    ends = [found.end() for found in _SENTENCE_END.finditer(stretch)]
    space = stretch.rfind(" ") + 1
    position = size // 2 + (ends[-1] if ends else space or len(stretch))
    fence = piece.opening.fence
    state = _Scan(fence=fence)
    for line in piece.text[:position].splitlines(keepends=True):
        state.line(line)
    return position, Opening(fence=state.fence)


def cut_plain(piece: Piece, size: int) -> tuple[int, Opening] | None:
    """Say where text that is no Markdown can be settled: after a line, or anywhere once it is twice too long."""
    if len(piece.text) <= size:
        return None
    line = piece.text.rfind("\n", size // 2, 2 * size) + 1
    if line:
        return line, Opening()
    if len(piece.text) <= 2 * size:
        return None
    space = piece.text.rfind(" ", size // 2, 2 * size) + 1
    return space or 2 * size, Opening()


def pieces(text: str, size: int) -> Iterator[Piece]:
    """Cut a whole text. The pieces' texts, joined, are the text."""
    opening, start = Opening(), 0
    while True:
        # Twice the size is all that a cut looks at; one more character shows that there is more.
        ahead = Piece(text[start : start + 2 * size + 100], opening)
        place = cut(ahead, size)
        if place is None:
            yield Piece(text[start:], opening)
            return
        position, following = place
        yield replace(ahead, text=ahead.text[:position])
        start, opening = start + position, following

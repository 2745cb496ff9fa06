"""Repairs of cells that are not Python: a colon, a bracket or a quote that is missing, a keyword that is misspelled."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from byom_magics.demo.cell import Cell, Edit, as_tree
from byom_magics.demo.failure import Failure, Repair
from byom_magics.demo.inline import as_code
from byom_magics.demo.spelling import near

__all__ = ["broken_code", "first_read"]

_CLOSES = {"(": ")", "[": "]", "{": "}"}
_OPENS = {closing: opening for opening, closing in _CLOSES.items()}
_HEADER = re.compile(r"\s*(?:async\s+)?(?:if|elif|else|for|while|def|class|try|except|finally|with|match|case)\b[^\n]*")
_PRINT = re.compile(r"(\s*)print\s+(?P<said>[^\s(=.,][^\n]*)")
_ASSIGNED = re.compile(r"(?<![=!<>:+\-*/%&|^@])=(?!=)")
_FIRST_WORD = re.compile(r"\s*([^\W\d]\w{1,11})(?=\W|$)")
_WORK = 400_000
"""How many characters are read as Python at most, over all that is tried."""
_MOST_TRIED = 60
_TOKEN = re.compile(r"#[^\n]*|(?P<quote>'''|\"\"\"|'|\")|[()\[\]{}]")
_DEEPEST = 50  # brackets inside brackets


@dataclass(frozen=True)
class _Bracket:
    """A bracket that nothing closes, or that closes nothing of its kind."""

    mark: str
    line: int
    at: int


def broken_code(failure: Failure, cell: Cell) -> Repair | None:
    """``SyntaxError``: the first small change after which the cell can be read as Python."""
    return first_read(cell, _tries(failure, cell))


def first_read(cell: Cell, tries: Iterator[tuple[str, str]]) -> Repair | None:
    """
    The first of some changes after which a cell can be read as Python. Of many, or of a long cell, a few are tried.

    Args:
        cell: The cell; if it can be read as it is, nothing is tried.
        tries: What is wrong, and the changed text, the likeliest first.
    """
    if cell.tree is not None:
        return None
    tried = max(4, min(_MOST_TRIED, _WORK // (len(cell.text) + 1)))
    seen = {cell.text}
    for why, text in tries:
        if text in seen:
            continue
        if len(seen) > tried:
            return None
        seen.add(text)
        if as_tree(text) is not None:
            return Repair(why, text)
    return None


def _tries(failure: Failure, cell: Cell) -> Iterator[tuple[str, str]]:
    """What might be meant, the likeliest first."""
    said = failure.message
    line = failure.lines[0] if failure.lines else 0
    if "call to 'print'" in said:
        yield _printed(cell)
    if not 0 < line <= len(cell.lines):
        line = 0
    if "unterminated" in said and line:
        yield from _quoted(cell, line)
    if "==" in said and line:
        yield from _compared(cell, line)
    for number in (line, line - 1):
        if number > 0:
            yield from _with_colon(cell, number, failure.caret if number == line else None)
    yield from _bracketed(cell)
    if line:
        yield from _keyword(cell, line)


def _printed(cell: Cell) -> tuple[str, str]:
    lines = [
        f"{match[1]}print({match['said'].rstrip()})" if (match := _PRINT.fullmatch(line)) else line
        for line in cell.lines
    ]
    return "`print` is a function: what it prints stands in parentheses.", "\n".join(lines)


def _quoted(cell: Cell, line: int) -> Iterator[tuple[str, str]]:
    """The quote that was opened last is closed, at the end of the line or before the brackets there."""
    text = cell.lines[line - 1]
    mark = _open_quote(text)
    if len(mark) != 1:
        return
    code = text.rstrip()
    for end in range(len(code), 0, -1):
        why = f"The text that begins with {as_code(mark)} in line {line} does not end; a quote was missing."
        yield why, cell.changed([Edit(line, end, end, mark)])
        if code[end - 1] not in ")]}:, ":
            return


def _open_quote(line: str) -> str:
    """The quotes of this line that nothing closes; empty if there are none."""
    return next((mark for _, mark in _marks(line) if mark[0] in "'\""), "")


def _compared(cell: Cell, line: int) -> Iterator[tuple[str, str]]:
    for match in list(_ASSIGNED.finditer(cell.lines[line - 1]))[:5]:
        why = f"`=` gives a name to a value; line {line} is to compare, which `==` does."
        yield why, cell.changed([Edit(line, match.start(), match.end(), "==")])


def _with_colon(cell: Cell, line: int, caret: int | None) -> Iterator[tuple[str, str]]:
    code = cell.lines[line - 1]
    if not _HEADER.fullmatch(code):
        return
    end = _end_of_code(code)
    why = f"What opens a block ends with a colon, and line {line} had none."
    if not code[:end].endswith(":"):
        yield why, cell.changed([Edit(line, end, end, ":")])
    if caret is not None and caret < end:
        at = len(code[:caret].rstrip())
        yield why, cell.changed([Edit(line, at, at, ":")])


def _keyword(cell: Cell, line: int) -> Iterator[tuple[str, str]]:
    first = _FIRST_WORD.match(cell.lines[line - 1])
    if first is None or keyword.iskeyword(first[1]):
        return
    for meant in near(first[1], keyword.kwlist)[:3]:
        why = f"{as_code(first[1])} is no keyword of Python; {as_code(meant)} is one, and is spelled much like it."
        yield why, cell.changed([Edit(line, first.start(1), first.end(1), meant)])


def _bracketed(cell: Cell) -> Iterator[tuple[str, str]]:
    opened, stray = _brackets(cell.text)
    for bracket in stray:
        meant = opened[-1] if opened else None
        if meant is not None:
            right = _CLOSES[meant.mark]
            why = f"The {as_code(meant.mark)} in line {meant.line} is closed by {as_code(right)}, which was missing."
            closed = cell.changed([Edit(bracket.line, bracket.at, bracket.at, right)])
            yield why, closed
            others, wrong = _brackets(closed)
            if others and not wrong:
                yield from ((f"{why} {also}", text) for also, text in _closed(Cell(closed), others))
            yield why, cell.changed([Edit(bracket.line, bracket.at, bracket.at + 1, right)])
        why = f"The {as_code(bracket.mark)} in line {bracket.line} closes nothing that was opened."
        yield why, cell.changed([Edit(bracket.line, bracket.at, bracket.at + 1, "")])
    if opened and not stray:
        yield from _closed(cell, opened)


def _closed(cell: Cell, opened: list[_Bracket]) -> Iterator[tuple[str, str]]:
    """What is open is closed, at the end of the line where it was opened or of one after it."""
    missing = "".join(_CLOSES[bracket.mark] for bracket in reversed(opened))
    marks = " and ".join(dict.fromkeys(as_code(bracket.mark) for bracket in opened))
    first = opened[0].line
    is_are = "is" if len(opened) == 1 else "are"
    why = f"The {marks} in line {first} {is_are} never closed; {as_code(missing)} was missing."
    for line in range(opened[-1].line, min(len(cell.lines), opened[-1].line + 25) + 1):
        code = cell.lines[line - 1]
        end = _end_of_code(code)
        if code[:end].endswith(":"):
            yield why, cell.changed([Edit(line, end - 1, end - 1, missing)])
        yield why, cell.changed([Edit(line, end, end, missing)])
        if _HEADER.fullmatch(code) and not code[:end].endswith(":"):
            yield f"{why} So was a colon.", cell.changed([Edit(line, end, end, f"{missing}:")])


def _end_of_code(line: str) -> int:
    """Where a comment begins, or the line ends; blanks before it do not count."""
    end = next((at for at, mark in _marks(line) if mark == "#"), len(line))
    return len(line[:end].rstrip())


def _brackets(text: str) -> tuple[list[_Bracket], list[_Bracket]]:
    """The brackets that stay open, and the first that closes nothing of its kind; none of either if they are many."""
    opened: list[_Bracket] = []
    line, start = 1, 0
    for at, mark in _marks(text):
        if mark not in _CLOSES and mark not in _OPENS:
            continue
        line += text.count("\n", start, at)
        start = text.rfind("\n", 0, at) + 1
        if mark in _CLOSES:
            opened.append(_Bracket(mark, line, at - start))
            if len(opened) > _DEEPEST:
                return [], []
        elif opened and opened[-1].mark == _OPENS[mark]:
            opened.pop()
        else:
            return opened, [_Bracket(mark, line, at - start)]
    return opened, []


def _marks(text: str) -> Iterator[tuple[int, str]]:
    """Where brackets stand, comments begin, and quotes that nothing closes; text literals are passed over."""
    at = 0
    while (match := _TOKEN.search(text, at)) is not None:
        at = match.end()
        mark = match.group()
        if not match["quote"]:
            yield match.start(), mark[0]
            continue
        end = _end_of_text(text, at, mark)
        if not text.startswith(mark, end):
            yield match.start(), mark
        at = min(end + len(mark), len(text)) if text.startswith(mark, end) else end


def _end_of_text(text: str, at: int, quote: str) -> int:
    """Where the closing quotes of a text stand; one between single quotes ends with its line at the latest."""
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at) or (text[at] == "\n" and len(quote) == 1):
            return at
        else:
            at += 1
    return len(text)

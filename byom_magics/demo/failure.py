"""A failing cell as ``demo/pydoc`` is told of it: the code, what it raised, and what stands beside it; and a repair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Failure", "Repair", "is_failure", "told_failure"]

LONGEST = 30_000
"""The longest cell that is looked at, in characters."""
_BESIDE = 60_000  # characters of the rest
_MOST_LINES = 2_000

_HEAD = re.compile(
    r"(?:This cell of my notebook|This script) failed(?: \(at line (?P<line>\d{1,6})\))?:\n\n(?P<fence>`{3,})python\n"
    r"|Code in my notebook failed; its source is not known\.\n"
)
_RAISED = re.compile(r"\s*It raised:\n\n(?P<fence>`{3,})\n")
_FRAME = re.compile(r'^ *(?:\| *)?File "(?P<file>[^"\n]{0,300})", line (?P<line>\d{1,6})')
_ERROR = re.compile(r"(?P<name>[^\W\d]\w{0,100}(?:\.\w{1,100}){0,10})(?:: ?(?P<said>.*))?", re.DOTALL)
_CHAINED = re.compile(
    r"\n\n(?:During handling of the above exception, another exception occurred"
    r"|The above exception was the direct cause of the following exception):\n\n"
)
_LISTED = re.compile(r"^- (?P<name>[^\W\d]\w{0,100}): (?P<what>[^\n]{1,700})$", re.MULTILINE)
_MAGIC_FILES = ("<timed ", "<magic-timeit>")


@dataclass(frozen=True)
class Repair:
    """
    A cell that would not fail in that way.

    Attributes:
        why: What is wrong, and what was changed, as Markdown.
        cell: The whole cell.
    """

    why: str
    cell: str


@dataclass(frozen=True)
class Failure:
    """
    A failing cell, as far as it is told.

    Attributes:
        cell: Its code; empty where it is not known, or too long to look at.
        error: The name of the exception, without its module; empty where none is told.
        message: What the exception says.
        lines: The lines of the cell that were running, the innermost first, each from 1.
        here: Whether it was raised by a line of the cell itself, not by a function that stands elsewhere.
        caret: Where in its last line the traceback points to, from 0; None where it does not.
        beside: What else is told: variables, sources, versions.
        listed: Of names of the notebook, what is told in a line.
    """

    cell: str
    error: str
    message: str
    lines: tuple[int, ...] = ()
    here: bool = True
    caret: int | None = None
    beside: str = ""
    listed: Mapping[str, str] = field(default_factory=dict)


def is_failure(prompt: str) -> bool:
    """Whether a prompt tells of a failing cell."""
    return _HEAD.match(prompt) is not None


def told_failure(prompt: str) -> Failure | None:
    """
    Read a prompt that tells of a failing cell.

    Args:
        prompt: The question, as ``%byom_fix`` writes it.

    Returns:
        The failure; None if the prompt is about something else.
    """
    head = _HEAD.match(prompt)
    if head is None:
        return None
    cell, at = _block(prompt, head.end(), head["fence"]) if head["fence"] else ("", head.end())
    raised = _RAISED.match(prompt, at)
    trace, at = _block(prompt, raised.end(), raised["fence"]) if raised else ("", at)
    if len(cell) > LONGEST or cell.count("\n") > _MOST_LINES or "\r" in cell or "\f" in cell:
        cell = ""
    beside = prompt[at : at + _BESIDE]
    trace = _CHAINED.split(trace[-LONGEST:])[-1]
    error, message = _raised(trace)
    frames = [match for line in trace.split("\n") if (match := _FRAME.match(line))]
    own = frames[0]["file"] if frames else ""
    running = [int(frame["line"]) for frame in reversed(frames) if frame["file"] == own]
    lines = [line for line in running if 0 < line <= cell.count("\n") + 1]
    if cell.startswith("%%"):
        lines = []  # Python counts the lines of such a cell in its own way
    elif head["line"] and not lines:
        lines = [int(head["line"])]
    last = frames[-1]["file"] if frames else ""
    return Failure(
        cell,
        error,
        message,
        tuple(dict.fromkeys(lines)),
        last == own or last.startswith(_MAGIC_FILES),
        _caret(trace, cell, lines[0] if lines else 0),
        beside,
        {match["name"]: match["what"] for match in _LISTED.finditer(beside)},
    )


def _block(text: str, start: int, fence: str) -> tuple[str, int]:
    """What stands up to the closing fence, and where it ends."""
    end = text.find(f"\n{fence}", start - 1)
    if end < 0:
        return "", len(text)
    return text[start:end] if end > start else "", end + 1 + len(fence)


def _raised(trace: str) -> tuple[str, str]:
    """The name of the exception that came last, and what it says."""
    lines = trace.split("\n")
    first = next((at for at in range(len(lines) - 1, -1, -1) if _FRAME.match(lines[at])), -1) + 1
    while first < len(lines) and (not lines[first] or lines[first][0].isspace()):
        first += 1
    match = _ERROR.fullmatch("\n".join(lines[first:]).strip("\n"))
    if match is None:
        return "", ""
    name = match["name"].rpartition(".")[2]
    # The class of a SyntaxError of code that is not finished, from Python 3.13 on.
    return "SyntaxError" if name == "_IncompleteInputError" else name, match["said"] or ""


def _caret(trace: str, cell: str, line: int) -> int | None:
    """Where the last caret points to in the line of the cell, whose indentation the traceback leaves out."""
    shown = trace.split("\n")
    at = next((at for at in range(len(shown) - 1, 0, -1) if re.fullmatch(r" +[~^]+", shown[at])), 0)
    code = cell.split("\n")
    if not at or not 0 < line <= len(code) or shown[at - 1].strip() != code[line - 1].strip():
        return None
    indent = len(code[line - 1]) - len(code[line - 1].lstrip())
    return max(0, shown[at].index(shown[at].strip()) - (len(shown[at - 1]) - len(shown[at - 1].lstrip())) + indent)

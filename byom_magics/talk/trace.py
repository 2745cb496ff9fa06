"""What an exception tells: its traceback as a model needs it, and where in the notebook's own code it came about."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from byom_magics.talk.cutting import cut_middle

__all__ = ["OwnFrame", "Trace", "traced"]

_LONGEST = 6_000
_MESSAGE = 4_000
_MOST_FRAMES = 80
_MOST_LOOKED_AT = 10_000
_CHAIN = 10
# What runs cells, and asks models, is not what a cell is about.
_NO_NEWS = re.compile(r".*[\\/](?:IPython|ipykernel|byom_magics)[\\/]")

CellOf = Callable[[str], "str | None"]
"""The name by which a person knows a file: ``Cell In[3]`` for a cell; None for what is not their own code."""


@dataclass(frozen=True)
class OwnFrame:
    """
    A function of the notebook that was running.

    Attributes:
        function: Its name; empty for a cell itself.
        cell: Where it stands, such as ``Cell In[3]``.
        file: The same as Python names it.
        line: The line that was running, from 1.
        values: Its local variables at that moment.
    """

    function: str
    cell: str
    file: str
    line: int
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Trace:
    """
    What an exception tells.

    Attributes:
        error_type: Its class.
        message: What it says, bounded.
        text: The traceback without the frames of IPython itself, bounded.
        own: The frames of the notebook's own code, the outermost first.
        modules: The modules that were running, the outermost first.
    """

    error_type: str
    message: str
    text: str
    own: tuple[OwnFrame, ...] = ()
    modules: tuple[str, ...] = ()


def traced(error: BaseException, cell_of: CellOf) -> Trace:
    """
    Read an exception. Nothing is raised, whatever it does when it is asked.

    Args:
        error: The exception, with its traceback.
        cell_of: Which files are the person's own, and what they are called.
    """
    begun = _first_own(error.__traceback__, cell_of)
    frames = [each for each in _frames(begun) if not _NO_NEWS.match(each.tb_frame.f_code.co_filename)]
    own = [_own_frame(each, cell_of) for each in frames if cell_of(each.tb_frame.f_code.co_filename) is not None]
    modules = dict.fromkeys(str(each.tb_frame.f_globals.get("__name__", "")) for each in frames)
    return Trace(
        type(error).__name__,
        cut_middle(_message(error), _MESSAGE)[0],
        cut_middle(_text(error, begun, len(frames), cell_of), _LONGEST)[0],
        tuple(own),
        tuple(modules),
    )


def _first_own(trace: TracebackType | None, cell_of: CellOf) -> TracebackType | None:
    """The traceback from the first own frame on; what called the cell is no news to anybody."""
    for each in _frames(trace):
        if cell_of(each.tb_frame.f_code.co_filename) is not None:
            return each
    return trace


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    looked_at = 0
    while trace is not None and looked_at < _MOST_LOOKED_AT:
        yield trace
        trace, looked_at = trace.tb_next, looked_at + 1


def _own_frame(trace: TracebackType, cell_of: CellOf) -> OwnFrame:
    frame = trace.tb_frame
    name = frame.f_code.co_name
    whole = name.startswith("<") and name not in ("<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
    file = frame.f_code.co_filename
    values = {} if whole else frame.f_locals
    return OwnFrame("" if whole else name, cell_of(file) or "", file, trace.tb_lineno, values)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an error of the person's own
        return "<it cannot be printed>"


def _text(error: BaseException, begun: TracebackType | None, frames: int, cell_of: CellOf) -> str:
    limit = -_MOST_FRAMES if frames > _MOST_FRAMES and not _repeats(begun) else None
    try:
        told = traceback.TracebackException(type(error), error, begun, limit=limit, compact=True)
        for each in _chain(told):
            _rename(each, cell_of)
        text = "".join(told.format())
    except Exception:  # noqa: BLE001 - errors may be of any making
        return f"{type(error).__name__}: {_message(error)[:_LONGEST]}"
    left_out = f"… ({frames - _MOST_FRAMES:,} frames before these were left out)\n" if limit else ""
    return left_out + text.rstrip("\n")


def _repeats(trace: TracebackType | None) -> bool:
    """Whether the end of a traceback is one function that calls itself, which Python tells in a few lines."""
    places = [(each.tb_frame.f_code, each.tb_lineno) for each in _frames(trace)][-20:-1]
    return len(set(places)) == 1


def _chain(told: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    waiting: list[traceback.TracebackException | None] = [told]
    for _ in range(_CHAIN):
        if not waiting:
            return
        each = waiting.pop(0)
        if each is not None:
            yield each
            waiting += [each.__cause__, each.__context__, *(getattr(each, "exceptions", None) or ())]


def _rename(told: traceback.TracebackException, cell_of: CellOf) -> None:
    told.stack[:] = [frame for frame in told.stack if not _NO_NEWS.match(frame.filename)]
    for frame in told.stack:
        frame.filename = _short(frame.filename, cell_of)
    if isinstance(getattr(told, "filename", None), str):
        told.filename = _short(told.filename, cell_of)  # of a SyntaxError


def _short(file: str, cell_of: CellOf) -> str:
    """A file by the name that tells most: a cell by its number, a library's file without the way to it."""
    cell = cell_of(file)
    if cell is not None:
        return cell
    for folder in ("site-packages", "dist-packages"):
        _, found, rest = file.rpartition(folder)
        if found:
            return rest.lstrip("/\\")
    for start, instead in ((str(Path(os.__file__).parent), ""), (str(Path.home()), "~/")):
        if file.startswith(start + os.sep):
            return instead + file[len(start) + 1 :]
    return file

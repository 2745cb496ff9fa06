"""A cell that failed, told to a model, and the cell that its answer proposes. Plain values; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.talk.fence import fenced
from byom_magics.talk.fenced_code import blocks

if TYPE_CHECKING:
    from byom_magics.talk.needed import Needed

__all__ = ["Failure", "fix_messages", "proposed"]

_LONGEST = 30_000  # characters of a cell that are sent whole
_READ = 1_000_000  # of an answer
_MOST = 12_000  # of what is told of the notebook
_PYTHON = ("python", "py", "python3", "ipython", "ipython3")

_SYSTEM = (
    "You help a person whose notebook cell has failed. First explain in a few short sentences what went wrong and why. "
    "Then give the whole corrected cell in one Python code block, and nothing after it. Change no more than needed, "
    "keep magics (lines that begin with %) as they are, and define nothing that the notebook has already."
)


@dataclass(frozen=True)
class Failure:
    """
    A cell that failed.

    Attributes:
        source: Its code; empty where it is not known.
        error_type: The class of what it raised.
        message: What that says.
        traceback: How the person sees it.
        line: The line of the source that was running, from 1; None where that is not known.
        names: The names that it uses.
        place: What the person calls it, such as ``Cell In[3]``.
        script: The path of the script that it is; empty for a cell.
        alike: Names of the notebook that look like one that is missing.
    """

    source: str
    error_type: str
    message: str
    traceback: str
    line: int | None = None
    names: tuple[str, ...] = ()
    place: str = "a cell"
    script: str = ""
    alike: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether its code is known, and short enough to be given back whole."""
        return bool(self.source.strip()) and len(self.source) <= _LONGEST


def fix_messages(
    failure: Failure,
    needed: Needed,
    versions: Mapping[str, str],
    inside: Mapping[str, Needed] | None = None,
) -> tuple[str, str]:
    """
    What is asked about a failure.

    Args:
        failure: The cell, and what it raised.
        needed: What it uses of the notebook.
        versions: Of Python and the packages that were running.
        inside: The local variables of the functions that were running, by where those stand.

    Returns:
        The system message, and the prompt.
    """
    parts: list[str] = []
    if failure.source.strip():
        what = "This script" if failure.script else "This cell of my notebook"
        where = f" (at line {failure.line})" if failure.line else ""
        shown = failure.source if failure.whole else f"{failure.source[:_LONGEST]}\n… (the rest is left out)"
        parts += [f"{what} failed{where}:", fenced(shown, "python")]
    else:
        parts.append("Code in my notebook failed; its source is not known.")
    parts += ["It raised:", fenced(failure.traceback.strip("\n") or f"{failure.error_type}: {failure.message}")]
    if failure.alike:
        parts.append(f"Names of the notebook that look like the missing one: {', '.join(failure.alike)}.")
    parts += _notebook(failure, needed, inside or {})
    if versions:
        parts.append("Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()) + ".")
    return _SYSTEM, "\n\n".join(parts)


def proposed(text: str, *, whole: bool = True) -> str | None:
    """
    The cell that an answer proposes: its last block of Python, else its last of no language, else its only one.

    Args:
        text: The answer.
        whole: Whether it came to its end; of one that did not, a block that is still open does not count.

    Returns:
        The code; None if nothing is proposed.
    """
    whole = whole and len(text) <= _READ
    found = [block for block in blocks(text[:_READ]) if whole or block.closed]
    python = [block.code for block in found if block.language.lower() in _PYTHON]
    # What stands behind the code without a language is what it would print.
    unlabelled = [block.code for block in found if not block.language]
    if python or unlabelled:
        return (python or unlabelled)[-1].strip("\n") or None
    return (found[0].code.strip("\n") or None) if len(found) == 1 else None


def _notebook(failure: Failure, needed: Needed, inside: Mapping[str, Needed]) -> Iterator[str]:
    """What is told of the notebook, up to a bound; what is left out is said."""
    room = _MOST
    if needed.names:
        listed = _listed(needed, room)
        room -= len(listed)
        yield "What it uses of the notebook:"
        yield listed
    for place, names in inside.items():
        if names.names:
            listed = _listed(names, room)
            room -= len(listed)
            yield f"Variables in {place}:"
            yield listed
    left_out = []
    for each in needed.names:
        if not each.source or each.source in failure.source:
            continue
        if len(each.source) > room:
            left_out.append(each.name)
            continue
        room -= len(each.source)
        yield fenced(each.source, "python")
    if left_out:
        yield f"The source of {', '.join(left_out)} is left out, since it is long."


def _listed(needed: Needed, room: int) -> str:
    """Names with what they stand for, as many as there is room for."""
    lines: list[str] = []
    for each in needed.names:
        line = f"- {each.name}: {each.what}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    more = len(needed.names) - len(lines) + needed.left_out
    return "\n".join([*lines, *([f"- and {more:,} more names, which are left out"] if more else [])])

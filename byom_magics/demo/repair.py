"""What ``demo/pydoc`` says to a failing cell: it mends what a rule can mend, and says where none can."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from byom_magics.demo.adding import added_text
from byom_magics.demo.cell import Cell, as_tree
from byom_magics.demo.indentation import wrong_indentation
from byom_magics.demo.inline import as_code
from byom_magics.demo.keys import missing_key
from byom_magics.demo.naming import attribute, imported_name, missing_module, missing_name
from byom_magics.demo.syntax import broken_code
from byom_magics.demo.tokens import split

if TYPE_CHECKING:
    from byom_magics.demo.answer import Reference
    from byom_magics.demo.failure import Failure, Repair

__all__ = ["repaired", "told_repair"]

_RULES: dict[str, Callable[[Failure, Cell], Repair | None]] = {
    "AttributeError": attribute,
    "ImportError": imported_name,
    "IndentationError": wrong_indentation,
    "KeyError": missing_key,
    "ModuleNotFoundError": missing_module,
    "NameError": missing_name,
    "SyntaxError": broken_code,
    "TabError": wrong_indentation,
    "TypeError": added_text,
}
_MANY_CAUSES = ("", "Exception", "OSError", "RuntimeError", "SyntaxError", "TypeError", "ValueError")
"""Of these the reference speaks in many places, and rarely of what happened."""
_MOST_TOKENS = 7_500
"""The longest cell that is given back, so that an answer has room for it."""
_SAID = 200  # characters of a message that are told
_BLOCK = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})[^\n]*\n(?P<code>.*?)^(?P=indent)(?P=fence)$", re.DOTALL | re.MULTILINE
)
_RUN = re.compile("`{3,}")


def repaired(failure: Failure) -> Repair | None:
    """
    Repair a cell, if one of the rules fits.

    Args:
        failure: The cell, and what it raised.

    Returns:
        The repair, whose cell can be read as Python; None if there is none.
    """
    rule = _RULES.get(failure.error)
    if rule is None or not failure.cell:
        return None
    repair = rule(failure, Cell(failure.cell))
    if repair is None or repair.cell == failure.cell or as_tree(repair.cell) is None:
        return None
    return repair


def told_repair(failure: Failure, repair: Repair | None, reference: Reference) -> str:
    """
    The answer to a failure, as Markdown: an explanation, and the whole repaired cell in a block at its end.

    Args:
        failure: The cell, and what it raised.
        repair: The repair, if there is one.
        reference: What is quoted where there is none.
    """
    blocks = [f"*Built-in demo: follows a few rules and quotes {reference.name}, is not a language model.*"]
    blocks += _explained(failure)
    if repair is None:
        blocks += _unrepaired(failure, reference)
    elif len(split(repair.cell)) > _MOST_TOKENS:
        blocks += [repair.why, "The cell is too long for me to give it back whole."]
    else:
        fence = "`" * (max((len(run) for run in _RUN.findall(repair.cell)), default=2) + 1)
        blocks += [repair.why, f"{fence}python\n{repair.cell}\n{fence}"]
    return "\n\n".join(blocks) + "\n"


def _explained(failure: Failure) -> Iterator[str]:
    """What was raised, where, and what Python says of that kind of exception."""
    if not failure.error:
        return
    said = " ".join(failure.message.split())
    said = f"{said[:_SAID]}…" if len(said) > _SAID else said
    where = f"Line {failure.lines[0]}" if failure.lines else "The code"
    kind = getattr(builtins, failure.error, None)
    meaning = (kind.__doc__ or "") if isinstance(kind, type) and issubclass(kind, BaseException) else ""
    what = as_code(f"{failure.error}: {said}" if said else failure.error)
    yield f"{where} raised {what}." + (f" Python says of it: “{meaning.splitlines()[0]}”" if meaning else "")


def _unrepaired(failure: Failure, reference: Reference) -> Iterator[str]:
    yield (
        "I have no repair for this. I mend what a rule can mend: a name, a key or a module that is misspelled, "
        "a missing import, colon, quote or bracket, a wrong indentation, a sum of text and numbers. A language model "
        "may find more."
    )
    if failure.error in _MANY_CAUSES:
        return
    # What it says may be about names of the notebook, of which the reference knows nothing.
    for question in (f"{failure.error}: {failure.message[:_SAID]}", failure.error):
        found = reference.look(question)
        about = [one for one in found.quoted if as_code(failure.error) in "".join(one.passage.blocks)]
        if about:
            yield "What the reference has about it:"
            # Blocks of code between fences would be taken for a proposal.
            blocks = reference.quoted(replace(found, quoted=tuple(about[:1])))
            yield from (_BLOCK.sub(_indented, block) for block in blocks)
            return


def _indented(block: re.Match[str]) -> str:
    return "\n".join(f"    {line}" for line in block["code"].rstrip("\n").split("\n"))

"""What a panel says in its own words: what went well, what did not, and what to do about it. Safe HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog.secrets import mask
from byom_magics.plain import one_line
from byom_magics.show.sheet import BAD, QUIET, document, escape

if TYPE_CHECKING:
    from byom_magics.errors import ByomError

__all__ = ["problem_html", "said_html"]

_LONGEST = 1_000


def said_html(*lines: str, command: str = "") -> str:
    """
    Give lines that screen readers tell when they have time.

    Args:
        lines: The texts, which may come from anywhere. Empty ones are left out.
        command: A line to be run in a cell, in a form that can be copied.
    """
    shown = "".join(f"<div>{escape(one_line(line, _LONGEST))}</div>" for line in lines if line)
    code = f'<pre style="margin:.2em 0;white-space:pre-wrap">{escape(one_line(command, _LONGEST))}</pre>'
    return document(f'<div role="status">{shown}{code if command else ""}</div>') if shown or command else ""


def problem_html(problem: ByomError, command: str = "") -> str:
    """
    Give what went wrong and the next step, which screen readers tell at once.

    Args:
        problem: What was raised.
        command: A line to be run in a cell that is the next step, or a part of it.
    """
    what = "<br>".join(escape(one_line(line, _LONGEST)) for line in mask(problem.what).splitlines()[:10])
    hint = one_line(mask(problem.hint or ""), _LONGEST)
    step = f'<br><span style="{QUIET}">Next: {escape(hint)}</span>' if hint else ""
    code = f'<pre style="margin:.2em 0;white-space:pre-wrap">{escape(one_line(command, _LONGEST))}</pre>'
    return document(
        f'<div role="alert" style="border-left:4px solid {BAD};padding:.1em .8em">'
        f'<strong style="color:{BAD}">⚠</strong> {what}{step}{code if command else ""}</div>'
    )

"""Two versions of a text, line by line: what goes has a minus in front of it, what comes a plus."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from byom_magics.plain import visible
from byom_magics.show.markup import escape, left_out
from byom_magics.show.status import QUIET

__all__ = ["diff_html", "diff_plain"]

_MOST_LINES = 10_000
_LONGEST_LINE = 2_000
_MOST_SHOWN = 200_000  # characters in all
_AROUND = 3
_SAME = "The proposal is the same as the cell."
_ADDED = "background:color-mix(in srgb,var(--jp-success-color1,#388e3c) 18%,transparent)"
_GONE = "background:color-mix(in srgb,var(--jp-error-color1,#c62828) 18%,transparent)"
_PRE = "margin:.3em 0;padding:.4em 0;overflow:auto;font-family:var(--jp-code-font-family,monospace);white-space:pre"


def diff_html(before: str, after: str) -> str:
    """
    The differences as HTML; the signs say it, and colours only beside them.

    Args:
        before: The text that there is.
        after: The text that is proposed.
    """
    lines, dropped = _lines(before, after)
    if not lines and not dropped:
        return f'<p style="{QUIET}">{_SAME}</p>\n'
    return f'<pre style="{_PRE}">{"".join(map(_line_html, lines))}</pre>\n{left_out(dropped)}'


def diff_plain(before: str, after: str) -> str:
    """The differences as text."""
    lines, dropped = _lines(before, after)
    if not lines and not dropped:
        return _SAME
    more = [f"… {dropped:,} more characters"] if dropped else []
    return "\n".join([*(f"{sign} {line}".rstrip() for sign, line in lines), *more])


def _lines(before: str, after: str) -> tuple[list[tuple[str, str]], int]:
    """The lines that differ, with those around them, each with its sign; and how much of it all is not shown."""
    # Python's own idea of a line has more ends, such as U+2028, which may stand inside a string.
    old, new = before.removesuffix("\n").split("\n"), after.removesuffix("\n").split("\n")
    if old == new:
        return [], 0
    dropped = sum(len(line) + 1 for line in (*old[_MOST_LINES:], *new[_MOST_LINES:]))
    kept: list[tuple[str, str]] = []
    room = _MOST_SHOWN
    for sign, line in _marked(old[:_MOST_LINES], new[:_MOST_LINES]):
        room -= len(line) + 1
        if room >= 0:
            kept.append((sign, line))
        else:
            dropped += len(line) + 1
    return kept, dropped


def _marked(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    groups = difflib.SequenceMatcher(None, old, new, autojunk=True).get_grouped_opcodes(_AROUND)
    for number, group in enumerate(groups):
        if number:
            yield "⋯", ""
        for kind, from_old, to_old, from_new, to_new in group:
            if kind == "equal":
                yield from ((" ", _shown(line)) for line in old[from_old:to_old])
                continue
            yield from (("-", _shown(line)) for line in old[from_old:to_old])
            yield from (("+", _shown(line)) for line in new[from_new:to_new])


def _shown(line: str) -> str:
    more = len(line) - _LONGEST_LINE
    return visible(line[:_LONGEST_LINE]) + (f"… ({more:,} more characters)" if more > 0 else "")


def _line_html(marked: tuple[str, str]) -> str:
    sign, line = marked
    style = {"+": _ADDED, "-": _GONE}.get(sign, "")
    inside = f"{sign} {escape(line)}"
    return f'<span style="display:block;padding:0 .6em;{style}">{inside}</span>'

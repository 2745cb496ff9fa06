"""Answers to one question as text: one below the other, and a table of them all."""

from __future__ import annotations

from collections.abc import Sequence

from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.answer import joined_plain, reply_plain
from byom_magics.show.column import (
    Column,
    compared,
    compared_words,
    fitting,
    marked,
    summary,
    title_of,
    words_so_far,
)
from byom_magics.show.status import notes_lines, problem_plain, status_plain
from byom_magics.show.word_diff import word_diff_plain

__all__ = ["columns_plain", "rule"]

_WIDTH = 72
_PROMPT = 500


def columns_plain(
    columns: Sequence[Column],
    *,
    prompt: str = "",
    note: str = "",
    against: int | None = None,
    format_name: str = "markdown",
) -> str:
    """
    Give a comparison as text.

    Args:
        columns: The answers.
        prompt: What was asked; its beginning is given.
        note: A line of ours above the answers.
        against: The place of the column with which the others are compared; None to give them as they are.
        format_name: See `byom_magics.show.answer.FORMATS`.
    """
    asked = visible(bounded(prompt.strip(), _PROMPT))
    parts = [f"Prompt: {asked}" if asked else "", one_line(note, 1_000)]
    for place, (column, won) in enumerate(zip(columns, marked(columns), strict=True)):
        with_ = None if against is None or against == place else columns[against]
        head = [rule(title_of(column)), one_line(column.subtitle, 300), f"Marked: {', '.join(won)}" if won else ""]
        body = _body(column, len(columns), with_, format_name)
        parts.append("\n".join(line for line in (*head, body) if line))
    table = summary(columns)
    parts.append(f"{rule('summary')}\n{table.plain}" if table is not None else "")
    return joined_plain(parts) + "\n"


def rule(title: str) -> str:
    """Give the line that heads a column."""
    return f"── {title} ".ljust(_WIDTH, "─")


def _body(column: Column, columns: int, with_: Column | None, format_name: str) -> str:
    reply, notes = fitting(column, columns)
    if reply is None:
        return "\n".join(f"[{line}]" for line in (words_so_far(column), *notes_lines(notes)))
    end = f"[{words_so_far(column)}]\n" if column.running else problem_plain(reply) + status_plain(reply, notes)
    pieces = compared(column, with_) if with_ is not None else None
    if pieces is None or with_ is None:
        return reply_plain(reply, format_name, end)
    return joined_plain([word_diff_plain(pieces), f"[{compared_words(pieces, column, with_)}]\n{end}"])

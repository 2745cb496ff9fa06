"""Answers to one question side by side: a static document that reads without widgets, without styles and in print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.answer import Bundle, answer_html, document, images_html, reply_bundle
from byom_magics.show.column import (
    Column,
    compared,
    compared_words,
    figures,
    fitting,
    title_of,
    words_so_far,
)
from byom_magics.show.columns_text import columns_plain
from byom_magics.show.layout import Said, sections
from byom_magics.show.markup import escape
from byom_magics.show.status import QUIET, note_html, notes_lines, problem_html, status_html
from byom_magics.show.thinking import reasoning_html
from byom_magics.show.word_diff import word_diff_html

if TYPE_CHECKING:
    from byom_magics.events import Reply

__all__ = ["Column", "columns_bundle"]

# More columns than this stand in a row that scrolls; as many or fewer go on below where the page is narrow.
_WRAPPED = 8
_ROW = "display:flex;flex-wrap:wrap;gap:.8em;align-items:stretch;margin:.4em 0"
_LONG_ROW = (
    "display:flex;flex-wrap:nowrap;gap:.8em;align-items:stretch;overflow-x:auto;margin:.4em 0;padding-bottom:.6em"
)
# JupyterLab takes off what names a variable in a notebook that is not trusted; a line in grey remains then.
_BOX = (
    "box-sizing:border-box;min-width:0;max-width:100%;padding:.5em .8em .3em;overflow-wrap:break-word;"
    "border:1px solid #bdbdbd;border-color:var(--jp-border-color2,#bdbdbd);border-radius:3px;"
)
_TITLE = (
    "margin:0 0 .3em;padding:0 0 .2em;border-bottom:1px solid #bdbdbd;"
    "border-bottom-color:var(--jp-border-color2,#bdbdbd);"
    "font-size:1.1em;line-height:1.3;font-weight:bold;overflow-wrap:anywhere"
)
_MARKS = "margin:0 0 .3em;font-size:.9em"
_LINE = f"{QUIET};margin:0 0 .3em;font-size:.9em;overflow-wrap:anywhere"
_PROMPT_STYLE = (
    "margin:.2em 0;padding:0 0 0 .8em;background:none;border-left:3px solid #bdbdbd;"
    "border-left-color:var(--jp-border-color2,#bdbdbd);"
    "font-family:inherit;font-size:inherit;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"
)
_PROMPT_SHOWN = 10_000
_PROMPT_LINES, _PROMPT_OPEN = 4, 400
# What one answer may take as HTML, pictures aside; more than that is given as bare text.
_MOST_HTML = 1_500_000


def columns_bundle(
    columns: Sequence[Column],
    *,
    prompt: str = "",
    note: str = "",
    against: int | None = None,
    format_name: str = "markdown",
) -> Bundle:
    """
    Give a comparison as one output.

    Args:
        columns: The answers, in the order in which they stand.
        prompt: What was asked; its beginning is shown, so that the comparison can be read alone.
        note: A line of ours above the answers.
        against: The place of the column with which the others are compared word by word; None to show them as they are.
        format_name: See `byom_magics.show.answer.FORMATS`.
    """
    known = figures(columns)
    sections_ = [
        _column_html(column, won, columns, against, format_name)
        for column, won in zip(columns, known.marks, strict=True)
    ]
    html = document(
        _prompt_html(prompt),
        f"{note_html(one_line(note, 1_000))}\n" if note else "",
        _row_html(sections_),
        known.table.html if known.table is not None else "",
    )
    plain = columns_plain(columns, prompt=prompt, note=note, against=against, format_name=format_name, known=known)
    return Bundle(html, plain)


def _row_html(sections_: Sequence[str]) -> str:
    body = "".join(sections_)
    if len(sections_) <= _WRAPPED:
        return f'<div style="{_ROW}">\n{body}</div>\n'
    # What scrolls has to be reached by keyboard, and named.
    return f'<div role="region" aria-label="answers side by side" tabindex="0" style="{_LONG_ROW}">\n{body}</div>\n'


def _prompt_html(prompt: str) -> str:
    text = visible(prompt.strip())
    if not text:
        return ""
    shown = f'<pre style="{_PROMPT_STYLE}">{escape(bounded(text, _PROMPT_SHOWN))}</pre>'
    if text.count("\n") < _PROMPT_LINES and len(text) <= _PROMPT_OPEN:
        return f'<div style="{QUIET}">Prompt</div>{shown}\n'
    first = one_line(text.split("\n", 1)[0], 120)
    size = f"{text.count(chr(10)) + 1:,} lines, {len(text):,} characters"
    return (
        f'<details><summary style="{QUIET};cursor:pointer">Prompt: {escape(first)} … ({size})</summary>'
        f"{shown}</details>\n"
    )


def _column_html(
    column: Column, won: tuple[str, ...], columns: Sequence[Column], against: int | None, format_name: str
) -> str:
    with_ = columns[against] if against is not None else None
    title = escape(title_of(column))
    width = "flex:1 1 15em" if len(columns) <= _WRAPPED else "flex:0 0 22em"
    head = [f'<h4 style="{_TITLE}">{title}</h4>\n']
    if column.subtitle:
        head.append(f'<p style="{_LINE}">{escape(one_line(column.subtitle, 300))}</p>\n')
    if won:
        head.append(f'<p style="{_MARKS}">★ <strong>{" · ".join(won)}</strong></p>\n')
    if with_ is column:
        head.append(f'<p style="{_LINE}">The others are compared with this one.</p>\n')
    body = _body_html(column, len(columns), None if with_ is column else with_, format_name)
    return f'<section aria-label="{title}" style="{_BOX}{width}">\n{"".join(head)}{body}</section>\n'


def _body_html(column: Column, columns: int, with_: Column | None, format_name: str) -> str:
    reply, notes = fitting(column, columns)
    if reply is None:
        return "".join(f"{note_html(line)}\n" for line in (words_so_far(column), *notes_lines(notes)))
    pieces = compared(column, with_) if with_ is not None else None
    if pieces is not None and with_ is not None:
        said = f'<p style="{_LINE}">{escape(compared_words(pieces, column, with_))}</p>\n'
        return f"{said}{word_diff_html(pieces)}{images_html(reply.images)}{_end_html(column, reply, notes)}"
    if column.running:
        return f"{_so_far_html(reply, format_name)}{_end_html(column, reply, notes)}"
    html = reply_bundle(reply, format_name, notes=notes).html
    if len(html) - 2 * sum(len(image.data) for image in reply.images) > _MOST_HTML:
        html = reply_bundle(reply, "text", notes=notes).html
    return f"{html}\n"


def _so_far_html(reply: Reply, format_name: str) -> str:
    thoughts = reasoning_html(reply.reasoning, reply.reasoning_s, reply.usage.reasoning_tokens)
    said = "".join(
        answer_html(section.text, format_name if section.is_answer else "markdown")
        for section in sections(reply)
        if isinstance(section, Said)
    )
    return document(thoughts, said, images_html(reply.images))


def _end_html(column: Column, reply: Reply, notes: Sequence[str]) -> str:
    if column.running:
        return f"{note_html(words_so_far(column))}\n"
    return problem_html(reply) + status_html(reply, notes)

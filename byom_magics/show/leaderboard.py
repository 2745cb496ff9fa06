"""A leaderboard: where each model stands, what is to be known of it, and who won against whom. HTML and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from byom_magics.plain import one_line
from byom_magics.show.answer import Bundle, document
from byom_magics.show.markup import escape
from byom_magics.show.ranked import interval_words, rank_words, rating_words, scale_letter, share_words
from byom_magics.show.tables import Table

if TYPE_CHECKING:
    from byom_magics.show.ranked import Ranked, Ranking, WinMatrix

__all__ = ["leaderboard", "win_matrix"]

_MATRIX_NOTE = (
    "Row against column: won – lost – tied, and the share that the row won, a tie counted half. Empty: never compared."
)
_LONGEST_NOTE = 1_000
_NUMBERS = ("rating", "against average", "won", "lost", "tied", "votes")
_LIST = "font-size:.9em;line-height:1.4;margin:.4em 0 .2em;padding-left:1.4em"


def leaderboard(ranking: Ranking) -> Bundle:
    """
    Show where models stand, a table for each group, and the notes below.

    Args:
        ranking: The models; their labels may come from anywhere.
    """
    groups = [list(members) for _, members in groupby(ranking.standings, key=lambda each: each.group)]
    html, plain = [], []
    for number, members in enumerate(groups, 1):
        if len(groups) > 1:
            title = f"Group {number} of {len(groups)}"
            html.append(document(f"<p><strong>{title}</strong></p>"))
            plain.append(title)
        table = _table(members, ranking.confidence)
        html.append(table.html)
        plain.append(table.plain)
    return _with_notes(html, plain, ranking.notes)


def win_matrix(matrix: WinMatrix) -> Bundle:
    """
    Show who won against whom.

    Args:
        matrix: The counts; the labels may come from anywhere.
    """
    size = range(len(matrix.labels))
    rows = [
        (label, *("·" if row == column else _cell(matrix, row, column) for column in size))
        for row, label in enumerate(matrix.labels)
    ]
    table = Table(("row against column", *matrix.labels), rows, note=_MATRIX_NOTE)
    return Bundle(table.html, table.plain)


def _table(members: Sequence[Ranked], confidence: float) -> Table:
    scales = sorted({each.scale for each in members if each.rating is not None})
    intervals = any(each.rating_low is not None for each in members)
    columns = [
        ("rank", [rank_words(each) for each in members]),
        ("model", [each.label for each in members]),
        *(
            [("scale", ["" if each.rating is None else scale_letter(each, scales) for each in members])]
            if len(scales) > 1
            else []
        ),
        ("rating", [rating_words(each) for each in members]),
        *([(f"{confidence * 100:.4g}% interval", [interval_words(each) for each in members])] if intervals else []),
        ("against average", [share_words(each.share) for each in members]),
        ("won", [f"{each.wins:,}" for each in members]),
        ("lost", [f"{each.losses:,}" for each in members]),
        ("tied", [f"{each.ties:,}" for each in members]),
        ("votes", [f"{each.votes:,}" for each in members]),
    ]
    numbers = tuple(at for at, (name, _) in enumerate(columns) if name in _NUMBERS)
    rows = list(zip(*(cells for _, cells in columns), strict=True))
    return Table(tuple(name for name, _ in columns), rows, numeric=numbers)


def _cell(matrix: WinMatrix, row: int, column: int) -> str:
    share = matrix.share(row, column)
    if share is None:
        return ""
    counts = (matrix.wins[row][column], matrix.wins[column][row], matrix.ties[row][column])
    return f"{' – '.join(f'{count:,}' for count in counts)} ({share:.0%})"


def _with_notes(html: Iterable[str], plain: Iterable[str], notes: Sequence[str]) -> Bundle:
    lines = [one_line(note, _LONGEST_NOTE) for note in notes]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    below = document(f'<ul style="{_LIST}">{items}</ul>') if lines else ""
    return Bundle("\n".join([*html, below]), "\n\n".join([*plain, "\n".join(f"· {line}" for line in lines)]).rstrip())

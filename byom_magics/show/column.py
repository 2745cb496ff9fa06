"""One answer of several to the same question, and what is said of them together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from byom_magics.errors import ByomError
from byom_magics.events import Reply, State
from byom_magics.plain import one_line
from byom_magics.show.layout import Said, sections
from byom_magics.show.marks import marks
from byom_magics.show.status import seconds_words
from byom_magics.show.tables import Table
from byom_magics.show.word_diff import Piece, count_words, overlap, word_diff

__all__ = [
    "Column",
    "Figures",
    "compared",
    "compared_words",
    "figures",
    "fitting",
    "masked",
    "title_of",
    "words_so_far",
]

# Characters of all answers of a comparison, and of one of them.
_TOGETHER = 1_600_000
_EACH = 200_000
# Characters of an answer that are compared word by word.
_COMPARED = 60_000
_UNKNOWN = "–"


@dataclass(frozen=True)
class Column:
    """
    One answer of a comparison.

    Attributes:
        title: What heads it, such as the key of the model.
        reply: What came, or what has come so far; None if nothing did.
        running: Whether more may come.
        subtitle: A line below the title, such as what sets this column apart.
        hidden: Whether nothing may tell which model it is: only its answer is shown, and how it ended.
        notes: Lines below its status line.
    """

    title: str
    reply: Reply | None = None
    running: bool = False
    subtitle: str = ""
    hidden: bool = False
    notes: tuple[str, ...] = ()


def title_of(column: Column) -> str:
    """Give the title as one visible line."""
    return one_line(column.title, 120)


def masked(reply: Reply) -> Reply:
    """Give a reply without all that could tell which model it came from, but for what it says."""
    said = "\n\n".join(section.text for section in sections(reply) if isinstance(section, Said))
    bare = Reply(said, state=reply.state, images=reply.images)
    if not reply.state.failed and reply.error is None:
        return bare
    after = ByomError("Why is told after the vote.", hint="vote first")
    return replace(bare, state=State.ERROR, error=after)


def fitting(column: Column, columns: int) -> tuple[Reply | None, tuple[str, ...]]:
    """
    Give what of a column's reply is shown beside others, and the notes below it.

    Args:
        column: The column.
        columns: How many there are: what all may show together is shared among them.
    """
    reply = column.reply
    if reply is None:
        return None, column.notes
    notes = column.notes
    if column.hidden:
        reply, notes = masked(reply), ()
    most = min(_EACH, _TOGETHER // max(columns, 1))
    size = len(reply.text)
    if size > most:
        reply = _cut(reply, most)
        notes = (*notes, f"{most:,} of {size:,} characters are shown here; the reply holds the whole text")
    return reply, notes


def _cut(reply: Reply, most: int) -> Reply:
    text = reply.text[:most]
    messages = reply.messages
    if messages and messages[-1].role == "assistant" and messages[-1].text == reply.text:
        messages = (*messages[:-1], replace(messages[-1], content=text))
    return replace(reply, text=text, messages=messages)


def words_so_far(column: Column) -> str:
    """Say how far a column is that is not done."""
    words = count_words(column.reply.text) if column.reply is not None else 0
    if not column.running:
        return "Nothing came."
    return f"Still answering: {_amount(words, 'word')} so far." if words else "Still waiting for its answer."


def _amount(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


# What differs


def compared(column: Column, with_: Column) -> tuple[Piece, ...] | None:
    """Give what differs between the answers of two columns; None if one of them has none."""
    if column.reply is None or with_.reply is None:
        return None
    new, old = _text(column), _text(with_)
    if not new.strip() or not old.strip():
        return None
    return word_diff(old[:_COMPARED], new[:_COMPARED])


def _text(column: Column) -> str:
    return column.reply.text if column.reply is not None else ""


def compared_words(pieces: tuple[Piece, ...], column: Column, with_: Column) -> str:
    """Say in a line how much two answers have in common."""
    title = title_of(with_)
    count = overlap(pieces)
    if all(piece.kind == "same" for piece in pieces):
        said = f"The same as {title}, word for word"
    else:
        only = f"{_amount(count.new, 'word')} only here, {count.gone:,} only there"
        said = f"Compared with {title}: {only}, {count.same:,} in both · {_percent(count.share)} alike"
    longest = max(len(_text(column)), len(_text(with_)))
    return said + (f" · only the first {_COMPARED:,} characters are compared" if longest > _COMPARED else "")


def _percent(share: float) -> str:
    # Two answers that differ are not called the same, nor those that share something entirely different.
    return f"{min(99, max(1, round(share * 100))) if 0 < share < 1 else round(share * 100)} %"


# All of them


@dataclass(frozen=True)
class Figures:
    """
    What is known of several columns together.

    Attributes:
        marks: The marks of each column; none while one of them is running or hidden.
        table: A row per column; None if a name is hidden.
    """

    marks: tuple[tuple[str, ...], ...]
    table: Table | None


def figures(columns: Sequence[Column]) -> Figures:
    """Mark the columns that are best at something, and put all figures into a table."""
    if any(column.hidden for column in columns):
        return Figures(((),) * len(columns), None)
    words = [count_words(_text(column)) for column in columns]
    running = any(column.running for column in columns)
    won = ((),) * len(columns) if running else marks([column.reply for column in columns], words)
    rows = [
        (*_row(column, count), ", ".join(marked)) for column, count, marked in zip(columns, words, won, strict=True)
    ]
    table = Table((*_HEADS, "marked"), rows) if any(won) else Table(_HEADS, [row[:-1] for row in rows])
    return Figures(won, table)


_HEADS = ("model", "state", "first token", "total", "tokens/s", "tokens in", "tokens out", "cost", "words")


def _row(column: Column, words: int) -> tuple[str, ...]:
    reply = column.reply
    if reply is None:
        unknown = (_UNKNOWN,) * (len(_HEADS) - 2)
        return (column.title, "still waiting" if column.running else "nothing came", *unknown)
    state = "still answering" if column.running else reply.state_text
    usage = reply.usage
    return (
        column.title,
        f"{state}, from the cache" if reply.cached else state,
        _seconds(reply.first_token_s),
        _seconds(reply.duration_s),
        _number(reply.tokens_per_s, ".1f"),
        _number(usage.input_tokens, ","),
        _number(usage.output_tokens, ","),
        _UNKNOWN if reply.cost is None else str(reply.cost),
        f"{words:,}",
    )


def _seconds(seconds: float | None) -> str:
    return _UNKNOWN if seconds is None else seconds_words(seconds)


def _number(number: float | None, form: str) -> str:
    return _UNKNOWN if number is None else format(number, form)

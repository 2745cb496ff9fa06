"""Answers to one question as text: one below the other, and a table of them all; whole, or as they arrive."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from byom_magics.events import (
    Ended,
    Event,
    Held,
    ImageMade,
    Opened,
    Progress,
    Reclassified,
    Reply,
    Retrying,
    RoundEnded,
    Signature,
    TextDelta,
    UsageReport,
)
from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.answer import joined_plain, reply_plain
from byom_magics.show.column import (
    Column,
    Figures,
    compared,
    compared_words,
    figures,
    fitting,
    masked,
    title_of,
    words_so_far,
)
from byom_magics.show.status import Wait, notes_lines, problem_plain, status_plain, waiting
from byom_magics.show.terminal import TerminalView
from byom_magics.show.word_diff import count_words, word_diff_plain

__all__ = ["ColumnsTerminal", "columns_plain", "rule"]

_WIDTH = 72
_PROMPT = 500
_DIM, _NORMAL = "\x1b[2m", "\x1b[0m"
_CLEAR_LINE = "\r\x1b[K"
_LINE_WIDTH = 100


def columns_plain(
    columns: Sequence[Column],
    *,
    prompt: str = "",
    note: str = "",
    against: int | None = None,
    format_name: str = "markdown",
    known: Figures | None = None,
) -> str:
    """
    Give a comparison as text.

    Args:
        columns: The answers.
        prompt: What was asked; its beginning is given.
        note: A line of ours above the answers.
        against: The place of the column with which the others are compared; None to give them as they are.
        format_name: See `byom_magics.show.answer.FORMATS`.
        known: The figures of the columns, if they are worked out already.
    """
    known = figures(columns) if known is None else known
    asked = visible(bounded(prompt.strip(), _PROMPT))
    parts = [f"Prompt: {asked}" if asked else "", one_line(note, 1_000)]
    for place, (column, won) in enumerate(zip(columns, known.marks, strict=True)):
        with_ = None if against is None or against == place else columns[against]
        head = [rule(title_of(column)), one_line(column.subtitle, 300), f"Marked: {', '.join(won)}" if won else ""]
        body = _body(column, len(columns), with_, format_name)
        parts.append("\n".join(line for line in (*head, body) if line))
    parts.append(f"{rule('summary')}\n{known.table.plain}" if known.table is not None else "")
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


class ColumnsTerminal:
    """
    Writes the answers of several models to a text stream while they arrive.

    They stand one below the other, since a terminal has but one place to write. The first that has not ended is
    written as it comes, the others when it is their turn; a table follows when all have ended. To be called from one
    thread.

    Args:
        out: Where to write.
        titles: What heads each answer.
        subtitles: A line below each title; as many as there are titles, or none.
        addresses: Where each is asked; as many as there are titles, or none.
        hidden: Whether nothing may tell which models these are; see `Column`.
        format_name: See `byom_magics.show.terminal.TerminalView`.
        clock: Seconds, for the waiting line.
        width: Letters that fit in a line of the terminal; None to ask it.
    """

    def __init__(
        self,
        out: TextIO,
        titles: Sequence[str],
        *,
        subtitles: Sequence[str] = (),
        addresses: Sequence[str] = (),
        hidden: bool = False,
        format_name: str = "markdown",
        clock: Callable[[], float] = time.monotonic,
        width: int | None = None,
    ) -> None:
        self._out, self._tty = out, out.isatty()
        # A line that goes over the edge could not be wiped.
        self._width = (width or min(_LINE_WIDTH, shutil.get_terminal_size((_LINE_WIDTH, 24)).columns)) - 1
        self._format, self._clock, self._hidden = format_name, clock, hidden
        self._answers = [
            _Answer(
                one_line(title, 120),
                one_line(subtitles[place], 300) if subtitles else "",
                Wait(title, addresses[place] if addresses and not hidden else "", clock()),
            )
            for place, title in enumerate(titles)
        ]
        self._turn = -1
        self._view: TerminalView | None = None
        self._line = ""

    def event(self, index: int, event: Event) -> None:
        """Take in what came for an answer; cheap, unless it is the one that is being written."""
        answer = self._answers[index]
        if isinstance(event, (Opened, Ended, Signature, UsageReport)) or (
            self._hidden and not isinstance(event, (TextDelta, ImageMade, Reclassified, RoundEnded))
        ):
            return
        answer.heard(event, self._clock())
        if index == self._turn and self._view is not None:
            self._write_event(self._view, event)
        else:
            answer.backlog.append(event)

    def tick(self) -> None:
        """Write what is due, the line that says how far all are included."""
        if self._turn < 0:
            self._go_on()
        if self._view is None:
            return
        if self._answers[self._turn].silent:
            self._say(self._going_on())
        else:
            self._view.tick()

    def finish(self, index: int, reply: Reply) -> None:
        """Take in that an answer has ended; after the last of them, the table is written."""
        answer = self._answers[index]
        if answer.reply is None:
            answer.reply = reply
            if index == self._turn or self._turn < 0:
                self._go_on()

    def _go_on(self) -> None:
        """Write out all answers whose turn it is, up to the first that has not ended."""
        while self._turn < len(self._answers):
            if self._turn >= 0:
                answer = self._answers[self._turn]
                if answer.reply is None:
                    return
                self._end(answer.reply)
            self._turn += 1
            if self._turn < len(self._answers):
                self._begin(self._answers[self._turn])
        self._write_table()

    def _begin(self, answer: _Answer) -> None:
        self._write("\n" * (self._turn > 0) + f"{rule(answer.title)}\n")
        if answer.subtitle:
            self._write(f"{answer.subtitle}\n")
        wait = answer.wait
        self._view = TerminalView(
            self._out, model=wait.model, address=wait.address, format_name=self._format, clock=self._clock
        )
        backlog, answer.backlog = answer.backlog, []
        for event in backlog:
            self._write_event(self._view, event)
        self._out.flush()

    def _write_event(self, view: TerminalView, event: Event) -> None:
        if not isinstance(event, (Progress, Retrying, Held)):
            self._wipe()
        view.event(event)

    def _end(self, reply: Reply) -> None:
        self._wipe()
        if self._view is not None:
            self._view.finish(masked(reply) if self._hidden else reply)
        self._view = None

    def _write_table(self) -> None:
        columns = [Column(answer.title, answer.reply, hidden=self._hidden) for answer in self._answers]
        table = figures(columns).table
        if table is not None:
            self._write(f"\n{rule('summary')}\n{table.plain}\n")
        self._out.flush()

    def _going_on(self) -> str:
        current = self._answers[self._turn]
        now = waiting(current.wait, self._clock())
        going = [answer for answer in self._answers if answer.reply is None]
        if len(self._answers) == 1:
            return now
        others = ", ".join(answer.progress for answer in going if answer is not current)
        count = f"{len(going)} of {len(self._answers)} still answering"
        return " · ".join(part for part in (count, others, now) if part)

    # The line that waits

    def _say(self, line: str) -> None:
        if not self._tty or line == self._line:
            return
        self._line = line
        self._write(f"{_CLEAR_LINE}{_DIM}{line[: self._width]}{_NORMAL}")
        self._out.flush()

    def _wipe(self) -> None:
        if self._line:
            self._line = ""
            self._write(_CLEAR_LINE)

    def _write(self, text: str) -> None:
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.replace("─", "-").encode(encoding, "backslashreplace").decode(encoding)
        self._out.write(text)


class _Answer:
    """
    One answer of those that are written one after the other.

    Attributes:
        title: What heads it.
        subtitle: The line below.
        wait: What is known before anything has come.
        reply: What came of it, once it has ended.
        backlog: What came before its turn.
        silent: Whether nothing has come yet that can be written.
    """

    def __init__(self, title: str, subtitle: str, wait: Wait) -> None:
        self.title, self.subtitle, self.wait = title, subtitle, wait
        self.reply: Reply | None = None
        self.backlog: list[Event] = []
        self.silent = True
        self._words, self._open = 0, ""

    def heard(self, event: Event, now: float) -> None:
        """Note how far it is."""
        if isinstance(event, (Progress, Retrying, Held)):
            self.wait.heard(event, now)
            return
        self.silent = False
        if isinstance(event, TextDelta):
            # A word may come in several pieces.
            text = self._open + event.text
            self._words += count_words(text) - count_words(self._open)
            self._open = text[text.rstrip().rfind(" ") + 1 :][-40:] if not text[-1:].isspace() else ""
        elif isinstance(event, (Reclassified, RoundEnded)):
            self._words, self._open = 0, ""

    @property
    def progress(self) -> str:
        """How far it is, in a few words."""
        if self.silent:
            return f"{self.title} waiting"
        return f"{self.title} {self._words:,} word{'s' * (self._words != 1)}"

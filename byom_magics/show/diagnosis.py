"""What an examination of a connection found: a row a step, or a row a model, as HTML and as lines of text."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from byom_magics.plain import one_line
from byom_magics.show.answer import document
from byom_magics.show.markup import escape
from byom_magics.show.status import BAD, QUIET

__all__ = ["Shown", "Step", "all_shown", "count", "model_lines", "step_lines", "steps_shown", "summary"]

_MARKS = {"ok": "✓ ok", "warning": "! warning", "failed": "✗ FAILED", "skipped": "– skipped", "now": "… now"}
_COLOURS = {"failed": f"color:{BAD}", "skipped": QUIET, "now": QUIET}
_ORDER = ("failed", "warning", "now", "ok")
_LONGEST = 1_200
_MOMENT_S = 0.001
_MOST_ROWS = 200
_SHORT_NAME = 40  # letters that are kept on a line
_MARK, _NAME = 10, 13  # columns of a terminal
_CELL = "text-align:left;vertical-align:top;overflow-wrap:anywhere"


class Step(Protocol):
    """One step: what was looked at, its verdict in a word, what was found, what to do next, and its time."""

    @property
    def name(self) -> str:
        """What was looked at."""

    @property
    def verdict(self) -> str:
        """``ok``, ``warning``, ``failed`` or ``skipped``."""

    @property
    def detail(self) -> str:
        """What was found."""

    @property
    def next_step(self) -> str:
        """What to do about it; empty if there is nothing to do."""

    @property
    def seconds(self) -> float | None:
        """How long it took."""


@dataclass(frozen=True)
class Shown:
    """The same in both forms. Both are safe to show."""

    html: str
    plain: str


@dataclass(frozen=True)
class _Row:
    verdict: str
    name: str
    detail: str = ""
    next_step: str = ""
    took: str = ""

    @property
    def html(self) -> str:
        colour = f"{_CELL};{_COLOURS[self.verdict]}" if self.verdict in _COLOURS else _CELL
        weight = "strong" if self.verdict in ("failed", "warning") else "span"
        found = escape(one_line(self.detail, _LONGEST))
        if self.next_step:
            found += f'<div style="margin-top:.3em"><strong>Next:</strong> {escape(one_line(self.next_step, _LONGEST))}'
            found += "</div>"
        quiet = f"{_CELL};{QUIET}" if self.verdict in ("skipped", "now") else _CELL
        name = one_line(self.name, 100)
        kept = "white-space:nowrap" if len(name) <= _SHORT_NAME else "min-width:20em"
        return (
            f'<tr><td style="{colour};white-space:nowrap"><{weight}>{_MARKS[self.verdict]}</{weight}></td>'
            f'<td style="{quiet};{kept}">{escape(name)}</td><td style="{quiet};width:100%">{found}</td>'
            f'<td style="{_CELL};{QUIET};white-space:nowrap">{self.took}</td></tr>\n'
        )

    def lines(self, width: int) -> str:
        lead = f"{_MARKS[self.verdict]:{_MARK}} {one_line(self.name, 100):{_NAME}} "
        blank = " " * (_MARK + _NAME + 2)
        width = max(width, len(blank) + 30)
        texts = [(lead, self.detail), *([(f"{blank}Next: ", self.next_step)] if self.next_step else [])]
        return "\n".join(
            textwrap.fill(
                one_line(text, _LONGEST), width, initial_indent=first, subsequent_indent=blank, break_on_hyphens=False
            )
            or first.rstrip()
            for first, text in texts
        )


def steps_shown(model: str, steps: Sequence[Step], *, now: str | None = None, stopped: bool = False) -> Shown:
    """
    The steps of one model.

    Args:
        model: Its key.
        steps: Those that were taken.
        now: The step that is being taken; None if there will be no more.
        stopped: Whether the examination was stopped before its end.
    """
    rows = _rows(steps) + ([_Row("now", now)] if now is not None else [])
    said = f"Examining {one_line(model, 100)} …" if now is not None else summary(model, steps, stopped=stopped)
    return Shown(_table(rows, said), "\n".join([*(row.lines(100) for row in rows), said]))


def step_lines(steps: Sequence[Step], width: int) -> str:
    """Steps as lines of text for a terminal that is so wide."""
    return "\n".join(row.lines(width) for row in _rows(steps))


def summary(model: str, steps: Sequence[Step], *, stopped: bool = False) -> str:
    """What came of an examination, in a line."""
    model = one_line(model, 100)
    failed = next((step for step in steps if step.verdict == "failed"), None)
    warned = sum(step.verdict == "warning" for step in steps)
    if stopped:
        counted = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
        return f"Stopped after {counted}; what comes after them is not known."
    if failed is not None:
        return f"{model} cannot be asked as it stands: see the step '{one_line(failed.name, 40)}'."
    if warned:
        counted = "1 warning" if warned == 1 else f"{warned} warnings"
        return f"{model} can be asked, though not all is as it should be ({counted}): %%byom {model}"
    if any(step.name == "answer" and step.verdict == "ok" for step in steps):
        return f"All is well: %%byom {model}"
    return f"Nothing is wrong as far as was looked; it was not asked anything: %%byom {model}"


def all_shown(models: Mapping[str, Sequence[Step] | None], *, stopped: bool = False) -> Shown:
    """
    A row a model, what failed first: its first failure, else its first warning.

    Args:
        models: The steps by model; None for one that is still examined.
        stopped: Whether the examination was stopped before its end.
    """
    rows = sorted((_model_row(*each) for each in models.items()), key=lambda row: _ORDER.index(row.verdict))
    said = count(models, stopped=stopped)
    if len(rows) > _MOST_ROWS:
        said = f"… and {len(rows) - _MOST_ROWS:,} more. {said}"
    rows = rows[:_MOST_ROWS]
    return Shown(_table(rows, said), "\n".join([*(row.lines(100) for row in rows), said]))


def count(models: Mapping[str, Sequence[Step] | None], *, stopped: bool = False) -> str:
    """How many models are well, in a line; the arguments are those of `all_shown`."""
    verdicts = Counter(_model_row(*each).verdict for each in models.items())
    unknown = "not looked at" if stopped else "still examined"
    names = (("ok", "well"), ("warning", "with warnings"), ("failed", "failed"), ("now", unknown))
    said = ", ".join(f"{verdicts[verdict]:,} {words}" for verdict, words in names if verdicts[verdict])
    return f"{said or 'No model is registered'}. %byom_doctor KEY shows all steps of one."


def model_lines(model: str, steps: Sequence[Step], width: int) -> str:
    """One model of many as lines of text for a terminal that is so wide."""
    return _model_row(model, steps).lines(width)


def _rows(steps: Sequence[Step]) -> list[_Row]:
    """A row a step; steps that were all skipped for the same reason share one."""
    rows: list[_Row] = []
    for (_, detail), group in groupby(steps, key=lambda step: (step.verdict != "skipped" and step.name, step.detail)):
        same = list(group)
        if len(same) > 1:
            names = ", ".join(step.name for step in same)
            rows.append(_Row("skipped", "the rest", f"{detail}: {names}"))
        else:
            rows += [_Row(step.verdict, step.name, step.detail, step.next_step, _took(step)) for step in same]
    return rows


def _model_row(model: str, steps: Sequence[Step] | None) -> _Row:
    if steps is None:
        return _Row("now", model)
    for verdict in ("failed", "warning"):
        found = [step for step in steps if step.verdict == verdict]
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            return _Row(verdict, model, f"{found[0].name}: {found[0].detail}{more}", found[0].next_step)
    return _Row("ok", model)


def _table(rows: Sequence[_Row], said: str) -> str:
    body = "".join(row.html for row in rows)
    # JupyterLab makes all columns as wide as each other, unless it is told otherwise.
    table = f'<table style="width:100%;table-layout:auto;border-collapse:collapse"><tbody>\n{body}</tbody></table>\n'
    return document(table if rows else "", f'<div style="margin:.4em 0"><strong>{escape(said)}</strong></div>\n')


def _took(step: Step) -> str:
    if step.seconds is None or step.seconds < _MOMENT_S or step.verdict == "skipped":
        return ""
    return f"{step.seconds * 1000:.0f} ms" if step.seconds < 1 else f"{step.seconds:.1f} s"

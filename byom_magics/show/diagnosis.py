"""What an examination of a connection found, as tables: a row a step, or a row a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from byom_magics.plain import one_line
from byom_magics.show.tables import Table

__all__ = ["Step", "all_table", "step_line", "step_table"]

_MARKS = {"ok": "✓ ok", "warning": "! warning", "failed": "✗ FAILED", "skipped": "– skipped"}
_LONGEST = 300


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


def step_table(model: str, steps: Sequence[Step], *, running: bool) -> Table:
    """The steps of one model; ``running``: more will come."""
    rows = [(_MARKS[step.verdict], step.name, step.detail, step.next_step, _took(step)) for step in steps]
    failed = sum(step.verdict == "failed" for step in steps)
    warned = sum(step.verdict == "warning" for step in steps)
    if running:
        note = f"Examining {model} …"
    elif failed:
        note = f"{model} cannot be asked as it stands: see the step that failed."
    elif warned:
        note = f"{model} can be asked: %%byom {model}. Not all is as it should be (warnings: {warned})."
    else:
        note = f"All is well: %%byom {model}"
    return Table(("", "step", "found", "next", "took"), rows, note)


def step_line(step: Step) -> str:
    """One step as a line of text, and its next step as another."""
    line = f"{_MARKS[step.verdict]:10}  {step.name:12}  {one_line(step.detail, _LONGEST)}"
    return f"{line}\n{'':26}next: {one_line(step.next_step, _LONGEST)}" if step.next_step else line


def all_table(models: Mapping[str, Sequence[Step] | None]) -> Table:
    """A row a model: its first failure, else its first warning; None for one that is still examined."""
    rows = [_model_row(model, steps) for model, steps in models.items()]
    left = sum(steps is None for steps in models.values())
    note = f"Examining {left} more …" if left else "%byom_doctor KEY shows all steps of one."
    return Table(("", "model", "step", "found", "next"), rows, note)


def _model_row(model: str, steps: Sequence[Step] | None) -> tuple[str, ...]:
    if steps is None:
        return ("…", model, "", "", "")
    for verdict in ("failed", "warning"):
        for step in steps:
            if step.verdict == verdict:
                return (_MARKS[verdict], model, step.name, step.detail, step.next_step)
    return (_MARKS["ok"], model, "all", "", "")


def _took(step: Step) -> str:
    return "" if step.seconds is None or step.verdict == "skipped" else f"{step.seconds:.2f} s"

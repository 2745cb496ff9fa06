"""A figure beside its target, and tables of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Figure", "at_least", "at_most", "exactly", "note", "show", "spread", "verdicts"]


@dataclass(frozen=True)
class Figure:
    """
    What was measured.

    Attributes:
        name: What it is.
        measured: As text, with its unit.
        target: As text; empty for a figure that only explains others.
        met: Whether the target is met; None without a target.
    """

    name: str
    measured: str
    target: str = ""
    met: bool | None = None


def at_most(name: str, measured: float, limit: float, unit: str = "") -> Figure:
    """A figure that must not be larger than its limit."""
    return _beside(name, measured, limit, unit, "≤", met=measured <= limit)


def at_least(name: str, measured: float, limit: float, unit: str = "") -> Figure:
    """A figure that must not be smaller than its limit."""
    return _beside(name, measured, limit, unit, "≥", met=measured >= limit)


def exactly(name: str, measured: object, wanted: object) -> Figure:
    """A figure that has one right value."""
    return Figure(name, str(measured), str(wanted), measured == wanted)


def note(name: str, measured: str) -> Figure:
    """A figure without a target."""
    return Figure(name, measured)


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """The median and the range of several rounds."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print a table."""
    rows = [(each.name, each.measured, each.target, _word(each)) for each in figures]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    print(f"\n{title}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), flush=True)


def verdicts(figures: Iterable[Figure]) -> str:
    """How many targets are met."""
    found = [each.met for each in figures if each.met is not None]
    return f"{sum(found)} of {len(found)} targets met"


def _beside(name: str, measured: float, limit: float, unit: str, sign: Literal["≤", "≥"], *, met: bool) -> Figure:
    unit = f" {unit}" if unit else ""
    return Figure(name, f"{_short(measured)}{unit}", f"{sign} {limit:g}{unit}", met)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _word(figure: Figure) -> str:
    return "" if figure.met is None else "met" if figure.met else "MISSED"

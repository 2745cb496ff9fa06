"""The displays of a cell, and what is to be done to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from byom_magics.show.answer import document, frame

__all__ = ["Display", "Paint", "Part", "put"]


@dataclass(frozen=True)
class Paint:
    """
    One thing to do to the cell's output.

    Attributes:
        action: Show a new display, update one, or clear the cell when the next one is shown.
        display: The number of the display; numbers are never used again.
        html: What it shows.
        plain: The same as text, once it is settled.
    """

    action: Literal["show", "update", "clear"]
    display: int = -1
    html: str = ""
    plain: str | None = None


@dataclass(frozen=True)
class Part:
    """A settled part of the answer: its text, and that as HTML."""

    source: str
    html: str


@dataclass
class Display:
    """
    One display in the row of a cell.

    Attributes:
        number: Which one; numbers are never used again.
        parts: What is settled in it.
        painted: What it shows; None if it has not been shown.
    """

    number: int
    parts: list[Part] = field(default_factory=list)
    painted: str | None = None

    @property
    def html(self) -> str:
        """The settled parts as one document."""
        return document(frame("".join(part.html for part in self.parts)))

    @property
    def plain(self) -> str:
        """The settled parts as the text that they were."""
        return "".join(part.source for part in self.parts).rstrip("\n")


def put(display: Display, html: str, plain: str | None = None) -> Iterator[Paint]:
    """Let a display show something: nothing to do if it does already."""
    if display.painted == html and plain is None:
        return
    action: Literal["show", "update"] = "show" if display.painted is None else "update"
    display.painted = html
    yield Paint(action, display.number, html, plain)

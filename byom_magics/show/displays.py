"""The displays of a cell, and what is to be done to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Literal

from byom_magics.show.answer import document, frame, joined_plain

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
    """
    A settled part of what is shown.

    Attributes:
        source: Its text.
        html: The same as HTML.
        ours: Whether it is no part of the answer, but told of it by us: a tool's line, a picture.
    """

    source: str
    html: str
    ours: bool = False


@dataclass
class Display:
    """
    One display in the row of a cell.

    Attributes:
        number: Which one; numbers are never used again.
        parts: What is settled in it.
        fixed: How many of the parts stay, even if the answer that is arriving turns out to be none.
        painted: What it shows; None if it has not been shown.
    """

    number: int
    parts: list[Part] = field(default_factory=list)
    fixed: int = 0
    painted: str | None = None

    @property
    def body(self) -> str:
        """The settled parts as HTML; what the model wrote stands in elements of its own."""
        return "".join(
            "".join(each.html for each in parts) if ours else frame("".join(each.html for each in parts))
            for ours, parts in self._stretches()
        )

    @property
    def html(self) -> str:
        """The settled parts as one document."""
        return document(self.body)

    @property
    def plain(self) -> str:
        """The settled parts as the text that they were."""
        return joined_plain("".join(each.source for each in parts) for _, parts in self._stretches())

    def _stretches(self) -> Iterator[tuple[bool, Iterator[Part]]]:
        return groupby(self.parts, key=attrgetter("ours"))


def put(display: Display, html: str, plain: str | None = None) -> Iterator[Paint]:
    """Let a display show something: nothing to do if it does already."""
    if display.painted == html and plain is None:
        return
    action: Literal["show", "update"] = "show" if display.painted is None else "update"
    display.painted = html
    yield Paint(action, display.number, html, plain)

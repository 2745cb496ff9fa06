"""Where in a JSON text a reader is, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

__all__ = ["Columns", "Kind", "Level", "Phase", "Place", "Token"]

Columns = tuple[tuple[str, int, bool], ...]
"""Of each column of a table: its name, its width in characters, whether it holds numbers."""

Kind = Literal["object", "list", "close", "key", "string", "scalar", "deep", "prose", "broken"]


class Phase(Enum):
    """What a reader of JSON is at, or waits for."""

    PROSE = "between values"
    VALUE = "a value of a list is due, or its end"
    MEMBER = "a value of an object is due"
    KEY = "a key is due, or the end of the object"
    COLON = "a colon is due"
    AFTER = "a comma is due, or the end of the container"
    IN_KEY = "inside a key"
    IN_STRING = "inside a string"
    IN_SCALAR = "inside a number or a literal"
    DEEP = "inside what is nested too deeply"
    BROKEN = "no JSON, up to the end"


@dataclass(frozen=True)
class Level:
    """
    A container that is open.

    Attributes:
        is_list: Whether it is a list; else it is an object.
        count: How many of its values have begun.
        key: Of an object: the key of the value that is due or has begun.
        columns: Of a list: the columns of the table as which it is shown; empty if it is none; None if that is open.
    """

    is_list: bool
    count: int = 0
    key: str = ""
    columns: Columns | None = None


@dataclass(frozen=True)
class Place:
    """
    Where in a JSON text a reader is; another reader can go on from here.

    Attributes:
        levels: The containers that are open, the outermost first.
        phase: What is due.
        run: How the number or literal begins that has not ended.
        opener: How the container begins of which nothing is known yet: it may turn out to be prose.
        depth: How many brackets are open in what is nested too deeply.
        quoted: Whether that is inside a string.
        line_begins: Whether the prose is at the beginning of a line.
    """

    levels: tuple[Level, ...] = ()
    phase: Phase = Phase.PROSE
    run: str = ""
    opener: str = ""
    depth: int = 0
    quoted: bool = False
    line_begins: bool = True

    @classmethod
    def given_up(cls) -> Place:
        """A place from which on the text is read as text."""
        return cls(phase=Phase.BROKEN)

    @property
    def inside(self) -> Kind | None:
        """What it is in the middle of, if anything."""
        return _INSIDE.get(self.phase)


@dataclass(frozen=True)
class Token:
    """
    A piece of a JSON text.

    Attributes:
        kind: An ``object`` or a ``list`` opens, or is closed; a ``key``, a ``string``, a ``scalar`` (number, literal);
            ``deep``: the text of what is nested too deeply; ``prose``; ``broken``: text that is no JSON.
        text: What it says: of strings and keys what they mean, of all else the text.
        begins: Whether it begins here, or goes on with what an earlier token began. Prose that does not begin takes
            the place of the container that was opened last.
        ended: Whether it is whole by now.
        end: Where it ends, in characters from where the reader began.
        depth: How many containers are open behind it.
    """

    kind: Kind
    text: str = ""
    begins: bool = True
    ended: bool = True
    end: int = 0
    depth: int = 0


_INSIDE: dict[Phase, Kind] = {
    Phase.IN_KEY: "key",
    Phase.IN_STRING: "string",
    Phase.IN_SCALAR: "scalar",
    Phase.DEEP: "deep",
    Phase.PROSE: "prose",
    Phase.BROKEN: "broken",
}

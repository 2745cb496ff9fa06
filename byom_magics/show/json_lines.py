"""An answer in JSON while it arrives, as an outline of lines: what a terminal shows in place of braces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.plain import visible
from byom_magics.show.json_inside import Inner
from byom_magics.show.partial_json import Reader

if TYPE_CHECKING:
    from byom_magics.show.json_place import Token

__all__ = ["JsonLines"]

_STEP = "  "
# Lines deeper than this are not set further to the right: white space must not outgrow the text.
_DEEPEST = 20


@dataclass
class _Level:
    is_list: bool
    is_empty: bool = True


class JsonLines:
    """
    Turns a JSON text that arrives in pieces into lines; words around it stay as they are.

    What is written is never taken back, so only what is open is kept.

    Args:
        inside: Whether the value is sent inside of an object, which is not shown.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._reader = Reader()
        self._inner = Inner() if inside else None
        self._levels: list[_Level] = []
        self._line_begins = True
        self._follows_dash = self._follows_value = False

    def feed(self, text: str, *, ended: bool = False) -> str:
        """
        Give what is new of the outline.

        Args:
            text: The next piece of the answer.
            ended: Whether it is the last one.
        """
        tokens = self._reader.feed(text)
        if ended:
            tokens = tokens + self._reader.flush()
        return "".join(map(self._written, tokens if self._inner is None else self._inner.feed(tokens)))

    def _written(self, token: Token) -> str:
        text = self._text(token)
        if text:
            self._line_begins = text.endswith("\n")
        return text

    def _text(self, token: Token) -> str:
        kind = token.kind
        if kind in {"prose", "broken"}:
            return self._words(token)
        if kind == "close":
            return self._closed(self._levels.pop())
        if kind in {"object", "list"}:
            return self._opened(_Level(is_list=kind == "list"))
        text = visible(token.text).replace("\n", f"\n{self._indent}{_STEP}")
        if kind == "key":
            return f"{self._line() if token.begins else ''}{text}{':' if token.ended else ''}"
        if not token.begins:
            return text
        if not self._levels:
            return text
        return f"{self._item()}{text}" if self._levels[-1].is_list else f" {text}"

    def _words(self, token: Token) -> str:
        text = visible(token.text)
        before = "\n" if self._follows_value and not self._line_begins and not text.startswith("\n") else ""
        self._levels.clear()
        self._follows_dash = self._follows_value = False
        return before + text

    def _opened(self, level: _Level) -> str:
        text = ""
        if not self._levels:
            text = "" if self._line_begins else "\n"
        elif self._levels[-1].is_list:
            text = self._item()
            self._follows_dash = True
        else:
            self._levels[-1].is_empty = False
        self._levels.append(level)
        return text

    def _closed(self, level: _Level) -> str:
        self._follows_value = not self._levels
        if not level.is_empty:
            return ""
        before = "" if self._follows_dash or not self._levels else " "
        self._follows_dash = False
        return before + ("[]" if level.is_list else "{}")

    def _item(self) -> str:
        return f"{self._line()}- "

    def _line(self) -> str:
        """The beginning of a line, as far to the right as what is open; behind a dash it has begun already."""
        self._levels[-1].is_empty = False
        if self._follows_dash:
            self._follows_dash = False
            return ""
        return ("" if self._line_begins else "\n") + self._indent

    @property
    def _indent(self) -> str:
        return _STEP * min(max(0, len(self._levels) - 1), _DEEPEST)

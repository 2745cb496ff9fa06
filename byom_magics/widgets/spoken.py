"""
What screen readers say of an answer while it comes: a few sentences at a time, and nothing twice.

A front end puts new HTML in place of all that a widget showed. If the answer itself were the live region, every
painting would be read from its beginning. So a region of its own, which nobody sees, holds only what is new.
"""

from __future__ import annotations

import re

import ipywidgets

from byom_magics.plain import visible
from byom_magics.show.markup import escape, render_piece

__all__ = ["Spoken"]

_PAUSE_S = 1.0
"""How long it is silent between two announcements, so that one of them may be said."""

_LONGEST = 300
"""Characters without the end of a sentence that are said all the same."""

_MOST_RENDERED = 4_000
"""Characters that are rendered in one go: the renderer takes pieces of bounded size. A longer line is said as it is."""

_END = re.compile(r"[.!?…][\"”’')\]*_`]*(?=\s)|[。！？]|\n")
_FENCE = re.compile(r"^[ ]*(?:```|~~~).*$", re.MULTILINE)
_RULE = re.compile(r"^[ |:]*-[ |:-]*$", re.MULTILINE)
_ROW = re.compile(r"^[ ]*\|(.*)\|[ ]*$", re.MULTILINE)
_TAG = re.compile(r"<[^>]*>")
# Emphasis that begins in one announcement and ends in another.
_MARKS = re.compile(r"(?<!\S)[*`]+(?=\S)|(?<=[^\s*`])[*`]+(?!\S)")
_UNSEEN = {"width": "1px", "height": "1px", "min_width": "0", "margin": "0 0 -1px", "overflow": "hidden"}
_BEYOND = "padding:2px;white-space:nowrap"  # the edge of that


class Spoken:
    """
    The live region of one answer, or of several that come one after the other.

    Args:
        name: Who answers, said before each announcement; empty where there is one answer at a time. Also an attribute.

    Attributes:
        box: The widget: it takes no room.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._format = "markdown"
        self._rest = ""
        self._in_code = False
        self._at = float("-inf")
        self._layout = ipywidgets.Layout(**_UNSEEN)
        self.box = ipywidgets.HTML(self._region(""), layout=self._layout)

    def begin(self, format_name: str = "markdown") -> None:
        """An answer begins; what was said of another one is over."""
        self._format, self._rest, self._in_code, self._at = format_name, "", False, float("-inf")
        self._put("")

    def text(self, text: str) -> None:
        """Take in a piece of the answer. Cheap."""
        self._rest += text

    def forget(self) -> None:
        """Say nothing of what was not said yet: it was no part of the answer."""
        self._rest = ""

    def tick(self, now: float) -> None:
        """Say what is whole by now, if it was silent for long enough."""
        if self._rest and now - self._at >= _PAUSE_S:
            cut = self._cut()
            if cut:
                self._at = now
                self._say(cut)

    def end(self, state: str = "") -> None:
        """
        Say what is left: nothing more comes.

        Args:
            state: How it ended; said last, if anything.
        """
        words = self._words(visible(self._rest))
        self._rest = ""
        said = " ".join(each for each in (words, escape(state)) if each)
        if said:
            self._tell(said)

    def close(self) -> None:
        """Close the widget."""
        for each in (self.box.style, self._layout, self.box):
            each.close()

    def _cut(self) -> int:
        ends = [found.end() for found in _END.finditer(self._rest)]
        if ends:
            return ends[-1]
        if len(self._rest) <= _LONGEST:
            return 0
        blank = self._rest.rfind(" ")
        if blank > 0:
            return blank
        # Without a blank it would grow for ever, and be looked through again and again.
        return len(self._rest) if len(self._rest) > _MOST_RENDERED else 0

    def _say(self, cut: int) -> None:
        text, self._rest = self._rest[:cut], self._rest[cut:]
        words = self._words(visible(text))
        if words:
            self._tell(words)

    def _words(self, text: str) -> str:
        """The text without its marks, as HTML."""
        if self._format != "markdown":
            return " ".join(escape(text).split())
        said: list[str] = []
        for number, part in enumerate(_FENCE.split(text)):
            if number:
                self._in_code = not self._in_code
            said += (escape(part) if self._in_code else _unmarked(part)).split()
        return " ".join(said)

    def _tell(self, words: str) -> None:
        self._put(f"{escape(self.name)}: {words}" if self.name else words)

    def _put(self, words: str) -> None:
        if self.box.comm is not None:
            self.box.value = self._region(words)

    def _region(self, words: str) -> str:
        label = f"{escape(self.name)}: the answer as it comes" if self.name else "The answer as it comes"
        return f'<div role="log" aria-live="polite" aria-label="{label}" style="{_BEYOND}">{words}</div>'


def _unmarked(text: str) -> str:
    plain = _ROW.sub(lambda row: row[1].replace("|", "; "), _RULE.sub("", text))
    pieces = [""]
    for line in plain.splitlines(keepends=True):
        if len(pieces[-1]) + len(line) > _MOST_RENDERED:
            pieces.append("")
        pieces[-1] += line
    return "".join(map(_rendered, pieces))


def _rendered(piece: str) -> str:
    if len(piece) > _MOST_RENDERED:
        return escape(piece)
    # Text has no "<" of its own in what is rendered.
    return _MARKS.sub("", _TAG.sub(" ", render_piece(piece, colours=False)))

"""
The displays of one cell, one below the other.

Only the last one, the tail, is painted again and again; when what is settled in it has grown past its size, it is left
alone and a new one begins. The reasoning has a display of its own among them, the fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from byom_magics.show.answer import document, frame, joined_plain
from byom_magics.show.displays import Display, Paint, Part, put
from byom_magics.show.segments import SHOWN
from byom_magics.show.status import note_html

__all__ = ["Row"]

# JupyterLab folds the outputs of a cell from the 51st on.
_MOST = 38
# Bytes of HTML that are worth repainting several times a second.
_SIZE = 1_300
# What a part of ours weighs at most: a picture must not let the tail grow.
_HEAVIEST = 20_000


class Row:
    """
    The displays of one cell.

    Args:
        alone: Whether the cell's output is ours alone; then it may be cleared.

    Attributes:
        dropped: Characters of the answer that are not shown, since it is too long.
    """

    def __init__(self, *, alone: bool) -> None:
        self.dropped = 0
        self._alone = alone
        self._displays: list[Display] = []
        self._fold: Display | None = None
        self._full = False
        self._numbers = 0
        self._kept = self._weight = self._merged = 0

    def __len__(self) -> int:
        return len(self._displays)

    @property
    def has_fold(self) -> bool:
        """Whether the reasoning is shown."""
        return self._fold is not None

    @property
    def size(self) -> int:
        """How much the tail may hold: displays grow with the answer, since a cell can show only so many of them."""
        return _SIZE + (self._merged // 64 if self._alone else 120 * len(self._displays))

    def add(self, parts: Sequence[Part], *, full: bool = False) -> None:
        """
        Settle parts in the tail, text only as far as it is shown at all.

        Args:
            parts: What is settled.
            full: Whether the tail is to be followed by another display, however little is in it.
        """
        for part in parts:
            if not part.ours and self._kept > SHOWN:
                self.dropped += len(part.source)
                continue
            self._tail.parts.append(part)
            self._kept += 0 if part.ours else len(part.source)
            self._weight += min(len(part.html), _HEAVIEST) if part.ours else len(part.source)
            self._full = self._full or full
        self._full = self._full or sum(len(part.html) for part in self._tail.parts) > self.size

    def fix(self) -> None:
        """Let all that is settled stay, even if the answer that comes now turns out to be none."""
        for display in self._displays:
            display.fixed = len(display.parts)

    # Painting

    def paint(self, rest: str, footer: str) -> Iterator[Paint]:
        """
        Paint the tail.

        Args:
            rest: What is not settled of the answer, as HTML.
            footer: What stands below it, as HTML.
        """
        yield from self._follow()
        tail = self._tail
        # What a tail that cannot be followed has settled stays out of it: repainting that is not linear.
        hidden = self.dropped + (len(tail.plain) if self._full else 0)
        note = note_html(f"… {hidden:,} characters before this") if hidden else ""
        yield from put(tail, document(note, "" if self._full else tail.body, frame(rest), footer))

    def paint_line(self, html: str) -> Iterator[Paint]:
        """Paint a line of ours where nothing else is yet."""
        yield from put(self._tail, document(html))

    def paint_fold(self, html: str) -> Iterator[Paint]:
        """Paint the reasoning; where nothing is settled it comes first, else below that."""
        if self._fold is None:
            if not any(display.parts for display in self._displays):
                self._fold = self._displays[0] if self._displays else self._append()
            else:
                yield from self._follow(at_once=True)
                self._fold = self._tail
        yield from put(self._fold, document(html))

    def paint_alone(self, part: Part) -> Iterator[Paint]:
        """Show a part of ours in a display of its own, which is not painted again."""
        if len(self._displays) < _MOST - 1 and self._tail.parts:
            yield from self._follow(at_once=True)
        self.add([part], full=True)
        self.fix()
        yield from self._follow()

    def begin(self) -> Iterator[Paint]:
        """What comes now stands in a display of its own, below whatever else was shown in the cell meanwhile."""
        yield from self._follow(at_once=True)

    def take_back(self) -> Iterator[Paint]:
        """What was settled of the answer since `fix` was none: take it away."""
        kept = [part for display in self._displays for part in display.parts[: display.fixed]]
        self._full = False
        if self._alone and len(self._displays) > 1:
            yield from self._show_again(kept)
            return
        for display in self._displays:
            if len(display.parts) > display.fixed:
                del display.parts[display.fixed :]
                yield from put(display, display.html)

    def _follow(self, *, at_once: bool = False) -> Iterator[Paint]:
        """Leave the tail alone if it is full, and begin a new one."""
        tail = self._tail
        if not (self._full or (at_once and tail.parts)):
            return
        if len(self._displays) < _MOST:
            yield from put(tail, tail.html, None if self._alone else tail.plain)
            self._append()
        elif self._alone:
            # The cell is ours, and has as many displays as can be seen.
            self._merged = self._weight
            yield from self._show_again([part for display in self._displays for part in display.parts])
            self._append()

    def _show_again(self, parts: list[Part]) -> Iterator[Paint]:
        """Clear the cell, and show the parts as one display."""
        yield Paint("clear")
        fold, self._fold, self._displays = self._fold, None, []
        if fold is not None:
            self._fold = self._append()
            yield from put(self._fold, fold.painted or document())
        if parts:
            merged = self._append()
            merged.parts, merged.fixed = parts, len(parts)
            yield from put(merged, merged.html)

    # The end

    def replace(self, html: str, plain: str) -> Iterator[Paint]:
        """Show one document in place of all; in a cell with other outputs it is the last display that has it."""
        if len(self._displays) == 1 or (self._displays and not self._alone):
            for display in self._displays[:-1]:
                yield from put(display, document(), "")
            yield from put(self._displays[-1], html, plain)
            return
        if self._displays:
            yield Paint("clear")
        yield Paint("show", self._append().number, html, plain)

    def finish(self, before: str, after: str, plain: str) -> Iterator[Paint]:
        """
        Give the tail its final form.

        Args:
            before: What stands above what is settled in it, as HTML.
            after: What stands below, as HTML.
            plain: The same as ``after``, as text.
        """
        tail = self._tail
        yield from put(tail, document(before, tail.body, after), joined_plain([tail.plain, plain]))

    @property
    def _tail(self) -> Display:
        if not self._displays or self._displays[-1] is self._fold:
            return self._append()
        return self._displays[-1]

    def _append(self) -> Display:
        self._numbers += 1
        self._full = False
        self._displays.append(Display(self._numbers))
        return self._displays[-1]

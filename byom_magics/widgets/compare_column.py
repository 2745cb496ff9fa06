"""One column of a comparison while it comes: its name, how it is getting on, its answer, and a button that stops it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from byom_magics.events import ImageMade, Reclassified, RoundEnded, TextDelta
from byom_magics.show.column import masked
from byom_magics.show.markup import escape
from byom_magics.show.meter import Meter
from byom_magics.show.status import note_html
from byom_magics.widgets.answer_box import AnswerBox

if TYPE_CHECKING:
    from byom_magics.events import Event, Reply
    from byom_magics.widgets.parts import Parts

__all__ = ["ColumnBox"]

_METERED_EVERY_S = 0.5
_TELLS_NO_NAME = (TextDelta, ImageMade, Reclassified, RoundEnded)


class ColumnBox:
    """
    The view of one column. One thread may write to it at a time.

    Args:
        parts: Makes its widgets.
        title: What it is called.
        address: Where it is asked; empty if that is not to be known.
        stop: Hangs up on it.
        hidden: Whether nothing may tell which model it is.
        format_name: How the answer is shown.
        refresh_rate: Paintings per second, at most.
        price: What so many output tokens cost, in words; None where that is not known.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        parts: Parts,
        title: str,
        address: str,
        stop: Callable[[], None],
        *,
        hidden: bool = False,
        format_name: str = "markdown",
        refresh_rate: float = 7.0,
        price: Callable[[int], str] | None = None,
    ) -> None:
        self._hidden = hidden
        self._lock = threading.Lock()
        self._closed = False
        now = time.monotonic()
        self._meter, self._metered_at = Meter(now, price), now
        self._answer = AnswerBox(title, address, format=format_name, refresh_rate=refresh_rate, said_by=title)
        self._line = parts.html(_line(self._meter.line()))
        self._stop = parts.button(f"Stop {title}", stop, tip=f"Hang up on {title}; the others go on")
        head = parts.html(f'<h4 class="byom-compare-title">{escape(title)}</h4>')
        self.box = parts.box([head, self._line, self._stop, self._answer.box], "byom-compare-column")

    def event(self, event: Event) -> None:
        """Take in what came; cheap."""
        if self._hidden and not isinstance(event, _TELLS_NO_NAME):
            return  # why a server lets one wait, or how much it counted, tells which one it is
        self._meter.event(event, time.monotonic())
        self._answer.event(event)

    def tick(self) -> None:
        """Paint, if something is due."""
        self._answer.tick()
        now = time.monotonic()
        if not self._hidden and now - self._metered_at >= _METERED_EVERY_S:
            self._metered_at = now
            with self._lock:
                if not self._closed:
                    self._line.value = _line(self._meter.line())

    def finish(self, reply: Reply) -> None:
        """Show the final form."""
        with self._lock:
            if not self._closed:
                self._stop.disabled = True
                self._line.value = _line(Meter.ended(reply, hidden=self._hidden))
        self._answer.finish(masked(reply) if self._hidden else reply)

    def close(self) -> None:
        """Close the widgets of the answer; the others are closed by who made them, and not written to any more."""
        with self._lock:
            self._closed = True
        self._answer.close()


def _line(words: str) -> Any:  # noqa: ANN401 - HTML as text
    return note_html(words) if words else ""

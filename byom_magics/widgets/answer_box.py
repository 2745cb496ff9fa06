"""
One answer while it arrives, as widgets: what is settled stays as it is, and only the last piece is painted again.

The pieces are those of a cell's output, so the bytes that a front end gets grow with the answer and no faster. A piece
that is still growing is marked as busy. What screen readers say of it meanwhile stands beside it: see `Spoken`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from byom_magics.events import Reclassified, TextDelta
from byom_magics.show.live import Live
from byom_magics.widgets.spoken import Spoken

if TYPE_CHECKING:
    from byom_magics.events import Event, Reply
    from byom_magics.show.displays import Paint

__all__ = ["AnswerBox"]


class AnswerBox:
    """
    The view of one answer in a panel; see `byom_magics.show.views.View`. One thread may write to it at a time.

    Args:
        model: What is asked, as it is shown.
        address: Where; shown while connecting.
        format: How the answer is shown, as ``--format`` says it.
        refresh_rate: Paintings per second, at most.
        notes: What is said before sending.
        logprobs: Whether the tokens are shown with their alternatives at the end.
        spoken: What screen readers are told by; one of its own if None, which says ``said_by`` before each sentence.
        said_by: Who answers, where several do at once.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        model: str,
        address: str,
        *,
        format: str = "markdown",  # noqa: A002 - the word that people type: --format
        refresh_rate: float = 7.0,
        notes: Sequence[str] = (),
        logprobs: bool = False,
        spoken: Spoken | None = None,
        said_by: str = "",
    ) -> None:
        self._live = Live(
            model=model,
            address=address,
            format_name=format,
            alone=True,
            refresh_rate=refresh_rate,
            now=time.monotonic(),
            notes=notes,
            logprobs=logprobs,
        )
        self._lock = threading.Lock()
        self._closed = False
        self._clear = False
        self._shown: dict[int, Any] = {}
        self._first = ipywidgets.HTMLMath()
        self._first_is_used = False
        self._speaks_here = spoken is None
        self._spoken = spoken or Spoken(said_by)
        self._spoken.begin(format)
        self.box = ipywidgets.VBox(layout=ipywidgets.Layout(width="100%", min_width="0", overflow="visible"))
        self.box.add_class("byom-answer")
        self._arrange()

    def event(self, event: Event) -> None:
        """Take in what came; cheap."""
        self._live.event(event, time.monotonic())
        if isinstance(event, TextDelta):
            self._spoken.text(event.text)
        elif isinstance(event, Reclassified):
            self._spoken.forget()

    def tick(self) -> None:
        """Paint, if something is due."""
        now = time.monotonic()
        self._paint(self._live.due(now), busy=True)
        self._spoken.tick(now)

    def finish(self, reply: Reply) -> None:
        """Show the final form."""
        self._paint(self._live.finish(reply), busy=False)
        self._spoken.end(f"({reply.state.value})")

    def close(self) -> None:
        """Close all widgets of it. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._speaks_here:
                self._spoken.close()
            for each in {id(each): each for each in (*self._shown.values(), self._first)}.values():
                each.close()
            for looks in (self._first.layout, self._first.style, self.box.layout):
                looks.close()
            self.box.close()

    def _paint(self, paints: Sequence[Paint], *, busy: bool) -> None:
        with self._lock:
            for paint in paints:
                if self._closed:
                    return
                if paint.action == "clear":
                    self._clear = True  # with the next one that is shown, so that nothing flickers
                else:
                    self._put(paint.display, paint.html, busy=busy)

    def _put(self, display: int, html: str, *, busy: bool) -> None:
        known = self._shown.get(display)
        if known is not None and not self._clear:
            known.value = _marked(html, busy=busy)
            return
        gone: list[Any] = []
        if self._clear:
            gone, self._clear = list(self._shown.values()), False
            self._shown = {}
        elif self._shown:
            self._settle(self._shown[max(self._shown)])
        self._shown[display] = self._piece(_marked(html, busy=busy))
        self._arrange()
        for each in gone:
            each.close()

    def _arrange(self) -> None:
        spoken = (self._spoken.box,) if self._speaks_here else ()
        self.box.children = (*(self._shown[number] for number in sorted(self._shown)), *spoken)

    def _piece(self, value: str) -> Any:  # noqa: ANN401 - a widget
        if not self._first_is_used:
            self._first_is_used = True
            self._first.value = value
            return self._first
        # One layout and one style for all: each is a model of its own in the front end.
        return ipywidgets.HTMLMath(value, layout=self._first.layout, style=self._first.style)

    def _settle(self, piece: Any) -> None:  # noqa: ANN401 - a widget
        piece.value = piece.value.replace(_BUSY, _READY, 1)


# The class brings the front end's own looks for answers, which widgets do not have by themselves.
_PIECE = '<div class="jp-RenderedHTMLCommon" style="padding:0;line-height:1.5" aria-busy='
_ALERT = '<div role="alert" '
_BUSY, _READY = f'{_PIECE}"true">', f'{_PIECE}"false">'


def _marked(html: str, *, busy: bool) -> str:
    # How it ended is said once, and not as an alarm.
    return f"{_BUSY if busy else _READY}{html.replace(_ALERT, '<div ')}</div>"

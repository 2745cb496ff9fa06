"""A comparison that waits for its button: where a notebook is an application, nobody runs cells."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets

from byom_magics.errors import ByomError
from byom_magics.presenting import prompt_text
from byom_magics.show.markup import escape
from byom_magics.widgets.compare import CSS, ComparePanel
from byom_magics.widgets.parts import Parts

if TYPE_CHECKING:
    from byom_magics.comparing import Comparison
    from byom_magics.events import Reply
    from byom_magics.session import Session

__all__ = ["CompareForm"]


class CompareForm:
    """
    Asks again and again, each time with what stands in its box.

    Args:
        comparison: The comparison as the cell has it, not begun.
        make: Makes a comparison of the same columns with another prompt.
        session: Where votes are kept.
        adopt: Puts a reply into a variable of the notebook.
        refresh_rate: Paintings of a column per second, at most.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        comparison: Comparison,
        make: Callable[[str], Comparison],
        session: Session,
        adopt: Callable[[str, Reply], None],
        *,
        refresh_rate: float = 7.0,
    ) -> None:
        self._make = make
        self._session = session
        self._adopt = adopt
        self._rate = refresh_rate
        self._lock = threading.RLock()
        self._panel: ComparePanel | None = None
        self._running: Comparison | None = None
        self._parts = Parts()
        self._prompt = self._parts.own(
            ipywidgets.Textarea(
                prompt_text(comparison.prompt),
                description="Prompt",
                rows=4,
                layout=ipywidgets.Layout(width="100%"),
                disabled=not isinstance(comparison.prompt, str),
            )
        )
        button = self._parts.button("Compare", self._compare, tip="Ask all of them")
        self._said = self._parts.html("")
        self._place = self._parts.box([], "byom-compare")
        self.box = self._parts.box(
            [self._parts.html(CSS), self._prompt, button, self._said, self._place], "byom-compare byom-compare-strip"
        )

    def close(self) -> None:
        """Hang up, and close all widgets."""
        with self._lock:
            if self._panel is not None:
                self._panel.close()
            self._parts.close()

    def _compare(self) -> None:
        with self._lock:
            if self._running is not None and not self._running.ended:
                self._said.value = '<div role="status">Still answering: stop it first, or wait for its end.</div>'
                return
            self._said.value = ""
            before = self._panel
            try:
                comparison = self._make(self._prompt.value)
            except ByomError as problem:
                self._said.value = f'<div role="alert">{escape(str(problem))}</div>'
                return
            panel = self._panel = ComparePanel(comparison, self._session, self._adopt, refresh_rate=self._rate)
            self._running = comparison
            self._place.children = (panel.grid, panel.strip)
            if before is not None:
                before.close()
        comparison.start(panel.views, panel.end)

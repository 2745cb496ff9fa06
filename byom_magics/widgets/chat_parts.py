"""What a chat panel is made of: parts whose happenings are told one at a time, and none of them after the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from byom_magics.widgets.parts import Parts, focus

__all__ = ["ChatParts", "focus", "focus_when_shown"]


class ChatParts(Parts):
    """
    Makes widgets, and closes them; what a button does is guarded.

    Attributes:
        lock: Held while widgets are changed. What happens in them may be told in any thread.
        closed: Whether all is closed, or about to be.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()
        self.closed = False

    def guarded(self, call: Callable[[], None]) -> Callable[[], None]:
        """The same call, made with the lock held, and not at all once all is closed."""

        def guarded() -> None:
            with self.lock:
                if not self.closed:
                    call()

        return guarded

    def button(self, words: str, press: Callable[[], None], *, tip: str = "") -> Any:  # noqa: ANN401 - a widget
        """A button with words on it."""
        return super().button(words, self.guarded(press), tip=tip)

    def close(self) -> None:
        """Close all of them."""
        self.closed = True
        super().close()


def focus_when_shown(widget: Any) -> None:  # noqa: ANN401 - any widget
    """Put the keyboard's focus into a widget that is about to be shown, once a front end has done so."""

    def shown(change: Mapping[str, Any]) -> None:
        if change["new"]:
            widget.unobserve(shown, "_view_count")
            focus(widget)

    # Until there is a view, nobody hears what is sent to it.
    widget.observe(shown, "_view_count")
    widget._view_count = 0  # noqa: SLF001 - ipywidgets' own way to ask for the count, without another name

"""One turn in a chat panel: what was said as one piece of HTML, below it what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byom_magics.widgets.chat_parts import ChatParts

__all__ = ["Deed", "Row"]

# The class brings the front end's own looks for answers, which widgets do not have by themselves.
_LOOK = "jp-RenderedHTMLCommon"

Deed = tuple[str, str, Callable[[], None]]
"""Something that can be done with a turn: the words on the button, a sentence on it, and what is called."""


class Row:
    """
    One turn.

    Args:
        parts: Makes its widgets.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._html = parts.html(math=True)
        self._below: Any = None
        self._buttons: Any = None
        self._drawer: Any = None
        self._opened = ""
        self.box = parts.box([self._html], "byom-chat-column")

    def show(self, html: str) -> None:
        """Show a turn; what was opened of the one before is closed."""
        self.shut()
        self._html.value = f'<div class="{_LOOK}" style="padding:0;line-height:1.5">{html}</div>' if html else ""

    def put_below(self, widget: Any) -> None:  # noqa: ANN401 - any widget
        """Let a widget of somebody else stand below the HTML; None takes it away again."""
        self._below = widget
        self._arrange()

    def offer(self, deeds: Sequence[Deed]) -> None:
        """Offer these buttons, or none."""
        if not deeds and self._buttons is None:
            return
        self.shut()
        gone, self._buttons = self._buttons, None
        if deeds:
            buttons = [self._parts.button(words, press, tip=tip) for words, tip, press in deeds]
            self._buttons = self._parts.box(buttons, "byom-chat-row")
        self._arrange()
        if gone is not None:
            self._parts.drop(gone)

    @property
    def offers(self) -> bool:
        """Whether there are buttons."""
        return self._buttons is not None

    def toggle(self, what: str, make: Callable[[], Any]) -> bool:
        """
        Open something below the buttons, in place of what was open; or shut it, if that is it.

        Args:
            what: What it is called here.
            make: Makes its widget, which is closed with the row.

        Returns:
            Whether it is open now.
        """
        was = self._opened
        self.shut()
        if was == what:
            return False
        self._opened, self._drawer = what, make()
        self._arrange()
        return True

    def shut(self) -> None:
        """Close what is open below the buttons."""
        gone, self._drawer, self._opened = self._drawer, None, ""
        if gone is not None:
            self._arrange()
            self._parts.drop(gone)

    def close(self) -> None:
        """Close it all, but for what `put_below` was given."""
        self._below = None
        self._arrange()
        self._parts.drop(self.box)

    def _arrange(self) -> None:
        shown = (self._html, self._below, self._buttons, self._drawer)
        self.box.children = tuple(each for each in shown if each is not None)

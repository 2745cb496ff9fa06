"""Where a question is typed: one line that Enter sends, or several lines and a button."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets

from byom_magics.widgets.chat_parts import focus

if TYPE_CHECKING:
    from byom_magics.widgets.chat_parts import ChatParts

__all__ = ["After", "Question", "after"]

After = Callable[[float, Callable[[], None]], Callable[[], None]]
"""Calls something after so many seconds, from whatever thread; what it gives takes that back."""

# A front end tells first that Enter was pressed, and then what the box holds.
_VALUE_FOLLOWS_S = 0.2
_LABEL = "5em"
_ONE = "type a question, and press Enter"
_MANY = "type a question; Tab leads to Send"


class Question:
    """
    The box for questions.

    Args:
        parts: Makes its widgets.
        send: Called when what was typed is to be sent.
        later: When to send what does not change any more.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, parts: ChatParts, send: Callable[[], None], later: After | None = None) -> None:
        self._send = parts.guarded(send)
        self._after = later or after
        self._lock = threading.RLock()
        self._forget: Callable[[], None] | None = None
        looks: dict[str, Any] = {"description": "Question", "continuous_update": False}
        style = {"description_width": _LABEL}
        self._one = parts.own(
            ipywidgets.Text(placeholder=_ONE, layout=ipywidgets.Layout(width="auto"), style=style, **looks)
        )
        self._many = parts.own(
            ipywidgets.Textarea(placeholder=_MANY, rows=5, layout=ipywidgets.Layout(width="auto"), style=style, **looks)
        )
        self._toggle = parts.button("Several lines", self._other, tip="A box for several lines, which Send sends")
        self._used = self._one
        self._frame = parts.box([self._one], "byom-chat-column byom-chat-grow")
        self.box = parts.box([self._frame, self._toggle], "byom-chat-row")
        self._one.on_msg(self._heard)
        self._one.observe(self._changed, "value")

    @property
    def text(self) -> str:
        """What was typed."""
        return str(self._used.value)

    def put(self, text: str) -> None:
        """Put a text into the box, and the focus too."""
        self._use(self._many if "\n" in text or self._used is self._many else self._one)
        self._used.value = text
        focus(self._used)

    def focus(self) -> None:
        """Put the keyboard's focus into it."""
        focus(self._used)

    def clear(self) -> None:
        """Empty it."""
        self._used.value = ""

    def close(self) -> None:
        """Send no more."""
        self._settle()

    def _other(self) -> None:
        text = self.text
        self._use(self._one if self._used is self._many else self._many)
        self._used.value = " ".join(text.split("\n")) if self._used is self._one else text
        focus(self._used)

    def _use(self, box: Any) -> None:  # noqa: ANN401 - a Text or a Textarea
        if box is self._used:
            return
        self._used, other = box, self._used
        self._frame.children = (box,)
        other.value = ""
        self._toggle.description = "One line" if box is self._many else "Several lines"

    def _heard(self, _: object, content: Mapping[str, Any], _buffers: object) -> None:
        if content.get("event") == "submit":
            with self._lock:
                self._settle()
                self._forget = self._after(_VALUE_FOLLOWS_S, self._enter)

    def _changed(self, _: object) -> None:
        if self._settle():
            self._send()

    def _enter(self) -> None:
        if self._settle():
            self._send()

    def _settle(self) -> bool:
        """Whether Enter was pressed and nothing has come of it yet; from now on it has."""
        with self._lock:
            forget, self._forget = self._forget, None
        if forget is None:
            return False
        forget()
        return True


def after(seconds: float, call: Callable[[], None]) -> Callable[[], None]:
    """Call something later, in a thread of its own."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer.cancel

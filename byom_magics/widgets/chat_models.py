"""Which model a side of a chat asks, and what becomes of the conversation when another one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from byom_magics.plain import one_line
from byom_magics.show.chat import notice_html
from byom_magics.widgets.chat_parts import focus_when_shown

if TYPE_CHECKING:
    from byom_magics.widgets.chat_parts import ChatParts

__all__ = ["Choice", "Way"]

Way = tuple[str, str, Callable[[], None]]
"""One answer to a question: the words on the button, a sentence on it, and what is called."""

_MOST = 500
"""Models in a list; with more, their keys are typed, and completed by the browser."""


class Choice:
    """
    The model of one side.

    Args:
        parts: Makes its widgets.
        label: What stands before it.
        chosen: Called with the key of a model that was chosen, which is another than the one shown.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, parts: ChatParts, label: str, chosen: Callable[[str], None]) -> None:
        self._parts = parts
        self._label = label
        self._chosen = chosen
        self._model = ""
        self._keys: tuple[str, ...] = ()
        self._painting = False
        self._list: Any = None
        self._asked: Any = None
        self._frame = parts.box([], "byom-chat-row")
        self.box = parts.box([self._frame], "byom-chat-column byom-chat-grow")

    def show(self, model: str, keys: Sequence[str]) -> None:
        """Show these models, and which of them is asked."""
        known = tuple(dict.fromkeys((*keys, model)))  # one that is no longer registered is still what is shown
        self._painting = True
        try:
            if self._list is None or (len(known) > _MOST) != isinstance(self._list, ipywidgets.Combobox):
                self._replace(known, model)
            elif known != self._keys:
                self._list.options = known
            self._list.value = model
        finally:
            self._painting = False
        self._model, self._keys = model, known

    def ask(self, question: str, ways: Sequence[Way]) -> None:
        """Ask something about the choice, below it, with a button for each answer."""
        self.unask()
        buttons = [self._parts.button(words, press, tip=tip) for words, tip, press in ways]
        self._asked = self._parts.box(
            [self._parts.html(notice_html(question)), self._parts.box(buttons, "byom-chat-row")], "byom-chat-column"
        )
        focus_when_shown(buttons[0])
        self.box.children = (self._frame, self._asked)

    def unask(self) -> None:
        """Take the question away."""
        gone, self._asked = self._asked, None
        self.box.children = (self._frame,)
        if gone is not None:
            self._parts.drop(gone)

    def say(self, line: str, *, wrong: bool = False) -> None:
        """Say something about the choice, below it."""
        self.unask()
        self._asked = self._parts.html(notice_html(line, wrong=wrong))
        self.box.children = (self._frame, self._asked)

    def _replace(self, keys: Sequence[str], model: str) -> None:
        looks: dict[str, Any] = {
            "description": self._label,
            "layout": ipywidgets.Layout(width="22em", max_width="100%"),
            "style": {"description_width": "initial"},
        }
        if len(keys) > _MOST:
            made = ipywidgets.Combobox(options=keys, value=model, ensure_option=False, continuous_update=False, **looks)
        else:
            made = ipywidgets.Dropdown(options=keys, value=model, **looks)
        made.observe(lambda change: self._parts.guarded(lambda: self._heard(change["new"]))(), "value")
        gone, self._list = self._list, self._parts.own(made)
        self._frame.children = (made,)
        if gone is not None:
            self._parts.drop(gone)

    def _heard(self, key: str | None) -> None:
        if self._painting or key is None or key == self._model:
            return
        if key not in self._keys:
            self.say(f"No model {one_line(key, 80)} is registered: choose one of the list.", wrong=True)
            return
        self._chosen(key)

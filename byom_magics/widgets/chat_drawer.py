"""What opens below a turn: its answer as text that can be copied, and a name to adopt it under."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from byom_magics.errors import ByomError
from byom_magics.show.chat import notice_html
from byom_magics.widgets.chat_parts import focus_when_shown

if TYPE_CHECKING:
    from byom_magics.widgets.chat_parts import ChatParts

__all__ = ["Adopt", "adopting", "copying"]

Adopt = Callable[[str], str]
"""Puts an answer into the variable of that name, and says so in a line; raises `ByomError` if it cannot be."""

_COPY = "The kernel cannot reach the clipboard: press Ctrl+A, then Ctrl+C in the box (⌘A, ⌘C on a Mac)."
_ROWS = (3, 12)


def copying(parts: ChatParts, text: str) -> Any:  # noqa: ANN401 - a widget
    """A box with a text to be copied from, and the focus in it."""
    fewest, most = _ROWS
    # Read-only text would leave Ctrl+A to JupyterLab, which selects all cells then.
    box = ipywidgets.Textarea(
        value=text,
        description="Source",
        rows=max(fewest, min(most, text.count("\n") + len(text) // 100 + 1)),
        layout=ipywidgets.Layout(width="100%"),
        style={"description_width": "4em"},
    )
    made = parts.box([parts.html(notice_html(_COPY)), parts.own(box)], "byom-chat-column")
    focus_when_shown(box)
    return made


def adopting(parts: ChatParts, adopt: Adopt, name: str = "answer") -> Any:  # noqa: ANN401 - a widget
    """A box for the name of a variable, and what puts an answer into it."""
    told = parts.html()
    box = ipywidgets.Text(
        value=name,
        description="Variable",
        continuous_update=True,
        layout=ipywidgets.Layout(width="16em", max_width="100%"),
        style={"description_width": "4.5em"},
    )

    def press() -> None:
        try:
            told.value = notice_html(adopt(box.value.strip()))
        except ByomError as problem:
            told.value = notice_html(f"{problem.what} {problem.hint or ''}".strip(), wrong=True)

    entered = parts.guarded(press)
    box.on_msg(lambda _, content, __: entered() if content.get("event") == "submit" else None)
    button = parts.button("Adopt", press, tip="Put the reply into a variable of the notebook")
    made = parts.box([parts.box([parts.own(box), button], "byom-chat-row"), told], "byom-chat-column")
    focus_when_shown(box)
    return made

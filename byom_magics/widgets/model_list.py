"""
The list of models in a picker.

A front end says of a choice only its number in the list. The list that was clicked may be older than the one that the
kernel has sent meanwhile, so every list is a widget of its own, and a choice belongs to the list it was made in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets
from ipywidgets.widgets.widget_description import DescriptionStyle

from byom_magics.widgets.controls import LABELS
from byom_magics.widgets.subshells import answer_while_busy

if TYPE_CHECKING:
    from byom_magics.widgets.parts import Parts

__all__ = ["ModelList"]

_ROWS = (4, 10)
# Choices made in lists that were replaced may still be on their way.
_KEPT_LISTS = 3


class ModelList:
    """
    Models to choose from, a line each.

    Args:
        parts: Makes the frame.
        choose: Called with the key of a model that a person chose.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, parts: Parts, choose: Callable[[str], None]) -> None:
        self._choose = choose
        self._looks = (ipywidgets.Layout(width="100%"), DescriptionStyle(description_width=LABELS))
        self._older: deque[_List] = deque()
        self._list = self._new((), (), None, 0)
        self.box = parts.box([self._list.widget], "byom-picker-list")

    @property
    def widget(self) -> Any:  # noqa: ANN401 - a Select
        """The list that is shown now."""
        return self._list.widget

    def show(self, keys: Sequence[str], lines: Sequence[str], default: str | None, total: int) -> None:
        """
        Show these models.

        Args:
            keys: The models.
            lines: What is shown of each.
            default: The one that is marked.
            total: How many there are in all; the list is as high as they need.
        """
        position = keys.index(default) if default in keys else None
        if (self._list.keys, self._list.lines) == (tuple(keys), tuple(lines)):
            self._list.mark(position)
            return
        self._older.append(self._list)
        self._list = self._new(tuple(keys), tuple(lines), position, total)
        self.box.children = (self._list.widget,)
        while len(self._older) > _KEPT_LISTS:
            self._older.popleft().widget.close()

    def close(self) -> None:
        """Close all lists."""
        for each in (*self._older, self._list):
            each.widget.close()
        for looks in self._looks:
            looks.close()

    def _new(self, keys: tuple[str, ...], lines: tuple[str, ...], position: int | None, total: int) -> _List:
        fewest, most = _ROWS
        layout, style = self._looks
        widget = ipywidgets.Select(
            options=[*zip(lines, keys, strict=True)],
            index=position,
            rows=max(fewest, min(total, most)),
            description="Models",
            layout=layout,
            style=style,
        )
        return _List(widget, keys, lines, self._choose)


class _List:
    """One list of models, and the choice that is made in it."""

    def __init__(
        self,
        widget: Any,  # noqa: ANN401 - a Select
        keys: tuple[str, ...],
        lines: tuple[str, ...],
        choose: Callable[[str], None],
    ) -> None:
        self.widget = widget
        self.keys = keys
        self.lines = lines
        self._position = widget.index
        self._choose = choose
        widget.observe(self._chosen, "index")
        answer_while_busy(widget)

    def mark(self, position: int | None) -> None:
        """Show which one is the default; that is no choice."""
        self._position = position
        self.widget.index = position

    def _chosen(self, change: Mapping[str, Any]) -> None:
        position = change["new"]
        if position is None or position == self._position:
            return
        self._position = position
        self._choose(self.keys[position])

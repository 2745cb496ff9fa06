"""A part of a panel that is made when it is first opened, and the button that opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byom_magics.widgets.parts import Parts

__all__ = ["Fold"]


class Fold:
    """
    Something that is folded away at first.

    Args:
        parts: Makes the button and the box.
        words: What the button says while it is closed, and while it is open.
        build: Makes what is shown; called once, when it is first opened.
        tip: A sentence on the button.

    Attributes:
        button: What opens and closes it.
        box: Where it is shown.
    """

    def __init__(
        self,
        parts: Parts,
        words: tuple[str, str],
        build: Callable[[], Any],
        *,
        tip: str = "",
    ) -> None:
        self._words = words
        self._build = build
        self._inside: Any = None
        self.button = parts.button(words[0], self.toggle, tip=tip)
        self.box = parts.box([], "byom-picker-fold")

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return bool(self.box.children)

    def toggle(self) -> None:
        """Open it if it is closed, and the other way round."""
        if self.is_open:
            self.box.children = ()
        else:
            if self._inside is None:
                self._inside = self._build()
            self.box.children = (self._inside,)
        self.button.description = self._words[self.is_open]

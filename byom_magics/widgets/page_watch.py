"""
A place in a panel that hears when a page is loaded anew.

Such a page asks the kernel for all widgets that are open. It shows these, and outputs as the file has them; of changes
of outputs it hears nothing any more, so what is to be seen there has to stand in a widget.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

__all__ = ["PageWatch"]


class PageWatch(ipywidgets.HTMLMath):  # type: ignore[misc]  # ipywidgets has no types
    """
    HTML, empty at first.

    Args:
        asked: Called when a page asks for all widgets. It may set values of widgets, and may make none.
    """

    def __init__(self, asked: Callable[[], None]) -> None:
        self._asked: Callable[[], None] | None = None
        super().__init__("")
        self._asked = asked

    def _get_embed_state(self, drop_defaults: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as ipywidgets has it
        # What a page that is loaded anew gets comes from here; nothing else tells the kernel of such a page.
        if self._asked is not None and self.comm is not None:
            self._asked()
        return super()._get_embed_state(drop_defaults=drop_defaults)

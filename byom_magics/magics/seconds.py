"""Seconds that go on being counted while a tool keeps the cell's own thread."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byom_magics.show.views import View

__all__ = ["Seconds"]

_LOOK_S = 0.25


class Seconds:
    """
    Lets a view paint, from a thread of its own, while a tool runs.

    Args:
        view: What shows it.
        since: When the tool that runs began, on the monotonic clock; None while none does.
    """

    def __init__(self, view: View, since: Callable[[], float | None]) -> None:
        self._view = view
        self._since = since
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Watch what runs from now on; the view is this thread's until `end`."""
        self.end()
        self._over = threading.Event()
        context = contextvars.copy_context()  # what is shown belongs to the cell that runs
        self._thread = threading.Thread(
            target=context.run, args=(self._watch, self._over), name="byom-seconds", daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """The view is its caller's again. Where an interrupt comes meanwhile, it is to be called again."""
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            self._thread = None

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(_LOOK_S):
            if self._since() is not None:
                self._view.tick()

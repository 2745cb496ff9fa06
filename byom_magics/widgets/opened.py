"""Which widgets are open: one for each cell, and not without end."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

__all__ = ["OPENED", "Opened"]


class Opened:
    """
    Open widgets, each by the cell that shows it.

    A front end does not tell when an output is gone. So a cell that runs again closes what it showed before, and the
    oldest widget is closed when there are too many.

    Args:
        most: How many may be open at once.
    """

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._closers: dict[str, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._closers)

    def keep(self, cell: str, close: Callable[[], None]) -> None:
        """
        Remember a widget that was opened.

        Args:
            cell: The id of the cell that shows it; empty if that is not known.
            close: What closes it. It may call `drop`, and may be called more than once.
        """
        with self._lock:
            due = [self._closers.pop(cell, None)]
            self._closers[cell or f"unknown {next(self._numbers)}"] = close
            due += [self._closers.pop(each) for each in list(self._closers)[: -self._most]]
        for closer in due:
            if closer is not None:
                closer()

    def drop(self, close: Callable[[], None]) -> None:
        """Forget a widget that was closed."""
        with self._lock:
            for cell in [cell for cell, each in self._closers.items() if each == close]:
                del self._closers[cell]

    def close_all(self) -> None:
        """Close everything that is open."""
        with self._lock:
            due = list(self._closers.values())
            self._closers.clear()
        for closer in due:
            closer()


OPENED = Opened()
"""What is open in this process."""

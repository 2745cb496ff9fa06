"""A value that is made when first asked for, once, whatever thread asks."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Once"]

T = TypeVar("T")


class Once(Generic[T]):
    """Call it to get the value that ``make`` returned the first time."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """Get the value, making it if this is the first time."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

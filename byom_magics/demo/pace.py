"""The pace of a stream: so many tokens per second, by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Pace"]


class Pace:
    """
    Says how long to wait. Every token is due at its place in a timetable, so delays do not add up.

    Args:
        tokens_per_second: The pace; None for none.
        clock: A clock that only goes forward, in seconds.
    """

    def __init__(self, tokens_per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens_per_second = tokens_per_second
        self._clock = clock
        self._start = clock()

    def wait_for(self, number: int) -> float:
        """Seconds until the token of that number (from 0) is due; 0 if it is due or late."""
        if self._tokens_per_second is None:
            return 0.0
        return max(0.0, self._start + number / self._tokens_per_second - self._clock())

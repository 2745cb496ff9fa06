"""
Whether and when to try again: plain decisions, no waiting.

Only before any content; connection failures that may pass, and the statuses 408, 409, 425, 429 and 5xx. A server's
``x-should-retry`` and ``Retry-After`` are honoured.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

__all__ = ["LONGEST_WAIT_S", "MAX_RETRIES", "Budget", "backoff", "retry_after", "retryable_status"]

MAX_RETRIES = 2
LONGEST_WAIT_S = 120.0
_FIRST_WAIT_S = 0.5
_PASSING = frozenset({408, 409, 425, 429})


def retryable_status(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a response with this status may be different the next time."""
    said = headers.get("x-should-retry", "").strip().lower()
    if said in ("true", "false"):
        return said == "true"
    return status in _PASSING or 500 <= status <= 599


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """
    How many seconds the server asks to wait, or None if it does not say (or says nonsense).

    Args:
        headers: The response's headers, names in lower case.
        now: Seconds since the epoch; the present if not given.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after")
    seconds = _number(given)
    if seconds is not None or given is None:
        return seconds
    try:
        moment: datetime = parsedate_to_datetime(given)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, moment.timestamp() - (time.time() if now is None else now))


def backoff(attempt: int) -> float:
    """Seconds to wait after the given attempt (1 for the first) when the server does not say; with some jitter."""
    wait: float = _FIRST_WAIT_S * 2 ** (attempt - 1)
    return wait * random.uniform(1.0, 1.2)  # noqa: S311 - spreads load, guards nothing


class Budget:
    """
    A shared allowance of retries for one server, so that many calls at once do not multiply its load.

    It holds ``size`` retries and grows back by one every ``refill_s`` seconds.
    """

    def __init__(self, size: int = 20, refill_s: float = 3.0) -> None:
        self._size = size
        self._refill_s = refill_s
        self._left = float(size)
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Use one retry; False if there is none left."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._size, self._left + (now - self._at) / self._refill_s)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None

"""The six timers of a call, as plain arithmetic on the moments at which things happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Timeouts

__all__ = ["GRACE_S", "Moments", "expired", "next_deadline"]

GRACE_S = 5.0
"""After a finish reason, how long to wait for usage or the end mark that some servers never send."""


@dataclass
class Moments:
    """
    When things happened in a call, on one monotonic clock, in seconds; None for what has not happened.

    The first is of the call, all others are of the attempt that is under way.
    """

    started: float
    attempt: float | None = None
    connected: float | None = None
    first_byte: float | None = None
    first_body_byte: float | None = None
    last_byte: float | None = None
    first_content: float | None = None
    last_content: float | None = None

    def begin_attempt(self, now: float | None) -> None:
        """A new attempt begins (or, with None, is waited for): nothing of it has happened yet."""
        self.attempt = now
        self.connected = self.first_byte = self.first_body_byte = self.last_byte = None


def expired(timeouts: Timeouts, moments: Moments, now: float) -> str | None:
    """The name of the timer that ran out first, or None."""
    late = [(at, name) for name, at in _deadlines(timeouts, moments) if at <= now]
    return min(late)[1] if late else None


def next_deadline(timeouts: Timeouts, moments: Moments) -> float | None:
    """The moment at which the next timer will run out if nothing happens until then."""
    return min((at for _, at in _deadlines(timeouts, moments)), default=None)


def _deadlines(timeouts: Timeouts, at: Moments) -> list[tuple[str, float]]:
    running: list[tuple[str, float | None, float | None]] = [("total", timeouts.total, at.started)]
    if at.attempt is not None:
        if at.connected is None:
            running.append(("connect", timeouts.connect, at.attempt))
        else:
            running.extend(_after_connect(timeouts, at))
    return [(name, since + limit) for name, limit, since in running if limit is not None and since is not None]


def _after_connect(timeouts: Timeouts, at: Moments) -> list[tuple[str, float | None, float | None]]:
    running: list[tuple[str, float | None, float | None]] = []
    if at.first_byte is None:
        running.append(("first_byte", timeouts.first_byte, at.connected))
    else:
        running.append(("idle", timeouts.idle, at.last_byte))
        # Keep-alive comments are bytes but no content: they set the idle timer back, and this one not.
        running.append(("content_idle", timeouts.content_idle, at.last_content or at.first_body_byte))
    if at.first_content is None:
        running.append(("first_token", timeouts.first_token, at.connected))
    return running

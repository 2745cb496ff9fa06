"""
What an endpoint can take: so many requests at once, so many requests and tokens a minute, and the pauses it asks for.

A minute is a sliding window: in no sixty seconds more goes out than was allowed. That keeps within a server that
counts by the clock's minute, however its minutes lie, and within one that fills a bucket; a bucket of our own would
send up to twice as much in one minute of the first kind. Tokens are counted as an estimate when a request goes out,
and corrected when the server has said how many there were.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from byom_magics.events import Held
from byom_magics.wire.policy import origin
from byom_magics.wire.retry import LONGEST_WAIT_S

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint, Limits

__all__ = ["Gate", "Gates", "Stoppable", "Window"]

_MINUTE_S = 60.0


class Stoppable(Protocol):
    """What a gate needs of a call that waits before it."""

    stopped: threading.Event

    def on_stop(self, tell: Callable[[], None] | None) -> None:
        """Have ``tell`` called when the call is stopped, or at once if it was; None takes it back."""


@dataclass(eq=False)
class _Sent:
    at: float
    tokens: int
    requests: int = 1  # none where it only corrects the tokens of an earlier one


class Window:
    """What was sent in the last minute. Pure: the time is handed in, in seconds on one monotonic clock."""

    def __init__(self) -> None:
        self._sent: deque[_Sent] = deque()

    def send(self, now: float, tokens: int) -> _Sent:
        """A request goes out; returned is its row, for `settle` and `take_back`."""
        row = _Sent(now, tokens)
        self._sent.append(row)
        return row

    def settle(self, row: _Sent, now: float, tokens: int) -> None:
        """The server has counted. What was more than estimated counts from now on: it was spent since."""
        if tokens <= row.tokens:
            row.tokens = tokens
        else:
            self._sent.append(_Sent(now, tokens - row.tokens, requests=0))

    def take_back(self, row: _Sent) -> None:
        """It did not go out after all."""
        row.tokens = row.requests = 0

    def free_for_request(self, now: float, limit: int) -> float:
        """The moment from which one more request keeps within ``limit`` a minute."""
        return self._free(now, [row.requests for row in self._rows(now)], 1, limit)

    def free_for_tokens(self, now: float, limit: int, tokens: int) -> float:
        """The moment from which ``tokens`` more keep within ``limit`` a minute; more than the limit go alone."""
        return self._free(now, [row.tokens for row in self._rows(now)], min(max(tokens, 1), limit), limit)

    def _free(self, now: float, sizes: list[int], more: int, limit: int) -> float:
        over = sum(sizes) + more - limit
        free = now
        for row, size in zip(self._sent, sizes, strict=True):
            if over <= 0:
                break
            over -= size
            free = row.at + _MINUTE_S
        return free

    def _rows(self, now: float) -> deque[_Sent]:
        while self._sent and self._sent[0].at + _MINUTE_S <= now:
            self._sent.popleft()
        return self._sent


@dataclass(frozen=True)
class _Bar:
    """Why a call may not go yet, and until when at least (None where nobody knows)."""

    why: str
    until: float | None = None


@dataclass(eq=False)
class _Ticket:
    """One attempt to go through."""

    limits: Limits
    estimate: int
    news: threading.Event = field(default_factory=threading.Event)
    inside: _Sent | None = None
    bar: _Bar | None = None
    leads: bool = False  # nobody waits before it: it watches the clock for those behind


class _Door:
    """The one way to an endpoint, for all calls of all its models."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self.lock = threading.Lock()
        self.clock = clock
        self._name = name
        self._waiting: deque[_Ticket] = deque()
        self._inside = 0
        self._window = Window()
        self._pause = _Bar("", float("-inf"))

    def join(self, ticket: _Ticket) -> None:
        """Take a place at the end of the queue."""
        with self.lock:
            self._waiting.append(ticket)
            self._advance()

    def look(self, ticket: _Ticket) -> tuple[_Bar | None, float | None]:
        """What bars this ticket, None once it is inside; and for how many seconds it may sleep (None: until news)."""
        with self.lock:
            ticket.news.clear()
            self._advance()
            bar = ticket.bar
            if ticket.inside or bar is None:
                return None, None
            until = bar.until if ticket.leads else None
            return bar, None if until is None else max(0.001, until - self.clock())

    def withdraw(self, ticket: _Ticket) -> None:
        """Give up the place in the queue, or the one inside that was not used."""
        with self.lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            elif ticket.inside:
                self._inside -= 1
                self._window.take_back(ticket.inside)
            self._advance()

    def leave(self, ticket: _Ticket, tokens: int | None) -> None:
        """The attempt is over; so many tokens were counted."""
        with self.lock:
            self._inside -= 1
            if ticket.inside and tokens is not None:
                self._window.settle(ticket.inside, self.clock(), tokens)
            self._advance()

    def pause(self, seconds: float, why: str) -> None:
        """Nobody goes in for so long; a longer pause that was asked for before stands."""
        with self.lock:
            until = self.clock() + min(seconds, LONGEST_WAIT_S)
            if until > (self._pause.until or 0):
                self._pause = _Bar(why, until)
            self._advance()

    def _advance(self) -> None:
        """Let in who may go, in the order in which they came, and tell the others what has changed for them."""
        now = self.clock()
        first: _Bar | None = None
        for ticket in tuple(self._waiting):
            queues = any((ticket.limits.concurrent, ticket.limits.requests_per_minute, ticket.limits.tokens_per_minute))
            bar = first if queues and first else self._bar(ticket, now)
            if bar is None:
                self._waiting.remove(ticket)
                self._inside += 1
                ticket.inside = self._window.send(now, ticket.estimate)
                ticket.news.set()
                continue
            leads = not (queues and first)
            first = first or (bar if queues else None)
            before = ticket.bar
            changed = before is None or before.why != bar.why or ticket.leads != leads
            if changed or (leads and before is not None and before.until != bar.until):
                ticket.news.set()
            ticket.bar, ticket.leads = bar, leads

    def _bar(self, ticket: _Ticket, now: float) -> _Bar | None:
        limits = ticket.limits
        if self._pause.until is not None and self._pause.until > now:
            return self._pause
        if limits.concurrent is not None and self._inside >= limits.concurrent:
            places = f"one of {limits.concurrent} places" if limits.concurrent > 1 else "the one place"
            return _Bar(f"waiting for {places} at {self._name}")
        if limits.requests_per_minute is not None:
            free = self._window.free_for_request(now, limits.requests_per_minute)
            if free > now:
                return _Bar(f"{self._name} takes {limits.requests_per_minute:,} requests a minute", free)
        if limits.tokens_per_minute is not None:
            free = self._window.free_for_tokens(now, limits.tokens_per_minute, ticket.estimate)
            if free > now:
                return _Bar(f"{self._name} takes {limits.tokens_per_minute:,} tokens a minute", free)
        return None


class Gate:
    """One call's way through the limits of its endpoint: `admit` and `release` for each of its attempts."""

    def __init__(self, door: _Door, limits: Limits, estimate: int) -> None:
        self._door = door
        self._limits = limits
        self._estimate = estimate
        self._ticket: _Ticket | None = None

    def admit(self, line: Stoppable, held: Callable[[Held], None]) -> bool:
        """
        Wait until the call may go.

        Args:
            line: The call; stopping it ends the wait at once.
            held: Told why the call waits, and again when the reason changes; in this thread.

        Returns:
            True: it may go, and `release` has to follow. False: it was stopped.
        """
        ticket = _Ticket(self._limits, self._estimate)
        admitted = False
        try:
            line.on_stop(ticket.news.set)
            self._door.join(ticket)
            admitted = self._wait(ticket, line, held)
        finally:
            line.on_stop(None)
            if not admitted:
                self._door.withdraw(ticket)
        if admitted:
            self._ticket = ticket
        return admitted

    def release(self, tokens: int | None = None) -> None:
        """
        The attempt is over. Does nothing where none was admitted.

        Args:
            tokens: How many the server counted, in and out; None where it did not say.
        """
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            self._door.leave(ticket, tokens)

    def hold_back(self, seconds: float, why: str) -> None:
        """Let no call of this endpoint go for so long (two minutes at most), whatever its limits."""
        self._door.pause(seconds, why)

    def _wait(self, ticket: _Ticket, line: Stoppable, held: Callable[[Held], None]) -> bool:
        told: _Bar | None = None
        while True:
            bar, sleep_s = self._door.look(ticket)
            if line.stopped.is_set():
                return False
            if bar is None:
                return True
            if told is None or bar.why != told.why or (sleep_s is not None and bar.until != told.until):
                left = None if bar.until is None else max(0.0, bar.until - self._door.clock())
                held(Held(bar.why, left))
                told = bar
            ticket.news.wait(sleep_s)


class Gates:
    """
    The gates of all endpoints.

    Args:
        clock: Seconds; never set back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._doors: dict[tuple[str | None, ...], _Door] = {}
        self._lock = threading.Lock()

    def gate(self, endpoint: Endpoint, estimate: int = 0) -> Gate:
        """
        A gate for one call.

        All calls to one endpoint (its origin, and its name or else its URL) are counted together.

        Args:
            endpoint: Where the call goes; its limits hold for the call.
            estimate: How many tokens it will take at least, as far as that can be known before.
        """
        place = origin(endpoint.url)
        key = (place, endpoint.unix_socket, endpoint.name or endpoint.url)
        with self._lock:
            door = self._doors.get(key)
            if door is None:
                door = self._doors[key] = _Door(endpoint.name or place.partition("://")[2], self._clock)
        return Gate(door, endpoint.limits, estimate)

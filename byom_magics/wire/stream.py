"""
One call as its caller sees it: batches of events out of a queue, the six timers, and a stop that works from any thread.

The exchange itself runs in a worker thread, so that the caller's thread can always be interrupted.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from byom_magics.events import Ended, Event
from byom_magics.wire import verdict
from byom_magics.wire.timers import Moments, expired, next_deadline
from byom_magics.wire.workers import Workers

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Timeouts
    from byom_magics.wire.reading import Channel

__all__ = ["Stoppable", "Stream"]

_POLL_S = 0.1
_ROOM = 512  # batches that may wait for a slow caller; then the server has to
_PARTING_S = 0.1
_workers = Workers()


class Stoppable(Protocol):
    """What a stream needs to be able to do to its connection."""

    moments: Moments
    stopped: threading.Event

    def stop(self) -> None:
        """End the call from any thread."""


class Stream:
    """
    A call that is under way.

    Args:
        line: The call's hold on its connection.
        timeouts: The six timers, in seconds.
        subject: Who is called, for messages.
    """

    def __init__(self, line: Stoppable, timeouts: Timeouts, subject: verdict.Subject) -> None:
        self._line = line
        self._timeouts = timeouts
        self._subject = subject
        self._queue: queue.Queue[list[Event]] = queue.Queue(_ROOM)
        self._done = threading.Event()
        self._ended: Ended | None = None
        self._channel: Channel | None = None

    @property
    def moments(self) -> Moments:
        """When what happened, on the monotonic clock."""
        return self._line.moments

    def start(self, channel: Channel, work: Callable[[], None]) -> None:
        """Begin the exchange in a thread of its own."""
        self._channel = channel

        def guarded() -> None:
            try:
                work()
            finally:
                self._done.set()

        try:
            _workers.run(f"byom-call-{self._subject.model}", guarded)
        except BaseException:
            self._line.stop()  # an interrupt may come while the thread is being started
            raise

    def pass_on(self, batch: list[Event]) -> None:
        """Take events from the worker; waits while the caller is far behind."""
        while not self._line.stopped.is_set():
            try:
                self._queue.put(batch, timeout=_POLL_S)
            except queue.Full:
                continue
            return

    def batches(self, wait_s: float = _POLL_S) -> Iterator[list[Event]]:
        """
        Events in batches as they come, an empty one whenever nothing came for ``wait_s`` seconds.

        The last batch ends with an `Ended`.
        """
        while self._ended is None:
            batch = self._next(wait_s)
            if batch and self._channel is not None and self._channel.masking is not None:
                # Here and not where it is read: what is held back as the beginning of a key outlives a stop.
                batch = self._channel.masking.apply(batch)
            if batch and isinstance(batch[-1], Ended):
                self._ended = batch[-1]
            yield batch

    def stop(self) -> None:
        """Hang up, from any thread; what had arrived is still given out, then an `Ended` that says cancelled."""
        self._line.stop()

    def close(self) -> None:
        """Hang up if the call is still under way; give a finished one a moment to leave its connection in order."""
        try:
            left = self._ended is None or not self._done.wait(_PARTING_S)
        except BaseException:
            self._line.stop()  # a second interrupt
            raise
        if left:
            self._line.stop()

    def _next(self, wait_s: float) -> list[Event]:
        try:
            batch = self._queue.get(timeout=self._patience(wait_s))
        except queue.Empty:
            pass
        else:
            # A caller that was busy gets all that has come meanwhile, so that what it shows is not older than need be.
            for _ in range(self._queue.qsize()):
                batch += self._queue.get_nowait()
            return batch
        if self._line.stopped.is_set():
            return self._rest(verdict.cancelled(attempts=self._attempt()))
        if self._done.is_set():
            what = "The thread of this call ended on its own; its traceback stands in the kernel's log."
            hint = "that is a fault of byom_magics: please report it with the traceback"
            return self._rest(verdict.protocol(self._subject, what, hint, attempts=self._attempt()))
        timer = expired(self._timeouts, self.moments, time.monotonic())
        if timer is not None:
            self._line.stop()
            return self._rest(verdict.stalled(self._subject, timer, self._timeouts, attempts=self._attempt()))
        return []

    def _rest(self, ended: Ended) -> list[Event]:
        """What came before the call was ended from here, and then the end, unless the server was quicker."""
        events: list[Event] = []
        while True:
            try:
                events += self._queue.get_nowait()
            except queue.Empty:  # noqa: PERF203 - asking whether it is empty would be a race
                break
        if not (events and isinstance(events[-1], Ended)):
            events.append(self._channel.settle(ended) if self._channel else ended)
        return events

    def _patience(self, wait_s: float) -> float:
        if self._line.stopped.is_set():
            return 0.001
        deadline = next_deadline(self._timeouts, self.moments)
        # Windows cannot interrupt a wait without a limit, and other threads may stop the call.
        wait_s = min(wait_s, _POLL_S)
        return wait_s if deadline is None else max(0.001, min(wait_s, deadline - time.monotonic()))

    def _attempt(self) -> int:
        return self._channel.attempt if self._channel else 1

"""
Plain requests and their whole answers: for lists of models, probes and checks of keys, not for calls of models.

What is handed a way to send runs it in a worker thread, so that an interrupt or the time limit hangs up at once.
"""

from __future__ import annotations

import functools
import queue
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.errors import ByomError, StalledError
from byom_magics.wire import verdict
from byom_magics.wire.encoding import body_decoder
from byom_magics.wire.faults import Fault
from byom_magics.wire.line import Line
from byom_magics.wire.timers import Moments
from byom_magics.wire.workers import Workers

if TYPE_CHECKING:
    from byom_magics.wire.reading import Answer
    from byom_magics.wire.verdict import Subject

__all__ = ["MOST_BYTES", "Fetched", "Fetches"]

MOST_BYTES = 32 * 1024 * 1024
"""The largest body that is read when the caller sets no limit of its own."""

_POLL_S = 0.1
_MOST_STALE = 8  # kept connections that had ended meanwhile: probes leave several
_workers = Workers()


@dataclass(frozen=True)
class Fetched:
    """
    An answer as it came, whatever its status.

    Attributes:
        status: The HTTP status; redirects are not followed.
        phrase: The words that came with it.
        headers: Their names in lower case.
        body: The body, its content coding undone.
        seconds: From the request to the last byte.
    """

    status: int
    phrase: str
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Fetches:
    """
    Requests that are under way together, each in a worker thread, waited for by one. Leaving the block hangs up.

    A request is known by a tag of the caller's own.
    """

    def __init__(self) -> None:
        self._tasks: dict[Hashable, _Task] = {}
        self._done: queue.SimpleQueue[Hashable] = queue.SimpleQueue()

    def __enter__(self) -> Fetches:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(
        self,
        tag: Hashable,
        send: Callable[[], Answer],
        subject: Subject,
        *,
        timeout_s: float,
        max_bytes: int = MOST_BYTES,
    ) -> None:
        """
        Begin a request.

        Args:
            tag: What `next` gives back with its answer.
            send: Sends it once; raises `Fault`.
            subject: Who is called, for messages.
            timeout_s: For everything together, name look-up and connecting included.
            max_bytes: The largest body that is taken, after its content coding is undone.
        """
        task = _Task(send, subject, timeout_s, max_bytes, functools.partial(self._done.put, tag))
        self._tasks[tag] = task
        _workers.run(f"byom-fetch-{subject.address[:60]}", task.run)

    def next(self, wait_s: float) -> tuple[Hashable, Fetched | ByomError] | None:
        """What came of the request that ended first; None if none ended in that time, or none is under way."""
        deadline = time.monotonic() + wait_s
        while self._tasks:
            first = min(self._tasks, key=lambda tag: self._tasks[tag].deadline)
            left = min(deadline, self._tasks[first].deadline) - time.monotonic()
            try:
                # Windows cannot interrupt a wait without a limit.
                tag = self._done.get(timeout=min(_POLL_S, max(0.0, left)))
            except queue.Empty:
                if time.monotonic() >= self._tasks[first].deadline:
                    return first, self._tasks.pop(first).give_up()
                if time.monotonic() >= deadline:
                    return None
                continue
            task = self._tasks.pop(tag, None)
            if task is not None:
                return tag, task.result()
        return None

    def close(self) -> None:
        """Hang up all that are under way."""
        while self._tasks:
            self._tasks.popitem()[1].line.stop()


class _Task:
    """What the worker does, and what came of it."""

    def __init__(
        self,
        send: Callable[[], Answer],
        subject: Subject,
        timeout_s: float,
        max_bytes: int,
        tell: Callable[[], None],
    ) -> None:
        self._send = send
        self._subject = subject
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._tell = tell
        self._began = time.monotonic()
        self._fetched: Fetched | None = None
        self._fault: Fault | None = None
        self.deadline = self._began + timeout_s
        self.line = Line(Moments(self._began), _nothing, _nothing)

    def run(self) -> None:
        try:
            with self.line:
                self._fetched = self._try_again()
        except Fault as fault:
            self._fault = fault
        finally:
            self._tell()

    def result(self) -> Fetched | ByomError:
        if self._fetched is not None:
            return self._fetched
        what = "The thread of this request ended on its own; its traceback stands in the kernel's log."
        hint = "that is a fault of byom_magics: please report it with the traceback"
        fault = self._fault or Fault("protocol", what, hint=hint)
        error = verdict.fault(self._subject, fault, attempts=1).error
        assert error is not None  # noqa: S101 - a fault always gives one
        return error

    def give_up(self) -> StalledError:
        self.line.stop()
        moments = self.line.moments
        if moments.connected is None:
            what, hint = "no connection came about", "check the address, and whether a firewall or VPN stands between"
        elif moments.first_byte is None:
            what = "the server took the request and sent nothing"
            hint = "see whether the server is busy or still starting"
        else:
            what, hint = "the answer did not end", "see whether the server, or a proxy before it, is overloaded"
        return StalledError(
            f"Stopped after {self._timeout_s:g} s: {what}.",
            model=self._subject.model or None,
            address=self._subject.address,
            hint=hint,
        )

    def _try_again(self) -> Fetched:
        for _ in range(_MOST_STALE):
            try:
                return self._try()
            except Fault as fault:  # noqa: PERF203 - each try is a request
                if not (fault.passing and self._was_stale()):
                    raise
        return self._try()

    def _try(self) -> Fetched:
        self.line.begin()
        answer = self._send()
        try:
            body = self._body(answer)
        finally:
            answer.close()
        return Fetched(answer.status, answer.phrase, answer.headers, body, time.monotonic() - self._began)

    def _body(self, answer: Answer) -> bytes:
        body = bytearray()
        decoder = body_decoder(answer.headers.get("content-encoding"))
        for chunk in answer.chunks:
            for piece in decoder.decode(chunk) if decoder else (chunk,):
                body += piece
            if len(body) > self._max_bytes:
                what = f"The answer is larger than {self._max_bytes:,} bytes; it was not read further."
                raise Fault("protocol", what, hint="check that the address is that of a model server")
        return bytes(body)

    def _was_stale(self) -> bool:
        line = self.line
        return line.reused and line.moments.first_byte is None and not line.stopped.is_set()


def _nothing() -> None:
    pass

"""
One plain request and its whole answer: for lists of models, probes and checks of keys, not for calls of models.

It is handed a way to send, and runs that in a worker thread, so that an interrupt or the time limit hangs up at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.errors import ByomError, StalledError
from byom_magics.wire import verdict
from byom_magics.wire.encoding import body_decoder
from byom_magics.wire.faults import Fault
from byom_magics.wire.network import Line
from byom_magics.wire.timers import Moments
from byom_magics.wire.workers import Workers

if TYPE_CHECKING:
    from byom_magics.wire.reading import Answer
    from byom_magics.wire.verdict import Subject

__all__ = ["MOST_BYTES", "Fetched", "fetch"]

MOST_BYTES = 32 * 1024 * 1024
"""The largest body that is read when the caller sets no limit of its own."""

_POLL_S = 0.1
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


def fetch(send: Callable[[], Answer], subject: Subject, *, timeout_s: float, max_bytes: int = MOST_BYTES) -> Fetched:
    """
    Send a request and wait for the whole answer.

    Args:
        send: Sends it once; raises `Fault`.
        subject: Who is called, for messages.
        timeout_s: For everything together, name look-up and connecting included.
        max_bytes: The largest body that is taken, after its content coding is undone.

    Raises:
        CallError: The way failed, what came is no HTTP or is too large, or the time ran out. A status is no error.
    """
    task = _Task(send, max_bytes)
    try:
        _workers.run(f"byom-fetch-{subject.address[:60]}", task.run)
        in_time = task.wait(timeout_s)
    except BaseException:
        task.line.stop()
        raise
    if not in_time:
        task.line.stop()
        raise _late(subject, task.line.moments, timeout_s)
    if task.fault is not None:
        raise _error(subject, task.fault)
    if task.fetched is None:
        what = "The thread of this request ended on its own; its traceback stands in the kernel's log."
        hint = "that is a fault of byom_magics: please report it with the traceback"
        raise _error(subject, Fault("protocol", what, hint=hint))
    return task.fetched


class _Task:
    """What the worker does, and what came of it."""

    def __init__(self, send: Callable[[], Answer], max_bytes: int) -> None:
        self._send = send
        self._max_bytes = max_bytes
        self.began = time.monotonic()
        self.line = Line(Moments(self.began), _nothing, _nothing)
        self.done = threading.Event()
        self.fetched: Fetched | None = None
        self.fault: Fault | None = None

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; False if the time ran out before."""
        deadline = self.began + timeout_s
        # Windows cannot interrupt a wait without a limit.
        while not self.done.wait(min(_POLL_S, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                return False
        return True

    def run(self) -> None:
        try:
            with self.line:
                try:
                    self.fetched = self._try()
                except Fault as fault:
                    if not (fault.passing and self._was_stale()):
                        raise
                    self.fetched = self._try()  # a kept connection had ended meanwhile
        except Fault as fault:
            self.fault = fault
        finally:
            self.done.set()

    def _try(self) -> Fetched:
        self.line.begin()
        answer = self._send()
        try:
            body = self._body(answer)
        finally:
            answer.close()
        return Fetched(answer.status, answer.phrase, answer.headers, body, time.monotonic() - self.began)

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


def _error(subject: Subject, fault: Fault) -> ByomError:
    error = verdict.fault(subject, fault, attempts=1).error
    assert isinstance(error, ByomError)  # noqa: S101 - a fault always gives one
    return error


def _late(subject: Subject, moments: Moments, timeout_s: float) -> StalledError:
    if moments.connected is None:
        what, hint = "no connection came about", "check the address, and whether a firewall or VPN stands between"
    elif moments.first_byte is None:
        what, hint = "the server took the request and sent nothing", "see whether the server is busy or still starting"
    else:
        what, hint = "the answer did not end", "see whether the server, or a proxy before it, is overloaded"
    return StalledError(
        f"Stopped after {timeout_s:g} s: {what}.", model=subject.model or None, address=subject.address, hint=hint
    )


def _nothing() -> None:
    pass

"""Work that other threads have for one: what a person has to be asked, or what belongs to the thread of the cell."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from byom_magics.errors import SetupError

__all__ = ["Errands"]


class Errands:
    """Takes work from any thread, and does it on the thread that calls `run`, one piece after another."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()

    def do(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the work gives
        """
        Have work done, and wait for its result.

        Raises:
            SetupError: Nobody does errands any more; or the person interrupted this one.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise SetupError("It was not done: the cell has ended.", hint="run the cell again")
            self._waiting.put((lambda: work(*arguments, **named), future))
        return future.result()

    def run(self, wait_s: float, done: Callable[[], bool]) -> None:
        """
        Do what comes within a time, on this thread.

        Args:
            wait_s: How long, in seconds; work that was begun is ended.
            done: Whether nothing more comes; looked at between two pieces of work.

        Raises:
            KeyboardInterrupt: The person stopped it; the piece of work that was being done is told so.
        """
        until = time.monotonic() + wait_s
        while not done() and (left := until - time.monotonic()) > 0:
            try:
                errand = self._waiting.get(timeout=left)
            except queue.Empty:
                return
            if errand is not None:
                _do(*errand)

    def wake(self) -> None:
        """Let `run` look whether it is done, from any thread."""
        self._waiting.put(None)

    def close(self) -> None:
        """Take no more work; what still waits is refused."""
        with self._lock:
            self._closed = True
            while not self._waiting.empty():
                errand = self._waiting.get()
                if errand is not None:
                    errand[1].set_exception(SetupError("It was not done: the cell has ended.", hint="run it again"))


def _do(work: Callable[[], Any], future: Future[Any]) -> None:
    try:
        result = work()
    except KeyboardInterrupt:
        # Raised in the other thread it would end that one; the call that it serves is hung up anyway.
        future.set_exception(SetupError("The person interrupted it.", hint="run the cell again"))
        raise
    except BaseException as problem:  # noqa: BLE001 - it belongs to the thread that wanted the work done
        future.set_exception(problem)
    else:
        future.set_result(result)

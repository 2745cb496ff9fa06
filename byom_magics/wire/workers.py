"""Threads that serve calls, kept for a while: starting one takes as long as a quick server takes to answer."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable

__all__ = ["Workers"]


class Workers:
    """
    Runs each piece of work in a thread of its own.

    Args:
        idle_s: How long a thread waits for further work, in seconds.
    """

    def __init__(self, idle_s: float = 2.0) -> None:
        self._idle_s = idle_s
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Begin the work at once; what it raises goes to `threading.excepthook`."""
        if self._process != os.getpid():
            self._begin()  # a process that was forked has none of the threads

        def named() -> None:
            threading.current_thread().name = name
            work()

        with self._lock:
            waiting = self._idle > 0
            self._idle -= waiting
        self._work.put(named)
        if not waiting:
            threading.Thread(target=self._serve, name=name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                work = self._work.get(timeout=self._idle_s)
            except queue.Empty:
                with self._lock:
                    if not self._idle:
                        continue  # work was promised to this thread just now
                    self._idle -= 1
                    return
            work()
            del work  # what it holds is not needed while waiting
            with self._lock:
                self._idle += 1

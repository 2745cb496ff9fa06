"""Interrupts of a cell: they wait for a painting to be done, and are told in one line."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["held_back", "tell"]


@contextlib.contextmanager
def held_back() -> Iterator[list[int]]:
    """
    Let a painting be done, which takes some milliseconds: half of one would leave its output twice, or not at all.

    Yields:
        The signals that came meanwhile.
    """
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield held
        return
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, before)


def tell(interrupt: KeyboardInterrupt, what: str) -> None:
    """Let the notebook show one line for an interrupt: the frames are ours, and no news to the person."""
    lines = [f"KeyboardInterrupt: stopped; {what}"]
    interrupt._render_traceback_ = lambda: lines  # type: ignore[attr-defined]  # IPython's own hook

from __future__ import annotations

import threading
from typing import Any

from byom_magics.magics.seconds import Seconds

PATIENCE = 60


class Seen:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.once = threading.Event()

    def tick(self) -> None:
        self.told.append(threading.current_thread().name)
        self.once.set()


def seconds(view: Any, since: Any) -> Seconds:
    return Seconds(view, since)


def test_what_runs_is_painted_from_another_thread_until_it_ends() -> None:
    seen = Seen()
    watch = seconds(seen, lambda: 5.0)
    watch.begin()
    assert seen.once.wait(PATIENCE)
    watch.end()
    told = len(seen.told)
    assert set(seen.told) == {"byom-seconds"}
    assert "byom-seconds" not in {thread.name for thread in threading.enumerate()}
    assert len(seen.told) == told


def test_nothing_is_painted_while_nothing_runs() -> None:
    looked = threading.Semaphore(0)
    seen = Seen()
    watch = seconds(seen, looked.release)  # gives None, as where leave is asked
    watch.begin()
    for _ in range(2):
        assert looked.acquire(timeout=PATIENCE)
    watch.end()
    assert seen.told == []


def test_it_may_begin_again_and_end_without_having_begun() -> None:
    seen = Seen()
    watch = seconds(seen, lambda: 1.0)
    watch.end()
    for _ in range(2):
        seen.once.clear()
        watch.begin()
        assert seen.once.wait(PATIENCE)
    watch.end()

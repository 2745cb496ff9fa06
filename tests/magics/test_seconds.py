from __future__ import annotations

import threading
from typing import Any

import pytest

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


def test_an_end_that_was_interrupted_is_made_up_for_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    join, waits = threading.Thread.join, list[threading.Thread]()

    def interrupted_once(thread: threading.Thread) -> None:
        waits.append(thread)
        if len(waits) == 1:
            raise KeyboardInterrupt
        join(thread)

    watch = seconds(Seen(), lambda: 1.0)
    watch.begin()
    monkeypatch.setattr(threading.Thread, "join", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        watch.end()
    watch.end()
    assert len(waits) == 2
    assert not waits[0].is_alive()

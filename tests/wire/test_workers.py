"""Threads that are kept for the next call."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from byom_magics.wire.workers import Workers

if TYPE_CHECKING:
    import pytest

PATIENCE = 20.0


def test_the_next_work_runs_in_the_thread_that_is_free_again() -> None:
    workers = Workers()
    threads = []
    for _ in range(3):
        workers.run("work", lambda: threads.append(threading.current_thread()))
        while workers._idle == 0:
            threading.Event().wait(0.001)
    assert len(set(threads)) == 1


def test_work_never_waits_for_other_work() -> None:
    workers = Workers()
    together = threading.Barrier(9)

    def work() -> None:
        together.wait(PATIENCE)

    for _ in range(8):
        workers.run("work", work)
    together.wait(PATIENCE)


def test_a_thread_bears_the_name_of_its_work() -> None:
    workers = Workers()
    names: list[str] = []
    for name in ("first", "second"):
        done = threading.Event()

        def work(done: threading.Event = done) -> None:
            names.append(threading.current_thread().name)
            done.set()

        workers.run(name, work)
        assert done.wait(PATIENCE)
    assert names == ["first", "second"]


def test_a_thread_without_work_ends() -> None:
    workers = Workers(idle_s=0.01)
    found: list[threading.Thread] = []
    workers.run("work", lambda: found.append(threading.current_thread()))
    while not found:
        threading.Event().wait(0.001)
    found[0].join(PATIENCE)
    assert not found[0].is_alive()


def test_work_that_raises_ends_its_thread_and_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(str(args.exc_value)))
    workers = Workers()
    done = threading.Event()

    def broken() -> None:
        message = "broken"
        raise OSError(message)

    workers.run("work", broken)
    while not told:
        threading.Event().wait(0.001)
    workers.run("work", done.set)
    assert done.wait(PATIENCE)
    assert told == ["broken"]


def test_a_forked_process_starts_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = Workers()
    workers._idle = 1  # as if a thread were waiting, which the copy of the process does not have
    monkeypatch.setattr("os.getpid", lambda: -1)
    done = threading.Event()
    workers.run("work", done.set)
    assert done.wait(PATIENCE)

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from byom_magics.errors import SetupError
from byom_magics.talk.errands import Errands


def test_work_is_done_on_the_thread_that_runs_errands() -> None:
    errands = Errands()
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(errands.do, threading.current_thread)
        result.add_done_callback(lambda _: errands.wake())
        errands.run(5, result.done)
        assert result.result() is threading.main_thread()


def test_what_work_raises_is_raised_where_it_was_wanted() -> None:
    errands = Errands()
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(errands.do, int, "none")
        result.add_done_callback(lambda _: errands.wake())
        errands.run(5, result.done)
        with pytest.raises(ValueError, match="none"):
            result.result()


def test_an_interrupt_ends_the_waiting_and_is_told_to_who_wanted_the_work() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    errands = Errands()
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(errands.do, interrupted)
        with pytest.raises(KeyboardInterrupt):
            errands.run(5, result.done)
        with pytest.raises(SetupError, match="interrupted"):
            result.result()


def test_when_errands_are_closed_what_waits_and_what_comes_is_refused() -> None:
    errands = Errands()
    begun = threading.Event()

    def want() -> None:
        begun.set()
        errands.do(int)

    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(want)
        begun.wait(5)
        errands.close()
        with pytest.raises(SetupError, match="ended"):
            result.result(5)
    with pytest.raises(SetupError, match="ended"):
        errands.do(int)


def test_waking_ends_the_wait_when_all_is_done() -> None:
    errands, done = Errands(), threading.Event()

    def end() -> None:
        done.set()
        errands.wake()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(end)
        errands.run(600, done.is_set)


def test_nothing_is_waited_for_longer_than_was_said() -> None:
    Errands().run(0.01, lambda: False)

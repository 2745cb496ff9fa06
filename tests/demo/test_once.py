from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from byom_magics.demo.once import Once


def test_many_threads_that_ask_at_once_get_the_one_value() -> None:
    made: list[object] = []
    together = Barrier(8)

    def make() -> object:
        made.append(object())
        return made[-1]

    once = Once(make)

    def ask() -> object:
        together.wait()
        return once()

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: ask(), range(8)))
    assert len(made) == 1
    assert all(value is made[0] for value in got)


def test_nothing_is_made_before_it_is_asked_for_and_a_failure_is_tried_again() -> None:
    tries = iter([ValueError("not yet"), None])

    def make() -> str:
        problem = next(tries)
        if problem:
            raise problem
        return "made"

    once = Once(make)
    with pytest.raises(ValueError, match="not yet"):
        once()
    assert once() == "made"

"""Interrupts of a cell: none is lost, none cuts a painting in two, and one line tells of it."""

from __future__ import annotations

import signal
import threading

import pytest

from byom_magics.magics.interrupts import held_back, tell


def test_an_interrupt_waits_for_the_painting_and_is_not_lost() -> None:
    done = []
    with held_back() as held:
        signal.raise_signal(signal.SIGINT)
        done.append("painted")
    assert (done, held) == (["painted"], [signal.SIGINT])


def test_afterwards_interrupts_are_what_they_were() -> None:
    before = signal.getsignal(signal.SIGINT)
    with held_back():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_another_thread_paints_without_touching_signals() -> None:
    held: list[list[int]] = []

    def paint() -> None:
        with held_back() as mine:
            held.append(mine)

    thread = threading.Thread(target=paint)
    thread.start()
    thread.join()
    assert held == [[]]


def test_one_line_is_shown_in_place_of_our_frames() -> None:
    interrupt = KeyboardInterrupt()
    tell(interrupt, "nothing had come yet")
    assert interrupt._render_traceback_() == ["KeyboardInterrupt: stopped; nothing had come yet"]  # type: ignore[attr-defined]

from __future__ import annotations

from byom_magics.demo.pace import Pace


def test_tokens_are_due_by_the_timetable_whatever_the_delays_before() -> None:
    now = 100.0
    pace = Pace(10, lambda: now)
    assert [round(pace.wait_for(number), 6) for number in range(3)] == [0, 0.1, 0.2]
    now = 100.15
    assert pace.wait_for(1) == 0
    assert round(pace.wait_for(2), 6) == 0.05
    assert round(pace.wait_for(3), 6) == 0.15


def test_without_a_pace_nothing_waits() -> None:
    assert Pace(None).wait_for(10**9) == 0

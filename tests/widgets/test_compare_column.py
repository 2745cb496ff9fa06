from __future__ import annotations

import re
from typing import Any

import pytest

from byom_magics.errors import StatusError
from byom_magics.events import (
    Held,
    Opened,
    ReasoningDelta,
    Reply,
    Retrying,
    State,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.widgets import answer_box, compare_column
from byom_magics.widgets.compare_column import ColumnBox
from byom_magics.widgets.parts import Parts
from tests.widgets.columns import said, states
from tests.widgets.hands import heard, labelled, none_left, press

NAMES = ("alpha", "served", "example", "USD", "answered 500")


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (answer_box, compare_column):
        monkeypatch.setattr(module, "time", made)
    return made


@pytest.fixture
def parts() -> Any:
    with none_left():
        made = Parts()
        yield made
        made.close()


def came(column: ColumnBox, clock: Clock, *events: Any) -> None:
    for event in events:
        clock.now += 1
        column.event(event)
        column.tick()


def test_it_shows_its_name_how_it_gets_on_and_what_came(clock: Clock, parts: Parts) -> None:
    column = ColumnBox(parts, "org/<b>alpha", "http://alpha.example/v1", lambda: None, price=lambda n: f"{n} cents")
    assert "org/<b>alpha" in said(column.box)
    assert all("<b>" not in each.value for each in column.box.children[:2])
    column.tick()
    assert "alpha.example" in said(column.box)
    came(column, clock, TextDelta("It is **so**, "), TextDelta("and " * 100))
    told = said(column.box)
    assert "It is so" in told
    assert "first token 1.0 s" in told
    assert re.search(r"about 1\d\d tokens/s · about 1\d\d tokens · about 1\d\d cents", told)
    column.finish(Reply("It is **so**.", state=State.COMPLETE, model="org/alpha"))
    assert "complete" in said(column.box)
    assert "and and" not in said(column.box)
    column.close()


def test_its_button_stops_it_until_it_has_ended(clock: Clock, parts: Parts) -> None:
    stopped: list[int] = []
    column = ColumnBox(parts, "alpha", "", lambda: stopped.append(1))
    stop = labelled(column.box, "Stop alpha")
    assert "the others go on" in stop.tooltip
    press(stop)
    assert stopped == [1]
    column.finish(Reply())
    assert stop.disabled
    column.close()


def test_its_end_is_told_to_those_who_hear_it(clock: Clock, parts: Parts) -> None:
    column = ColumnBox(parts, "alpha", "", lambda: None)
    assert heard(column.box) == [""]
    column.finish(Reply("x", state=State.COMPLETE))
    assert heard(column.box) == ["alpha: (complete)"]
    column.close()


def test_how_it_gets_on_is_said_twice_a_second_and_not_more_often(clock: Clock, parts: Parts) -> None:
    column = ColumnBox(parts, "alpha", "", lambda: None)
    lines: list[Any] = []
    column.box.children[1].observe(lines.append, "value")
    for _ in range(100):
        clock.now += 0.02
        column.event(TextDelta("x" * 4))
        column.tick()
    assert 2 <= len(lines) <= 5
    column.close()


def test_a_hidden_column_tells_nothing_but_what_it_says(clock: Clock, parts: Parts) -> None:
    column = ColumnBox(parts, "A", "", lambda: None, hidden=True)
    came(
        column,
        clock,
        Held("alpha.example allows 3 requests a minute", 2),
        Retrying(2, "alpha.example is busy", 2),
        Opened(served_model="served-alpha", request_id="alpha-1"),
        ReasoningDelta("I think as alpha."),
        ToolCallDelta(0, "c1", "ask_alpha", "{}"),
        TextDelta("Hello"),
        UsageReport(Usage(output_tokens=7)),
    )
    assert "Hello" in said(column.box)
    assert not [each for each in (*NAMES, "token") if each in states(column.box)]
    column.finish(
        Reply(
            "Hello",
            state=State.ERROR,
            reason="http",
            model="org/alpha",
            served_model="served-alpha",
            error=StatusError("alpha.example answered 500", model="org/alpha"),
            warnings=("alpha is slow",),
        )
    )
    assert "Hello" in said(column.box)
    assert "failed" in said(column.box)
    assert not [name for name in NAMES if name in states(column.box)]
    column.close()

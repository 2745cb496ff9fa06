from __future__ import annotations

from byom_magics.events import ToolAsked, ToolCall, ToolCallDelta
from byom_magics.show.running import Running
from byom_magics.show.tool_lines import IN_A_ROW
from tests.show.safe import text_of
from tests.show.screen import result


def test_a_tool_is_told_from_the_first_word_of_it_to_its_end() -> None:
    running = Running()
    assert running.html(0.0) == ""
    running.write(ToolCallDelta(0, "1", "clock", '{"zone":'))
    running.write(ToolCallDelta(0, arguments=' "CET"}'))
    assert text_of(running.html(1.0)) == "asks for clock · 15 characters of arguments"
    running.ask(ToolAsked(ToolCall("1", "clock", '{"zone": "CET"}'), 0), 2.0)
    assert running.active
    assert text_of(running.html(2.9)) == '▸ clock(zone="CET")\n'
    assert text_of(running.html(4.1)) == '▸ clock(zone="CET") · running, 2 s\n'
    line = running.end(result("clock", '{"zone": "CET"}', "12:00"))
    assert line is not None
    assert line.ours
    assert line.source == '[clock(zone="CET") → 12:00 · 200 ms]\n'
    assert running.html(5.0) == ""


def test_long_arguments_are_painted_less_often() -> None:
    running = Running()
    running.ask(ToolAsked(ToolCall("1", "write", '{"text": "' + "line\\n" * 2_000 + '"}'), 0), 0.0)
    assert running.interval_s == 1
    running.html(0.0)
    assert running.interval_s > 10


def test_many_in_a_row_are_told_as_one_line_until_something_else_comes() -> None:
    running = Running()
    lines = [running.end(result("f")) for _ in range(IN_A_ROW + 3)]
    assert lines[IN_A_ROW:] == [None] * 3
    assert None not in lines[:IN_A_ROW]
    assert text_of(running.html(0.0)) == "… 3 more before this"
    (folded,) = running.close_row()
    assert folded.source == "[3 more tool calls]\n"
    assert running.close_row() == []
    assert running.end(result("f")) is not None


def test_a_call_that_is_over_leaves_nothing_running() -> None:
    running = Running()
    running.write(ToolCallDelta(0, "1", "f", "{}"))
    running.close_call()
    assert running.html(0.0) == ""


def test_seconds_are_counted_from_when_it_had_leave() -> None:
    begun = [None, None, 10.0, 10.0]
    running = Running(lambda: begun.pop(0))
    running.ask(ToolAsked(ToolCall("1", "clock", "{}"), 0), 2.0)
    assert "running" not in running.html(5.0) + running.html(9.0)
    assert "running" not in running.html(10.5)
    assert "running, 3 s" in running.html(13.5)

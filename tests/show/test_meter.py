from __future__ import annotations

from byom_magics.errors import StatusError
from byom_magics.events import ReasoningDelta, Reply, State, TextDelta, ToolCallDelta, Usage, UsageReport
from byom_magics.show.meter import Meter


def test_before_anything_comes_it_says_nothing() -> None:
    assert Meter(10).line() == ""


def test_an_empty_piece_is_nothing() -> None:
    meter = Meter(0)
    meter.event(TextDelta(""), 1)
    assert meter.line() == ""


def test_the_first_piece_is_timed_and_tokens_are_estimated() -> None:
    meter = Meter(10)
    meter.event(TextDelta("x" * 40), 10.25)
    line = meter.line()
    assert "first token 250 ms" in line
    assert "about 10 tokens" in line
    assert "tokens/s" not in line  # of one piece nobody knows how fast it is


def test_its_speed_is_that_of_what_came_and_no_waiting_is_in_it() -> None:
    meter = Meter(0)
    meter.event(TextDelta("x" * 40), 5)
    meter.event(TextDelta("x" * 360), 7)
    assert "about 50 tokens/s" in meter.line()
    assert "about 100 tokens" in meter.line()


def test_the_servers_own_count_replaces_the_estimate() -> None:
    meter = Meter(0)
    meter.event(TextDelta("x" * 40), 1)
    meter.event(UsageReport(Usage(output_tokens=7)), 2)
    assert "· 7 tokens" in meter.line()
    assert "about 7" not in meter.line()


def test_a_report_without_a_count_leaves_the_estimate() -> None:
    meter = Meter(0)
    meter.event(TextDelta("x" * 40), 1)
    meter.event(UsageReport(Usage(input_tokens=7)), 2)
    assert "about 10 tokens" in meter.line()


def test_one_token_is_one() -> None:
    meter = Meter(0)
    meter.event(TextDelta("x"), 1)
    assert meter.line().endswith("about 1 token")


def test_reasoning_and_calls_of_tools_are_counted() -> None:
    meter = Meter(0)
    meter.event(ReasoningDelta("x" * 20), 1)
    meter.event(ToolCallDelta(0, "c1", "look", "x" * 20), 2)
    assert "about 10 tokens" in meter.line()


def test_the_cost_is_told_where_the_price_is_known() -> None:
    meter = Meter(0, lambda tokens: f"{tokens} cents")
    assert "cents" not in meter.line()
    meter.event(TextDelta("x" * 40), 1)
    assert meter.line().endswith("about 10 cents")
    meter.event(UsageReport(Usage(output_tokens=7)), 2)
    assert meter.line().endswith("· 7 cents")


def test_the_end_says_how_it_ended() -> None:
    assert Meter.ended(Reply(state=State.COMPLETE)) == "complete"
    assert "first_token" in Meter.ended(Reply(state=State.STALLED, reason="first_token"))


def test_the_end_of_a_hidden_column_says_no_more_than_whether_it_answered() -> None:
    failed = Reply(state=State.ERROR, reason="http", error=StatusError("alpha.example answered 500"))
    ends = [Meter.ended(reply, hidden=True) for reply in (Reply(state=State.COMPLETE), failed, Reply())]
    assert ends == ["answered", "failed", "stopped"]
    assert Meter.ended(Reply("x", state=State.INCOMPLETE), hidden=True) == "failed"

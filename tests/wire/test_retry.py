"""When a call is tried again, how long it waits, and when it does not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.events import Retrying, State
from byom_magics.wire import retry
from tests.wire.answers import CHUNKED, GOOD, chunk, chunked, data, frame, refused, sized
from tests.wire.asking import ask, ask_key, expect, register
from tests.wire.raw_server import Answer, RawServer, keep, reset

SOON = "retry-after-ms: 5"
COLD = {"error": {"message": "the flux capacitor is cold", "type": "flux_error", "code": 4711}}


def first_wait(server: RawServer) -> float:
    """How long the call says that it waits before its second attempt; it is not waited for."""
    with byom.stream(register(server), "hi") as events:
        for event in events:
            if isinstance(event, Retrying):
                assert event.why
                events.stop()
                return event.wait_s
    pytest.fail(f"no retry: {events.reply!r}")


# What is tried again


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 529])
def test_a_status_that_may_pass_is_tried_again(status: int) -> None:
    with RawServer([refused(f"{status} Later", COLD, "application/json", SOON)], GOOD) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 2
        retrying = [event for event in outcome.events if isinstance(event, Retrying)]
        assert len(retrying) == 1
        assert str(status) in retrying[0].why
        assert server.requests[0].body == server.requests[1].body


def test_wire_25_two_html_refusals_then_an_answer_are_three_requests() -> None:
    busy = refused("503 Service Unavailable", b"<html><title>Busy</title></html>", "text/html")
    with RawServer([busy], [busy], GOOD) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 3
        waits = [event.wait_s for event in outcome.events if isinstance(event, Retrying)]
        assert len(waits) == 2
        assert all(0 < wait <= 5 for wait in waits)


def test_after_two_retries_the_last_refusal_is_raised() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", SOON)]) as server:
        outcome = expect(ask(server), "error(http)", says=("503", "the flux capacitor is cold"))
        assert isinstance(outcome.error, errors.StatusError)
        assert outcome.error.status == 503
        assert outcome.reply.attempts == len(server.requests) == 3


@pytest.mark.parametrize("abort", [[reset], []], ids=["reset", "closed"])
def test_wire_26_a_connection_that_ends_before_headers_is_tried_again(abort: Answer) -> None:
    with RawServer(abort, GOOD) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 2


def test_wire_26_always_reset_before_headers_ends_incomplete() -> None:
    with RawServer([reset]) as server:
        outcome = expect(ask(server), "incomplete(connection)", text="")
        assert outcome.reply.attempts == len(server.requests) == 3


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(timezone.utc) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("Retry-After: 1", 1.0, 1.5),
        ("Retry-After: 0", 0.0, 0.6),
        ("Retry-After: 1.5", 1.5, 2.2),
        ("Retry-After: 120", 120.0, 125.0),
        ("retry-after-ms: 700", 0.7, 1.0),
        ("Retry-After-Ms: 700", 0.7, 1.0),
        ("retry-after-ms: 700\r\nRetry-After: 30", 0.7, 1.0),
        ("X-None: 1", 0.05, 2.0),
        ("Retry-After: -5", 0.0, 2.0),
        ("Retry-After: soon", 0.0, 2.0),
        ("Retry-After: nan", 0.0, 2.0),
        ("Retry-After: ", 0.0, 2.0),
        ("retry-after-ms: soon", 0.0, 2.0),
        ("Retry-After: \xb2", 0.0, 2.0),
    ],
)
def test_wire_24_the_wait_is_what_the_server_asks_for(header: str, least: float, most: float) -> None:
    with RawServer([refused("429 Too Many Requests", COLD, "application/json", header)]) as server:
        assert least <= first_wait(server) <= most


def test_wire_24_a_date_is_understood() -> None:
    with RawServer([refused("429 Slow", COLD, "application/json", f"Retry-After: {http_date(60)}")]) as server:
        assert 50 <= first_wait(server) <= 65


def test_wire_24_a_date_that_has_passed_means_soon() -> None:
    with RawServer([refused("429 Slow", COLD, "application/json", f"Retry-After: {http_date(-3600)}")]) as server:
        assert 0 <= first_wait(server) <= 2


@pytest.mark.parametrize("header", ["Retry-After: 3600", "retry-after-ms: 3600000", "Retry-After: 121"])
def test_wire_24_a_wait_that_is_too_long_fails_at_once_and_names_the_time(header: str) -> None:
    with RawServer([refused("429 Too Many Requests", COLD, "application/json", header)]) as server:
        outcome = expect(ask(server), "error(http)", says=("429", "the flux capacitor is cold"))
        assert any(word in outcome.message for word in ("3600", "60 min", "1 h", "1:00", "121", "2 min")), (
            outcome.message
        )
        assert outcome.reply.attempts == len(server.requests) == 1


@pytest.mark.parametrize("seconds", ["1e9", "inf", "99999999999999999999", "1" * 400])
def test_wire_24_an_absurd_wait_is_never_waited_for(seconds: str) -> None:
    with RawServer([refused("429 Slow", COLD, "application/json", f"Retry-After: {seconds}")], GOOD) as server:
        outcome = ask(server)
        assert outcome.reply.state_text in ("error(http)", "complete")
        assert all(event.wait_s <= 120 for event in outcome.events if isinstance(event, Retrying))


def test_wire_24_a_date_far_away_fails_at_once() -> None:
    with RawServer(
        [refused("503 Maintenance", COLD, "application/json", f"Retry-After: {http_date(86400)}")]
    ) as server:
        expect(ask(server), "error(http)", says=("503",))
        assert len(server.requests) == 1


def test_x_should_retry_false_is_obeyed() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", "x-should-retry: false")]) as server:
        expect(ask(server), "error(http)", says=("503",))
        assert len(server.requests) == 1


def test_x_should_retry_true_is_obeyed() -> None:
    with RawServer([refused("400 Odd", COLD, "application/json", "x-should-retry: true", SOON)], GOOD) as server:
        expect(ask(server), "complete", text="Hello")
        assert len(server.requests) == 2


def test_x_should_retry_true_does_not_raise_the_budget() -> None:
    with RawServer([refused("400 Odd", COLD, "application/json", "x-should-retry: true", SOON)]) as server:
        expect(ask(server), "error(http)")
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "fault",
    [
        [CHUNKED, frame(chunk("Hel")), reset],
        [CHUNKED, frame(chunk(delta={"reasoning_content": "Hmm"})), reset],
        [
            CHUNKED,
            frame(chunk(delta={"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f", "arguments": ""}}]})),
        ],
        [chunked(chunk("Hel"), data({"error": {"message": "busy", "code": 503}}))],
        [sized(b'{"error": {"message": "busy", "code": 503}}', "200 OK", "application/json", "Retry-After: 0")],
    ],
    ids=["text", "reasoning", "tool call", "error after text", "error in a success"],
)
def test_nothing_is_tried_again_once_something_was_answered(fault: Answer) -> None:
    with RawServer(fault, GOOD) as server:
        outcome = ask(server)
        assert outcome.reply.state.failed
        assert outcome.reply.attempts == len(server.requests) == 1
        assert "retrying" not in outcome.kinds()


def test_a_retried_call_keeps_its_connection() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", SOON), keep], GOOD) as server:
        expect(ask(server), "complete", text="Hello")
        assert len(server.peers) == 1


def test_the_total_timer_holds_during_a_wait() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", "Retry-After: 60")], GOOD) as server:
        outcome = ask(server, timeouts={"total": 0.4})
        assert outcome.reply.state_text in ("stalled(total)", "error(http)")
        assert len(server.requests) == 1


def test_many_calls_to_one_endpoint_share_their_retries() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", SOON, "Connection: close")]) as server:
        key = register(server)
        with ThreadPoolExecutor(12) as pool:
            outcomes = list(pool.map(lambda _: ask_key(key), range(24)))
        assert all(outcome.reply.state_text == "error(http)" for outcome in outcomes)
        sent = sum(outcome.reply.attempts for outcome in outcomes)
        assert sent >= len(server.requests), "a request on a connection that had ended never arrived"
        assert sent < 24 * 3


def test_a_503_while_a_model_loads_is_tried_again_and_says_so() -> None:
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    with RawServer([refused("503 Service Unavailable", loading, "application/json", SOON)], GOOD) as server:
        outcome = expect(ask(server), "complete")
        retrying = next(event for event in outcome.events if isinstance(event, Retrying))
        assert "503" in retrying.why
        assert retrying.attempt in (1, 2)


def test_a_wait_is_shown_before_it_begins() -> None:
    sign = threading.Event()
    with RawServer([refused("503 Busy", COLD, "application/json", "Retry-After: 100")], GOOD) as server:
        with byom.stream(register(server), "hi") as events:
            for event in events:
                if event.kind == "retrying":
                    sign.set()
                    events.stop()
        assert sign.is_set()
        assert events.reply.state is State.CANCELLED
        assert len(server.requests) == 1


# The decisions


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "7"}, 7.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 60.0),
        ({"retry-after": "Wednesday, 21-Oct-15 07:28:00 GMT"}, 60.0),
        ({"retry-after": "Wed Oct 21 07:28:00 2015"}, 60.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:26:00 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    ],
)
def test_what_a_server_asks_for_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry.retry_after(headers, now=1445412420.0) == seconds


def test_waits_grow_and_differ_a_little() -> None:
    first, second = [retry.backoff(1) for _ in range(50)], [retry.backoff(2) for _ in range(50)]
    assert max(first) < min(second)
    assert len(set(first)) > 1


def test_an_allowance_is_used_up_and_grows_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("byom_magics.wire.retry.time.monotonic", lambda: now[0])
    budget = retry.Budget(size=2, refill_s=10.0)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    now[0] += 10.0
    assert [budget.take() for _ in range(2)] == [True, False]
    now[0] += 1000.0
    assert [budget.take() for _ in range(3)] == [True, True, False]

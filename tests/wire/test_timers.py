"""The six timers: each fires where it must, says which it was and how to raise it, and the server sees the hang-up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.catalog.spec import Timeouts
from byom_magics.events import State
from byom_magics.wire.timers import Moments, expired, next_deadline
from tests.wire.answers import CHUNKED, GOOD, LAST, chunk, frame, head, refused, sse
from tests.wire.asking import LIMITS, Outcome, ask, ask_key, expect, register
from tests.wire.raw_server import Answer, RawServer, after, forever, hold, never_accepts

PING = frame(b": ping\n\n")
SHORT = 0.3

# name of the timer, what the server does, the text that is kept
STALLS: list[tuple[str, Answer, str]] = [
    ("first_byte", [hold], ""),
    ("first_token", [CHUNKED, hold], ""),
    ("first_token", [CHUNKED, forever(PING)], ""),
    ("first_token", [CHUNKED, frame(chunk(delta={"role": "assistant", "content": ""})), forever(PING)], ""),
    ("idle", [CHUNKED, hold], ""),
    ("idle", [CHUNKED, frame(chunk("Hel")), hold], "Hel"),
    ("content_idle", [CHUNKED, frame(chunk("Hel")), forever(PING)], "Hel"),
    ("content_idle", [CHUNKED, frame(chunk("Hel")), forever(frame(chunk("")))], "Hel"),
    ("total", [hold], ""),
    ("total", [CHUNKED, forever(PING)], ""),
    ("total", [head(), forever(b":", every=0.02)], ""),
    ("total", [CHUNKED, forever(frame(chunk("x")), every=0.01)], "x"),
    ("total", [CHUNKED, forever(frame(chunk("x")), every=0)], "x"),
    ("total", [CHUNKED, frame(chunk("Hel")), hold], "Hel"),
]
IDS = [
    "first_byte: WIRE-34 never answers",
    "first_token: headers only",
    "first_token: WIRE-04 comments only",
    "first_token: a role is no token",
    "idle: headers only",
    "idle: WIRE-03 one piece",
    "content_idle: WIRE-04 comments after a piece",
    "content_idle: empty pieces are no content",
    "total: never answers",
    "total: comments",
    "total: WIRE-05 drip",
    "total: content without end",
    "total: content as fast as it can be sent",
    "total: one piece",
]


def stalled(outcome: Outcome, timer: str, text: str) -> None:
    expect(outcome, f"stalled({timer})", says=(timer, "0.3", "--timeout"))
    assert outcome.reply.text.startswith(text)
    assert isinstance(outcome.error, errors.StalledError)


@pytest.mark.parametrize(("timer", "answer", "text"), STALLS, ids=IDS)
def test_a_timer_of_the_registration_fires_once_and_says_which_it_was(timer: str, answer: Answer, text: str) -> None:
    with RawServer(answer) as server:
        outcome = ask(server, timeouts={timer: SHORT})
        stalled(outcome, timer, text)
        server.wait_for_hang_up()
        assert outcome.reply.attempts == len(server.requests) == 1, (
            "the person's deadline is for the call, not an attempt"
        )


@pytest.mark.parametrize(("timer", "answer", "text"), STALLS, ids=IDS)
def test_a_timer_of_the_call_fires_too(timer: str, answer: Answer, text: str) -> None:
    with RawServer(answer) as server:
        key = register(server)
        stalled(ask_key(key, timeouts={timer: SHORT}), timer, text)
        server.wait_for_hang_up()


def test_the_timeout_of_a_call_is_its_total() -> None:
    with RawServer([CHUNKED, forever(PING)]) as server:
        stalled(ask_key(register(server), timeout=SHORT), "total", "")


def test_ask_takes_timers_and_raises_what_stalled_with_the_partial_reply() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold]) as server:
        with pytest.raises(errors.StalledError) as caught:
            byom.ask(register(server), "hi", timeouts={"idle": SHORT})
        assert caught.value.reply is not None
        assert caught.value.reply.state is State.STALLED
        assert caught.value.reply.reason == "idle"
        assert caught.value.reply.text == "Hel"


def test_a_timer_of_the_call_is_laid_over_the_registrations() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), forever(PING)]) as server:
        key = register(server, timeouts={"content_idle": SHORT, "total": 15.0})
        expect(ask_key(key, timeouts={"content_idle": 9.0, "total": SHORT}), "stalled(total)", text="Hel")


def test_none_switches_a_timer_off() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), forever(PING)]) as server:
        key = register(server, timeouts={"content_idle": SHORT})
        expect(ask_key(key, timeouts={"content_idle": None, "total": 1.0}), "stalled(total)")


@pytest.mark.parametrize(
    "timeouts", [{"frist_byte": 1}, {"idle": -1}, {"idle": "soon"}, {"idle": float("nan")}, {"total": True}]
)
def test_a_timer_that_makes_no_sense_is_refused_before_anything_is_sent(timeouts: Mapping[str, Any]) -> None:
    with RawServer(GOOD) as server:
        with pytest.raises(errors.SetupError):
            ask(server, timeouts=timeouts)
        key = register(server)
        with pytest.raises(errors.SetupError):
            byom.ask(key, "hi", timeouts=timeouts)
        assert server.requests == []


def test_an_unknown_timer_is_refused_with_the_names_there_are() -> None:
    with RawServer(GOOD) as server:
        key = register(server)
        with pytest.raises(errors.SetupError, match="first_byte"):
            byom.ask(key, "hi", timeouts={"frist_byte": 1})


# Connecting


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_host_that_drops_connections_stalls_while_connecting(host: str) -> None:
    with never_accepts(host) as url:
        outcome = expect(ask(url, timeouts={"connect": SHORT}), "stalled(connect)", says=("connect", "timeouts", host))
        assert outcome.reply.attempts >= 1


def test_wire_46_a_black_hole_on_ipv6_does_not_keep_the_call_from_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def both(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host == "both.test":
            return [*look_up("::1", port, *args, **more), *look_up("127.0.0.1", port, *args, **more)]
        return look_up(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with RawServer(GOOD) as server, never_accepts("::1", server.port):
        expect(ask(f"http://both.test:{server.port}/v1", timeouts={"connect": 5.0}), "complete", text="Hello")


def test_an_ipv6_server_is_reached() -> None:
    with RawServer(GOOD, host="::1") as server:
        expect(ask(server), "complete", text="Hello")


def test_a_name_look_up_that_hangs_stalls_while_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    look_up = socket.getaddrinfo

    def slow(host: Any, *args: Any, **more: Any) -> Any:
        if host == "slow.test":
            release.wait(LIMITS["total"])
            raise socket.gaierror(socket.EAI_AGAIN, "too late")
        return look_up(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        expect(ask("http://slow.test:9/v1", timeouts={"connect": SHORT}), "stalled(connect)", says=("connect",))
    finally:
        release.set()


def test_a_tls_handshake_that_hangs_stalls_while_connecting() -> None:
    with RawServer(on_connect=[hold]) as server:
        url = server.url.replace("http:", "https:")
        expect(ask(url, timeouts={"connect": SHORT}), "stalled(connect)", says=("connect",))
        server.wait_for_hang_up()


def test_a_server_that_does_not_read_the_request_stalls() -> None:
    # More than the sockets' buffers take: sending itself blocks.
    done = threading.Event()
    with RawServer([hold], on_connect=[after(done)]) as server:  # some of the request may still be read
        key = register(server)
        with byom.stream(key, "x" * 30_000_000, timeouts={"first_byte": 0.5, "total": 2.0}) as events:
            for _ in events:
                pass
        done.set()
        assert events.reply.state is State.STALLED


def test_the_timers_of_a_retried_call_start_anew_but_the_total_does_not() -> None:
    busy = refused("503 Busy", {"error": "busy"}, "application/json", "retry-after-ms: 5")
    with RawServer([busy], [hold]) as server:
        outcome = ask(server, timeouts={"first_byte": SHORT})
        stalled(outcome, "first_byte", "")
        assert outcome.reply.attempts == len(server.requests) == 2


def test_a_caller_that_is_slow_itself_is_not_taken_for_a_slow_server() -> None:
    sent, pause = threading.Event(), threading.Event()
    with RawServer([CHUNKED, frame(chunk("Hel")), after(sent), frame(sse("lo")) + LAST]) as server:
        key = register(server, timeouts={"idle": SHORT, "content_idle": SHORT})
        with byom.stream(key, "hi") as events:
            for event in events:
                if event.kind == "text" and not sent.is_set():
                    sent.set()
                    pause.wait(2 * SHORT)  # painting, say
        assert events.reply.state is State.COMPLETE
        assert events.reply.text == "Hello"


# The arithmetic


def moments(**seconds: float) -> Moments:
    return Moments(**{"started": 0.0, "attempt": 0.0, **seconds})


@pytest.mark.parametrize(
    ("at", "now", "timer"),
    [
        (moments(), 0.9, None),
        (moments(), 1.1, "connect"),
        (moments(connected=0.5), 2.4, None),
        (moments(connected=0.5), 2.6, "first_byte"),
        (moments(connected=0.5, first_byte=1.0, last_byte=1.0, first_body_byte=1.0), 3.9, None),
        (moments(connected=0.5, first_byte=1.0, last_byte=1.0, first_body_byte=1.0), 4.1, "idle"),
        (moments(connected=0.5, first_byte=1.0, last_byte=4.4, first_body_byte=1.0), 4.6, "first_token"),
        (
            moments(
                connected=0.5, first_byte=1.0, last_byte=7.9, first_body_byte=1.0, first_content=2.0, last_content=2.9
            ),
            8.0,
            "content_idle",
        ),
        (
            moments(
                connected=0.5, first_byte=1.0, last_byte=9.9, first_body_byte=1.0, first_content=2.0, last_content=9.9
            ),
            10.1,
            "total",
        ),
        (moments(connected=0.5, first_byte=1.0, last_byte=1.0, first_body_byte=1.0), 99.0, "idle"),
    ],
)
def test_the_timer_that_ran_out_first_is_named(at: Moments, now: float, timer: str | None) -> None:
    limits = Timeouts(connect=1.0, first_byte=2.0, first_token=4.0, idle=3.0, content_idle=5.0, total=10.0)
    assert expired(limits, at, now) == timer
    deadline = next_deadline(limits, at)
    assert deadline is not None
    assert (deadline <= now) == (timer is not None)


def test_a_timer_that_is_off_never_runs_out() -> None:
    off = Timeouts(connect=None, first_byte=None, first_token=None, idle=None, content_idle=None, total=None)
    for at in (moments(), moments(connected=1.0), moments(connected=1.0, first_byte=2.0, last_byte=2.0)):
        assert expired(off, at, 1e9) is None
        assert next_deadline(off, at) is None


def test_between_attempts_only_the_total_runs() -> None:
    at = moments(connected=0.5, first_byte=1.0, last_byte=1.0)
    at.begin_attempt(None)
    assert expired(Timeouts(connect=1.0, first_byte=1.0, idle=1.0, total=None), at, 50.0) is None
    assert expired(Timeouts(total=10.0), at, 50.0) == "total"

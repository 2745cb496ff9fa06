"""Attempts and the waits between them, with neither sockets nor clocks: the exchange is handed a way to send."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from byom_magics.events import Ended, Event, Retrying, State
from byom_magics.wire import exchange, retry
from byom_magics.wire.faults import Fault
from byom_magics.wire.reading import Answer, Channel
from byom_magics.wire.timers import Moments
from byom_magics.wire.verdict import Subject
from tests.wire.answers import chunk, sse

STREAM = {"content-type": "text/event-stream"}


class Line:
    """A connection that only notes what is asked of it."""

    def __init__(self) -> None:
        self.moments = Moments(time.monotonic())
        self.reused = False
        self.read_until: float | None = None
        self.waits: list[float] = []
        self.stop_at_wait = False
        self.stopped = threading.Event()

    def begin(self) -> None:
        self.moments.begin_attempt(time.monotonic())

    def let_go(self) -> None:
        pass

    def arrived(self) -> None:
        self.moments.first_byte = self.moments.first_byte or time.monotonic()

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.stop_at_wait

    def on_stop(self, tell: Callable[[], None] | None) -> None:
        pass


class Script:
    """A way to send that answers, or fails, as it was told, and counts."""

    def __init__(self, *steps: Answer | Fault) -> None:
        self.steps = list(steps)
        self.sent = 0
        self.closed = 0

    def __call__(self) -> Answer:
        step = self.steps[min(self.sent, len(self.steps) - 1)]
        self.sent += 1
        if isinstance(step, Fault):
            raise step
        return step

    def answer(self, status: int, *chunks: bytes, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()} or STREAM
        return Answer(status, "Phrase", named, iter(chunks), self.close)

    def close(self) -> None:
        self.closed += 1


def exchanged(script: Script, line: Line | None = None, budget: retry.Budget | None = None) -> list[Event]:
    events: list[Event] = []
    channel = Channel(Subject("key", "http://h/v1"), line or Line(), events.extend, 1000, foreign=True)
    exchange.run(channel, script, budget or retry.Budget())
    return events


def ended(events: list[Event]) -> Ended:
    last = events[-1]
    assert isinstance(last, Ended)
    return last


def test_a_good_answer_takes_one_attempt_and_is_closed() -> None:
    script = Script()
    script.steps = [script.answer(200, sse("Hello"))]
    events = exchanged(script)
    assert ended(events).state is State.COMPLETE
    assert (script.sent, script.closed) == (1, 1)


def test_a_failure_that_may_pass_is_tried_again_after_a_growing_wait() -> None:
    line, script = Line(), Script()
    script.steps = [
        Fault("connect", "Nobody.", passing=True),
        Fault("connect", "Nobody.", passing=True),
        script.answer(200, sse("Hello")),
    ]
    events = exchanged(script, line)
    assert ended(events).state is State.COMPLETE
    assert ended(events).attempts == script.sent == 3
    assert [event.wait_s for event in events if isinstance(event, Retrying)] == line.waits
    assert 0 < line.waits[0] < line.waits[1]


def test_a_failure_that_will_not_pass_ends_the_call() -> None:
    script = Script(Fault("connect", "No such name."))
    assert ended(exchanged(script)).state is State.INCOMPLETE
    assert script.sent == 1


def test_an_answer_that_breaks_off_is_not_asked_for_again() -> None:
    def broken() -> Iterator[bytes]:
        yield chunk("Hel")
        raise Fault("broken", "Gone.", passing=True)

    script = Script()
    script.steps = [Answer(200, "OK", STREAM, broken(), script.close)]
    events = exchanged(script)
    assert ended(events).state is State.INCOMPLETE
    assert (script.sent, script.closed) == (1, 1)


def test_a_kept_connection_that_had_ended_costs_no_retry_and_no_wait() -> None:
    line, script = Line(), Script()
    line.reused = True
    script.steps = [Fault("broken", "Gone.", passing=True), script.answer(200, sse("Hello"))]
    events = exchanged(script, line)
    assert ended(events).state is State.COMPLETE
    assert line.waits == []


def test_without_an_allowance_nothing_is_tried_again() -> None:
    budget = retry.Budget(size=0)
    script = Script(Fault("connect", "Nobody.", passing=True))
    assert ended(exchanged(script, budget=budget)).state is State.INCOMPLETE
    assert script.sent == 1


def test_a_stop_during_a_wait_ends_the_exchange_at_once() -> None:
    line, script = Line(), Script(Fault("connect", "Nobody.", passing=True))
    line.stop_at_wait = True
    events = exchanged(script, line)
    assert isinstance(events[-1], Retrying), "the one who stopped it says how it ended"
    assert script.sent == 1


@pytest.mark.parametrize(("status", "attempts"), [(503, 3), (429, 3), (400, 1), (404, 1), (302, 1)])
def test_refusals_are_closed_each_time(status: int, attempts: int) -> None:
    script = Script()
    make: Callable[[], Answer] = lambda: script.answer(status, b'{"error": "cold"}', content_type="application/json")  # noqa: E731
    script.steps = [make(), make(), make()]
    last = ended(exchanged(script))
    assert (last.state, last.reason, last.attempts) == (State.ERROR, "http", attempts)
    assert script.sent == script.closed == attempts

"""Attempts and the waits between them, with neither sockets nor clocks: the exchange is handed a way to send."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from byom_magics.events import Ended, Event, Held, Retrying, State
from byom_magics.wire import exchange, retry
from byom_magics.wire.faults import Fault
from byom_magics.wire.reading import Answer, Channel, Connection
from byom_magics.wire.timers import Moments
from byom_magics.wire.verdict import Subject
from tests.wire.answers import chunk, sse

if TYPE_CHECKING:
    from byom_magics.wire.refusal import Refusal

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


def exchanged(
    script: Script,
    line: Line | None = None,
    budget: retry.Budget | None = None,
    gate: exchange.Gate | None = None,
    remedies: Sequence[exchange.Remedy] = (),
) -> list[Event]:
    events: list[Event] = []
    channel = Channel(Subject("key", "http://h/v1"), line or Line(), events.extend, 1000, foreign=True)
    exchange.run(channel, script, budget or retry.Budget(), gate, remedies)
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


# Remedies


def refusing(script: Script, status: int = 400, **headers: str) -> Answer:
    return script.answer(status, b'{"error": "cold"}', content_type="application/json", **headers)


def test_a_remedy_is_asked_with_the_refusal_and_tried_at_once_and_at_no_cost() -> None:
    line, script, asked = Line(), Script(), list[tuple[int, str, str]]()

    def warm(status: int, headers: Mapping[str, str], refusal: Refusal | None) -> str | None:
        asked.append((status, headers["x-odd"], str(refusal)))
        return "warmed up"

    script.steps = [refusing(script, 503, x_odd="a"), script.answer(200, sse("Hello"))]
    events = exchanged(script, line, retry.Budget(size=0), remedies=(lambda *_: None, warm))
    assert ended(events).state is State.COMPLETE
    assert asked == [(503, "a", "cold")]
    assert [event for event in events if isinstance(event, Retrying)] == [Retrying(0.0, "warmed up", 2)]
    assert (line.waits, ended(events).attempts, script.closed) == ([], 2, 2)


def test_remedies_come_to_an_end() -> None:
    script = Script()
    script.steps = [refusing(script) for _ in range(50)]
    events = exchanged(script, remedies=(lambda *_: "once more",))
    assert ended(events).reason == "http"
    assert 2 < script.sent < 10


def test_an_error_before_any_content_has_a_remedy_and_one_after_it_has_none() -> None:
    cold = b'data: {"error": {"message": "cold"}}\n\n'
    script = Script()
    script.steps = [script.answer(200, cold), script.answer(200, sse("Hello"))]
    assert ended(exchanged(script, remedies=(lambda *_: "warmed up",))).state is State.COMPLETE
    script = Script()
    script.steps = [script.answer(200, chunk("Hel"), cold), script.answer(200, sse("Hello"))]
    assert ended(exchanged(script, remedies=(lambda *_: "warmed up",))).reason == "in_band"
    assert script.sent == 1


# Gates


class Narrow:
    """A gate that notes what it is asked, and lets attempts go as it was told."""

    def __init__(self, *admits: bool) -> None:
        self.admits = list(admits) or [True]
        self.inside = 0
        self.said: list[tuple[str, object]] = []

    def admit(self, line: Connection, held: Callable[[Held], None]) -> bool:
        self.said.append(("timers run", line.moments.attempt is not None))
        held(Held("no place", 1.0))
        go = self.admits.pop(0) if len(self.admits) > 1 else self.admits[0]
        self.inside += go
        return go

    def release(self, tokens: int | None = None) -> None:
        self.inside = 0

    def hold_back(self, seconds: float, why: str) -> None:
        self.said.append(("held back", seconds))


def test_each_attempt_passes_the_gate_and_leaves_it_before_it_waits() -> None:
    gate, script = Narrow(), Script()

    class Watching(Line):
        def wait(self, seconds: float) -> bool:
            gate.said.append(("inside while waiting", gate.inside))
            return super().wait(seconds)

    script.steps = [refusing(script, 503), script.answer(200, sse("Hello"))]
    events = exchanged(script, Watching(), gate=gate)
    assert ended(events).state is State.COMPLETE
    assert gate.inside == 0
    assert gate.said == [("timers run", False), ("inside while waiting", 0), ("timers run", False)]
    assert [event.kind for event in events[:2]] == ["held", "progress"]


def test_a_call_that_is_stopped_before_the_gate_sends_nothing() -> None:
    gate, script = Narrow(False), Script()
    events = exchanged(script, gate=gate)
    assert [event.kind for event in events] == ["held"], "the one who stopped it says how it ended"
    assert script.sent == 0


@pytest.mark.parametrize(
    ("status", "after", "held_back"),
    [(429, "7", [7.0]), (503, "7", [7.0]), (500, "7", []), (429, "3600", []), (429, "", [])],
)
def test_a_server_that_asks_to_wait_holds_back_the_whole_endpoint(
    status: int, after: str, held_back: list[float]
) -> None:
    gate, script = Narrow(), Script()
    script.steps = [refusing(script, status, retry_after=after), script.answer(200, sse("Hello"))]
    exchanged(script, gate=gate)
    assert [seconds for what, seconds in gate.said if what == "held back"] == held_back


def test_a_failure_leaves_the_gate_too() -> None:
    gate = Narrow()
    exchanged(Script(Fault("connect", "No such name.")), gate=gate)
    assert gate.inside == 0

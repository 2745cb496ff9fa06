"""Capacity: who may go and when, in which order, what is told meanwhile, and that no place is ever lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

import byom_magics as byom
from byom_magics.catalog.spec import Endpoint, Limits
from byom_magics.events import Event, Held, Reply, State
from byom_magics.wire.limits import Gate, Gates, Window
from tests.wire.answers import CHUNKED, DONE, GOOD, chunk, chunked, frame, head, sse
from tests.wire.asking import ask_key, eventually, expect, register
from tests.wire.raw_server import PATIENCE, RawServer, after, hold

ENDPOINT = Endpoint("https://models.test/v1", name="company")


class Call:
    """Stands for a call's line: it can be stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._tell: Callable[[], None] | None = None

    def on_stop(self, tell: Callable[[], None] | None) -> None:
        self._tell = tell
        if tell is not None and self.stopped.is_set():
            tell()

    def stop(self) -> None:
        self.stopped.set()
        tell = self._tell
        if tell is not None:
            tell()


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Waiter:
    """A call that waits in a thread of its own."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.call = Call()
        self.told: list[Held] = []
        self.news = threading.Condition()
        self.admitted: bool | None = None
        self.thread = threading.Thread(target=self._wait, daemon=True)
        self.thread.start()

    def _wait(self) -> None:
        self.admitted = self.gate.admit(self.call, self._held)

    def _held(self, held: Held) -> None:
        with self.news:
            self.told.append(held)
            self.news.notify_all()

    def wait_until_told(self, count: int = 1) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.told) >= count, PATIENCE), self.told

    def join(self) -> bool | None:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return self.admitted


def limited(**limits: int) -> Endpoint:
    return replace(ENDPOINT, limits=Limits(**limits))


def never(held: Held) -> None:
    pytest.fail(f"the call had to wait: {held}")


@contextmanager
def waiting(gates: Gates, endpoint: Endpoint, count: int) -> Iterator[list[Waiter]]:
    """Calls that wait, in this order; all are over in the end."""
    waiters: list[Waiter] = []
    try:
        for _ in range(count):
            waiters.append(Waiter(gates.gate(endpoint)))
            waiters[-1].wait_until_told()
        yield waiters
    finally:
        for waiter in waiters:
            waiter.call.stop()
            waiter.join()


def poke(gates: Gates) -> None:
    """Have the queue looked at anew, as a wait that ends would."""
    stopped = Call()
    stopped.stop()
    gates.gate(ENDPOINT).admit(stopped, lambda _: None)


def test_without_limits_nobody_waits() -> None:
    gates = Gates()
    for _ in range(100):
        assert gates.gate(ENDPOINT).admit(Call(), never)


def test_a_call_that_was_stopped_before_does_not_go() -> None:
    gates, call = Gates(), Call()
    call.stop()
    assert not gates.gate(limited(concurrent=1)).admit(call, never)
    assert gates.gate(limited(concurrent=1)).admit(Call(), never)


def test_at_most_so_many_calls_go_at_once() -> None:
    gates, endpoint = Gates(), limited(concurrent=2)
    inside = [gates.gate(endpoint), gates.gate(endpoint)]
    assert all(gate.admit(Call(), never) for gate in inside)
    with waiting(gates, endpoint, 1) as (waiter,):
        assert waiter.told == [Held("waiting for one of 2 places at company", None)]
        inside[0].release(None)
        assert waiter.join()


def test_who_comes_first_goes_first() -> None:
    gates, endpoint = Gates(), limited(concurrent=1)
    gate = gates.gate(endpoint)
    assert gate.admit(Call(), never)
    with waiting(gates, endpoint, 5) as waiters:
        for number, waiter in enumerate(waiters):
            gate.release(None)
            assert waiter.join()
            assert all(later.admitted is None for later in waiters[number + 1 :])
            gate = waiter.gate


def test_stopping_a_waiting_call_wakes_it_and_its_place_in_the_queue_goes_on() -> None:
    gates, endpoint = Gates(), limited(concurrent=1)
    gate = gates.gate(endpoint)
    assert gate.admit(Call(), never)
    with waiting(gates, endpoint, 3) as (first, second, third):
        first.call.stop()
        assert first.join() is False
        second.call.stop()
        assert second.join() is False
        gate.release(None)
        assert third.join()


def test_a_call_that_is_stopped_at_the_moment_when_it_may_go_leaves_its_place_free() -> None:
    endpoint = limited(concurrent=1)
    for _ in range(200):
        gates = Gates()
        gate = gates.gate(endpoint)
        assert gate.admit(Call(), never)
        with waiting(gates, endpoint, 1) as (waiter,):
            stopper = threading.Thread(target=waiter.call.stop)
            stopper.start()
            gate.release(None)
            stopper.join()
            if waiter.join():
                waiter.gate.release(None)
        assert gates.gate(endpoint).admit(Call(), never)


def test_no_place_is_lost_when_telling_fails() -> None:
    gates, endpoint = Gates(), limited(concurrent=1)
    gate = gates.gate(endpoint)
    assert gate.admit(Call(), never)

    def die(_: Held) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        gates.gate(endpoint).admit(Call(), die)
    gate.release(None)
    assert gates.gate(endpoint).admit(Call(), never)


def test_releasing_twice_or_without_being_admitted_frees_one_place_at_most() -> None:
    gates, endpoint = Gates(), limited(concurrent=1)
    gates.gate(endpoint).release(None)
    gate = gates.gate(endpoint)
    assert gate.admit(Call(), never)
    gate.release(None)
    gate.release(None)
    assert gates.gate(endpoint).admit(Call(), never)
    with waiting(gates, endpoint, 1) as (waiter,):
        assert waiter.admitted is None


def test_requests_beyond_those_of_a_minute_wait_for_the_oldest_to_pass() -> None:
    clock = Clock()
    gates, endpoint = Gates(clock), limited(requests_per_minute=2)
    for _ in range(2):
        assert gates.gate(endpoint).admit(Call(), never)
        clock.now += 10
    with waiting(gates, endpoint, 1) as (waiter,):
        assert waiter.told == [Held("company takes 2 requests a minute", 40.0)]
        clock.now += 39
        poke(gates)
        assert waiter.admitted is None
        clock.now += 1
        poke(gates)
        assert waiter.join()


def test_a_wait_ends_by_the_clock_with_nobody_there_to_wake_it() -> None:
    gates = Gates()
    gates.gate(ENDPOINT).hold_back(0.05, "a short pause")
    told: list[Held] = []
    assert gates.gate(ENDPOINT).admit(Call(), told.append)
    assert [held.why for held in told] == ["a short pause"]


def test_a_pause_holds_back_every_call_of_the_endpoint_and_no_other() -> None:
    gates = Gates(Clock())
    gates.gate(ENDPOINT).hold_back(12, "the endpoint asks to wait (429)")
    other = replace(ENDPOINT, name="other")
    assert gates.gate(other).admit(Call(), never)
    with waiting(gates, ENDPOINT, 2) as waiters:
        for waiter in waiters:
            assert waiter.told == [Held("the endpoint asks to wait (429)", 12.0)]


def test_a_longer_pause_stands_and_none_is_longer_than_two_minutes() -> None:
    clock = Clock()
    gates = Gates(clock)
    gate = gates.gate(ENDPOINT)
    gate.hold_back(10_000, "long")
    gate.hold_back(1, "short")
    with waiting(gates, ENDPOINT, 1) as (waiter,):
        assert waiter.told == [Held("long", 120.0)]
        clock.now += 120
        poke(gates)
        assert waiter.join()


def test_a_wait_whose_reason_changes_says_so() -> None:
    clock = Clock()
    gates, endpoint = Gates(clock), limited(concurrent=1)
    gate = gates.gate(endpoint)
    assert gate.admit(Call(), never)
    with waiting(gates, endpoint, 2) as waiters:
        gate.hold_back(30, "the endpoint asks to wait (429)")
        for waiter in waiters:
            waiter.wait_until_told(2)
            assert waiter.told[1] == Held("the endpoint asks to wait (429)", 30.0)
        clock.now += 30
        poke(gates)
        for waiter in waiters:
            waiter.wait_until_told(3)
            assert waiter.told[2].why == "waiting for the one place at company"


def test_models_of_one_endpoint_share_its_places_by_name_and_by_address() -> None:
    gates = Gates()
    for endpoint in (limited(concurrent=1), replace(limited(concurrent=1), name="")):
        assert gates.gate(endpoint).admit(Call(), never)
        with waiting(gates, replace(endpoint, headers={"X": "y"}), 1) as (waiter,):
            assert waiter.admitted is None


def test_who_has_no_limits_does_not_wait_behind_those_who_have() -> None:
    gates, endpoint = Gates(), limited(concurrent=1)
    assert gates.gate(endpoint).admit(Call(), never)
    with waiting(gates, endpoint, 1):
        assert gates.gate(ENDPOINT).admit(Call(), never)


def test_tokens_are_estimated_first_and_then_counted_as_the_server_says() -> None:
    clock = Clock()
    gates, endpoint = Gates(clock), limited(tokens_per_minute=1000)
    gate = gates.gate(endpoint, estimate=100)
    assert gate.admit(Call(), never)
    clock.now += 5
    gate.release(900)
    assert gates.gate(endpoint, estimate=100).admit(Call(), never)
    waiter = Waiter(gates.gate(endpoint, estimate=200))
    waiter.wait_until_told()
    # The estimate's 100 pass at 60 s, which leaves 900; the rest of that call was known after 5 s.
    assert waiter.told == [Held("company takes 1,000 tokens a minute", 60.0)]
    clock.now += 60
    poke(gates)
    assert waiter.join()


def test_a_call_of_more_tokens_than_a_minute_has_goes_alone() -> None:
    clock = Clock()
    gates, endpoint = Gates(clock), limited(tokens_per_minute=10)
    assert gates.gate(endpoint, estimate=500).admit(Call(), never)
    with waiting(gates, endpoint, 0):
        waiter = Waiter(gates.gate(endpoint, estimate=500))
        waiter.wait_until_told()
        clock.now += 60
        poke(gates)
        assert waiter.join()


@pytest.mark.parametrize("seed", range(20))
def test_in_no_sixty_seconds_more_goes_out_than_allowed(seed: int) -> None:
    dice, window, now, limit = random.Random(seed), Window(), 0.0, 7
    sent: list[float] = []
    for _ in range(300):
        now = max(now + dice.expovariate(0.5), window.free_for_request(now, limit))
        if window.free_for_request(now, limit) <= now:
            window.send(now, 0)
            sent.append(now)
    assert len(sent) > 50
    assert all(late >= early + 60 for early, late in zip(sent, sent[limit:], strict=False))


@pytest.mark.parametrize("seed", range(20))
def test_in_no_sixty_seconds_more_tokens_go_out_than_allowed(seed: int) -> None:
    dice, window, now, limit = random.Random(seed), Window(), 0.0, 100
    sent: list[tuple[float, int]] = []
    for _ in range(200):
        tokens = dice.randint(1, 60)
        now = max(now + dice.expovariate(1.0), window.free_for_tokens(now, limit, tokens))
        window.send(now, tokens)
        sent.append((now, tokens))
    for at, _ in sent:
        assert sum(tokens for when, tokens in sent if at <= when < at + 60) <= limit


def test_a_crowd_goes_through_one_by_one_and_everyone_gets_in() -> None:
    gates, endpoint = Gates(), limited(concurrent=3)
    inside, most, done = 0, 0, 0
    lock = threading.Lock()

    def call() -> None:
        nonlocal inside, most, done
        gate = gates.gate(endpoint)
        assert gate.admit(Call(), lambda _: None)
        with lock:
            inside += 1
            most = max(most, inside)
        with lock:
            inside -= 1
            done += 1
        gate.release(None)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(60)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: done == 60)
    for thread in threads:
        thread.join(PATIENCE)
    assert 1 <= most <= 3


def test_a_call_that_was_stopped_before_it_went_does_not_count_as_sent() -> None:
    gates, endpoint = Gates(Clock()), limited(requests_per_minute=1, tokens_per_minute=10)
    stopped = Call()
    stopped.stop()
    assert not gates.gate(endpoint, estimate=10).admit(stopped, never)
    assert gates.gate(endpoint, estimate=10).admit(Call(), never)


# Through the wire


class Asking:
    """A call in a thread of its own."""

    def __init__(self, key: str) -> None:
        self.events: list[Event] = []
        self.turn = byom.stream(key, "hi")
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with self.turn as events:
            for event in events:
                self.events.append(event)

    def held(self) -> list[str]:
        return [event.why for event in tuple(self.events) if event.kind == "held"]

    def join(self) -> Reply:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return self.turn.reply


def test_a_second_call_waits_for_the_one_place_and_says_so() -> None:
    go = threading.Event()
    with RawServer(
        [CHUNKED, frame(chunk("Hel")), after(go), frame(chunk("lo", finish="stop")), frame(DONE)], GOOD
    ) as server:
        key = register(server, limits={"concurrent": 1})
        first = Asking(key)
        server.wait_for_requests(1)
        second = Asking(key)
        assert eventually(lambda: bool(second.held()))
        assert second.held() == [f"waiting for the one place at {key}"]
        assert len(server.requests) == 1
        go.set()
        first.join()
        assert second.join().text == "Hello"


def test_a_waiting_call_can_be_stopped_and_takes_no_place() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold], GOOD) as server:
        key = register(server, limits={"concurrent": 1})
        first = Asking(key)
        server.wait_for_requests(1)
        second = Asking(key)
        assert eventually(lambda: bool(second.held()))
        second.turn.stop()
        assert second.join().state is State.CANCELLED
        first.turn.stop()
        assert first.join().text == "Hel"
        expect(ask_key(key), "complete", text="Hello")


def test_a_refusal_that_asks_to_wait_holds_back_the_next_call_too() -> None:
    busy = head("429 Too Many Requests", "application/json", "Retry-After: 30", "Content-Length: 2") + b"{}"
    with RawServer([busy], GOOD) as server:
        key = register(server)
        first = Asking(key)
        assert eventually(lambda: any(event.kind == "retrying" for event in tuple(first.events)))
        second = Asking(key)
        assert eventually(lambda: bool(second.held()))
        assert second.held() == ["429 Too Many Requests: {}"]
        for each in (first, second):
            each.turn.stop()
            assert each.join().state is State.CANCELLED
        assert len(server.requests) == 1


def test_a_place_is_free_again_whatever_came_of_the_call() -> None:
    with RawServer(
        [head("400 Bad Request", "text/plain", "Content-Length: 0")], [], [CHUNKED, frame(b"data: {\n\n")], GOOD
    ) as server:
        key = register(server, limits={"concurrent": 1})
        for _ in range(3):
            ask_key(key)
        assert not [event for event in ask_key(key).events if event.kind == "held"]


def test_the_tokens_that_the_server_counted_are_what_counts() -> None:
    told = {"prompt_tokens": 600, "completion_tokens": 400, "total_tokens": 1000}
    with RawServer([chunked(sse("Hello", done=False), chunk(usage=told), DONE)]) as server:
        key = register(server, limits={"tokens_per_minute": 1000})
        expect(ask_key(key), "complete")
        second = Asking(key)
        assert eventually(lambda: bool(second.held()))
        assert second.held() == [f"{key} takes 1,000 tokens a minute"]
        second.turn.stop()
        second.join()
        assert len(server.requests) == 1

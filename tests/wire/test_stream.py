"""Ending a call: from any thread, by leaving its block, by an interrupt, in every stage; and what the server sees."""

from __future__ import annotations

import _thread
import gc
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.events import State, Usage
from byom_magics.wire.workers import Workers
from tests.wire.answers import CHUNKED, GOOD, chunk, frame, head, refused, sse
from tests.wire.asking import LIMITS, Outcome, ask_key, check_consistent, eventually, expect, register
from tests.wire.raw_server import Answer, RawServer, after, forever, hold, keep, never_accepts

BOUND = 5.0
"""
Seconds, so generous that a busy machine is no failure, and less than any of `LIMITS` would take to end the call.

The figure that is aimed at (0.2 s) is printed and belongs to the benchmarks.
"""

BUSY = refused("503 Busy", {"error": "busy"}, "application/json", "Retry-After: 100")

# Name of the stage, what the server does, the kind of event at which the call is in it
STAGES: list[tuple[str, Answer, str]] = [
    ("waiting for headers", [hold], "connecting"),
    ("waiting for the first token", [CHUNKED, hold], "waiting"),
    ("between tokens", [CHUNKED, frame(chunk("Hel")), hold], "text"),
    ("while tokens flow", [CHUNKED, forever(frame(chunk("x")), every=0.001)], "text"),
    ("while tokens flow from a server that never looks", [CHUNKED, forever(frame(chunk("x")), every=0)], "text"),
    ("while comments flow", [CHUNKED, frame(chunk("Hel")), forever(frame(b": ping\n\n"))], "text"),
    ("while it reasons", [CHUNKED, frame(chunk(delta={"reasoning_content": "Hmm"})), hold], "reasoning"),
    ("in a refusal's body", [head("400 Bad", "text/plain", "Content-Length: 99") + b"cold", hold], "connecting"),
    ("in a json answer", [head("200 OK", "application/json", "Content-Length: 99") + b'{"cho', hold], "waiting"),
]


def in_stage(event: Any, sign: str) -> bool:
    return bool(event.kind == sign or (event.kind == "progress" and event.stage == sign))


def active() -> int:
    """Connections that a call still uses."""
    return int(session.current().client.active_connections())


def nothing_is_left() -> None:
    assert eventually(lambda: active() == 0), f"{active()} connections are still in use"


def hung_up(server: RawServer, since: float, what: str) -> None:
    took = server.wait_for_hang_up().at - since
    print(f"{what}: the server saw the hang-up after {took * 1000:.0f} ms")
    assert took < BOUND


each_stage = pytest.mark.parametrize(("answer", "sign"), [pytest.param(*row[1:], id=row[0]) for row in STAGES])


@contextmanager
def stopping(events: Any) -> Iterator[Callable[[], float]]:
    """A thread that stops the stream when told; when it did so is what the callable gives."""
    go = threading.Event()
    at: list[float] = []

    def stop() -> None:
        go.wait(10)
        at.append(time.monotonic())
        events.stop()

    thread = threading.Thread(target=stop)
    thread.start()

    def begin() -> float:
        go.set()
        thread.join(10)
        return at[0]

    try:
        yield begin
    finally:
        go.set()
        thread.join(10)


@each_stage
def test_stop_from_another_thread_ends_the_call_and_the_server_sees_it(answer: Answer, sign: str) -> None:
    with RawServer(answer) as server:
        seen = []
        stopped: list[float] = []
        with byom.stream(register(server), "hi") as events, stopping(events) as stop:
            for event in events:
                seen.append(event)
                if in_stage(event, sign) and not stopped:
                    server.wait_for_requests(1)
                    stopped.append(stop())
        assert events.reply.state is State.CANCELLED
        assert events.reply.usage == Usage(), "ABORT-07: what is unknown is None, not 0"
        assert events.reply.error is None
        check_consistent(Outcome(events.reply, tuple(seen)))
        hung_up(server, stopped[0], "stop()")
        nothing_is_left()


@each_stage
def test_leaving_the_block_hangs_up(answer: Answer, sign: str) -> None:
    with RawServer(answer) as server:
        with byom.stream(register(server), "hi") as events:
            for event in events:
                if in_stage(event, sign):
                    server.wait_for_requests(1)
                    break
            left = time.monotonic()
        hung_up(server, left, "break")
        assert events.reply.state is State.CANCELLED
        nothing_is_left()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_abort_01_an_exception_in_the_block_hangs_up_and_goes_on(error: type[BaseException]) -> None:
    with RawServer([CHUNKED, forever(frame(chunk("x")), every=0.001)]) as server:
        left: list[float] = []

        def fail_at_text(events: Any) -> None:
            for event in events:
                if event.kind == "text":
                    left.append(time.monotonic())
                    raise error

        with pytest.raises(error), byom.stream(register(server), "hi") as events:
            fail_at_text(events)
        hung_up(server, left[0], error.__name__)
        assert events.reply.state is State.CANCELLED
        assert events.reply.text
        nothing_is_left()


def test_a_block_that_never_iterates_hangs_up() -> None:
    with RawServer([hold]) as server:
        with byom.stream(register(server), "hi") as events:
            server.wait_for_requests(1)
            left = time.monotonic()
        hung_up(server, left, "no iteration")
        assert events.reply.state is State.CANCELLED
        nothing_is_left()


@pytest.mark.parametrize("answer", [pytest.param(row[1], id=row[0]) for row in STAGES])
def test_abort_08_an_interrupt_during_ask_raises_keyboard_interrupt_and_hangs_up(answer: Answer) -> None:
    at: list[float] = []

    def interrupt(server: RawServer) -> None:
        server.wait_for_requests(1)
        at.append(time.monotonic())
        _thread.interrupt_main(signal.SIGINT)

    with RawServer(answer) as server:
        thread = threading.Thread(target=interrupt, args=(server,))
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            byom.ask(register(server), "hi")
        raised = time.monotonic() - at[0]
        thread.join(10)
        print(f"KeyboardInterrupt after {raised * 1000:.0f} ms")
        hung_up(server, at[0], "interrupt")
        nothing_is_left()


def test_an_interrupt_at_the_very_beginning_leaves_no_call_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Workers.run

    def interrupted(workers: Workers, name: str, work: Callable[[], None]) -> None:
        run(workers, name, work)
        server.wait_for_requests(1)
        raise KeyboardInterrupt

    with RawServer([hold]) as server:
        key = register(server)
        monkeypatch.setattr(Workers, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            byom.ask(key, "hi")
        monkeypatch.undo()
        server.wait_for_hang_up()
        nothing_is_left()


def test_stop_while_connecting() -> None:
    with never_accepts() as url:
        begun = stopped_after_first_event(url)
        print(f"ended {begun * 1000:.0f} ms after stop()")
        nothing_is_left()


def test_stop_during_a_name_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    looking, release = threading.Event(), threading.Event()
    look_up = socket.getaddrinfo

    def slow(host: Any, *args: Any, **more: Any) -> Any:
        if host == "slow.test":
            looking.set()
            release.wait(LIMITS["total"])
            raise socket.gaierror(socket.EAI_AGAIN, "too late")
        return look_up(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        took = stopped_after_first_event("http://slow.test:9/v1", looking)
        print(f"ended {took * 1000:.0f} ms after stop()")
    finally:
        release.set()
    nothing_is_left()


def test_stop_during_a_tls_handshake() -> None:
    with RawServer(on_connect=[hold]) as server:
        connected = threading.Event()

        def watch() -> None:
            server.wait_for_peers(1)
            connected.set()

        threading.Thread(target=watch).start()
        stopped_after_first_event(server.url.replace("http:", "https:"), connected)
        server.wait_for_hang_up()
        nothing_is_left()


def stopped_after_first_event(url: str, ready: threading.Event | None = None) -> float:
    """Stop a call in its first stage; seconds from the stop to the end of the iteration."""
    stopped: list[float] = []
    with byom.stream(register(url, timeouts={"connect": 6.0}), "hi") as events, stopping(events) as stop:
        for _ in events:
            if not stopped:
                assert ready is None or ready.wait(10)
                stopped.append(stop())
        took = time.monotonic() - stopped[0]
    assert events.reply.state is State.CANCELLED
    assert took < BOUND
    return took


def test_stop_during_the_wait_for_a_retry() -> None:
    with RawServer([BUSY]) as server:
        stopped: list[float] = []
        with byom.stream(register(server), "hi") as events, stopping(events) as stop:
            for event in events:
                if event.kind == "retrying":
                    stopped += [stop()]
        assert time.monotonic() - stopped[0] < BOUND
        assert events.reply.state is State.CANCELLED
        assert len(server.requests) == 1
        nothing_is_left()


def test_an_interrupt_during_the_wait_for_a_retry() -> None:
    def interrupt(events: Any) -> None:
        for event in events:
            if event.kind == "retrying":
                _thread.interrupt_main(signal.SIGINT)

    with RawServer([BUSY]) as server:
        with pytest.raises(KeyboardInterrupt), byom.stream(register(server), "hi") as events:
            interrupt(events)
        assert events.reply.state is State.CANCELLED
        nothing_is_left()


def test_abort_03_what_was_held_back_as_the_beginning_of_a_key_is_kept_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "osomething-secret")
    with RawServer([CHUNKED, frame(chunk("Hel"), chunk("lo")), hold]) as server:
        with byom.stream(register(server, api_key="env:KEY"), "hi") as events:
            text = ""
            for event in events:
                text += getattr(event, "text", "")
                if text == "Hell":
                    events.stop()
        assert events.reply.text == "Hello"
        assert events.reply.state == State.CANCELLED


def test_abort_03_what_came_before_the_stop_is_kept() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel"), chunk("lo")), hold]) as server:
        with byom.stream(register(server), "hi") as events:
            text = ""
            for event in events:
                text += getattr(event, "text", "")
                if text == "Hello":
                    events.stop()
        assert events.reply.text == "Hello"
        assert events.reply.state is State.CANCELLED


def until_text(events: Iterator[Any]) -> None:
    while next(events).kind != "text":
        pass


def test_abort_04_stopping_one_call_leaves_another_running() -> None:
    go = threading.Event()
    with RawServer([CHUNKED, frame(chunk("Hel")), after(go), frame(sse("lo")) + b"0\r\n\r\n"]) as server:
        key = register(server)
        with byom.stream(key, "one") as one, byom.stream(key, "two") as two:
            left, right = iter(one), iter(two)
            until_text(left)
            until_text(right)
            one.stop()
            server.wait_for_hang_up()
            go.set()
            for _ in right:
                pass
        assert one.reply.state is State.CANCELLED
        assert two.reply.state is State.COMPLETE
        assert two.reply.text == "Hello"
        nothing_is_left()


def test_stop_may_be_called_again_and_after_the_end() -> None:
    with RawServer(GOOD) as server:
        with byom.stream(register(server), "hi") as events:
            for _ in events:
                pass
            events.stop()
            events.stop()
        events.stop()
        assert events.reply.state is State.COMPLETE, "what had ended is not undone"


def test_stop_before_the_first_event_is_a_cancelled_call() -> None:
    with RawServer([hold]) as server:
        with byom.stream(register(server), "hi") as events:
            events.stop()
            kinds = [event.kind for event in events]
        assert kinds[-1] == "ended"
        assert events.reply.state is State.CANCELLED
        nothing_is_left()


def test_after_a_stop_the_next_call_works() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold], GOOD) as server:
        key = register(server)
        with byom.stream(key, "hi") as events:
            until_text(iter(events))
        expect(ask_key(key), "complete", text="Hello")


def test_abort_06_after_200_random_cancels_nothing_is_left() -> None:
    dice = random.Random(20261121)
    flowing: Answer = [CHUNKED, forever(frame(chunk("x")), every=0.0005)]
    answers: list[Answer] = [
        [*GOOD, keep], flowing, [hold], [CHUNKED, hold], [CHUNKED, frame(chunk("Hel")), hold], [BUSY, keep], [],
    ]  # fmt: skip
    script = [dice.choice(answers) for _ in range(1000)]
    before = threading.active_count()
    with RawServer(*script) as server:
        key = register(server)
        for _ in range(200):
            leave_after = dice.randrange(6)
            delay = dice.choice([0.0, 0.0, 0.002, 0.01, 0.03])
            with byom.stream(key, "hi") as events:
                timer = threading.Timer(delay, events.stop)
                if dice.random() < 0.7:
                    timer.start()
                else:
                    leave_after = 0
                for number, _ in enumerate(events):
                    if number >= leave_after and not timer.is_alive():
                        break
            timer.cancel()
        nothing_is_left()
        with byom.stream(register(server), "hi") as events:
            pass
        nothing_is_left()
    assert eventually(lambda: threading.active_count() <= before + 2)


def test_breaking_out_of_a_stream_that_has_no_block_hangs_up() -> None:
    with RawServer([CHUNKED, forever(frame(chunk("x")), every=0.001)]) as server:
        for event in byom.stream(register(server), "hi"):
            if event.kind == "text":
                break
        hung_up(server, time.monotonic(), "break without a block")
        nothing_is_left()


def test_a_stream_that_is_dropped_hangs_up() -> None:
    with RawServer([CHUNKED, forever(frame(chunk("x")), every=0.001)]) as server:
        iterator = iter(byom.stream(register(server), "hi"))
        until_text(iterator)
        del iterator
        gc.collect()
        hung_up(server, time.monotonic(), "dropped")
        nothing_is_left()

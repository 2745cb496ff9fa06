"""Asking a test's server through the public interface, and what must hold for every answer whatever came."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from byom_magics import errors, session
from byom_magics.events import Ended, Event, Reply, State
from tests.wire.raw_server import PATIENCE, RawServer

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint
    from byom_magics.wire.fetch import Fetched

# Every call of these tests ends by itself, also where the code under test is wrong.
LIMITS = {"connect": 6.0, "first_byte": 8.0, "first_token": 8.0, "idle": 8.0, "content_idle": 8.0, "total": 15.0}

RAISED: dict[tuple[State, str | None], type[errors.CallError]] = {
    (State.ERROR, "http"): errors.StatusError,
    (State.ERROR, "in_band"): errors.InBandError,
    (State.ERROR, "protocol"): errors.ProtocolError,
    (State.ERROR, "policy"): errors.PolicyError,
}
REASONS: dict[State, set[str | None]] = {
    State.COMPLETE: {None},
    State.LENGTH: {None},
    State.CONTENT_FILTER: {None},
    State.TOOL_CALLS: {None},
    State.INCOMPLETE: {"eof", "connection", "empty"},
    State.STALLED: {"connect", "first_byte", "first_token", "idle", "content_idle", "total"},
    State.ERROR: {"http", "in_band", "protocol", "policy"},
    State.CANCELLED: {None},
}

_numbers = count(1)


@dataclass(frozen=True)
class Outcome:
    """What came of one call."""

    reply: Reply
    events: tuple[Event, ...]

    @property
    def error(self) -> errors.CallError:
        assert isinstance(self.reply.error, errors.CallError), f"no error: {self.reply!r}"
        return self.reply.error

    @property
    def message(self) -> str:
        return str(self.error)

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


def register(where: RawServer | str, *, timeouts: Mapping[str, float | None] | None = None, **more: Any) -> str:
    """Register a model under a key of its own; the key."""
    key = f"test{next(_numbers)}"
    url = where if isinstance(where, str) else where.url
    byom.register(key, url=url, model=more.pop("model", "m"), timeouts={**LIMITS, **(timeouts or {})}, **more)
    return key


def ask(where: RawServer | str, *, timeouts: Mapping[str, float | None] | None = None, **registration: Any) -> Outcome:
    """Register a model there, ask it once, and check what must hold for every answer."""
    return ask_key(register(where, timeouts=timeouts, **registration))


def ask_key(key: str, **options: Any) -> Outcome:
    """Ask a registered model, and check what must hold for every answer."""
    with byom.stream(key, "hi", **options) as events:
        seen = tuple(events)
        reply = events.reply
    assert isinstance(reply, Reply)
    outcome = Outcome(reply, seen)
    check_consistent(outcome)
    return outcome


def fetched(endpoint: Endpoint, path: str, **more: Any) -> Fetched:
    """The answer to one plain request; raises what it fails with."""
    from byom_magics.wire.fetch import Fetches

    with Fetches() as fetches:
        session.current().client.start_fetch(fetches, path, endpoint, path, **more)
        ended = None
        while ended is None:
            ended = fetches.next(0.1)
        if isinstance(ended[1], errors.ByomError):
            raise ended[1]
        return ended[1]


def check_consistent(outcome: Outcome) -> None:
    """One Ended and it is the last; the reply is the sum of the events; failures have an error that helps."""
    reply, events = outcome.reply, outcome.events
    assert [event.kind for event in events].count("ended") == 1
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert (ended.state, ended.reason) == (reply.state, reply.reason)
    assert ended.attempts == reply.attempts
    assert reply.reason in REASONS[reply.state], reply.state_text
    text, reasoning = replayed(events)
    assert reply.text == text
    assert reply.reasoning == reasoning
    if not reply.state.failed:
        assert reply.error is None
        return
    error = outcome.error
    assert error.hint, f"no next step: {error}"
    assert error.reply is not None
    assert error.reply.text == reply.text
    expected = RAISED.get((reply.state, reply.reason))
    expected = expected or (errors.StalledError if reply.state is State.STALLED else errors.IncompleteError)
    assert isinstance(error, expected), f"{type(error).__name__} for {reply.state_text}"


def replayed(events: tuple[Event, ...]) -> tuple[str, str]:
    """Text and reasoning as the events tell them."""
    text = reasoning = ""
    for event in events:
        if event.kind == "text":
            text += event.text
        elif event.kind == "reasoning":
            reasoning += event.text
        elif event.kind == "reclassified":
            reasoning, text = reasoning + text, ""
    return text, reasoning


def expect(outcome: Outcome, state: str, *, text: str | None = None, says: tuple[str, ...] = ()) -> Outcome:
    """The state as ``incomplete(eof)``, the text, and words that the error's message has in any case."""
    reply = outcome.reply
    assert reply.state_text == state, f"{reply.state_text} instead of {state}: {reply.error}"
    if text is not None:
        assert reply.text == text
    if says:
        lowered = outcome.message.lower()
        missing = [word for word in says if word.lower() not in lowered]
        assert not missing, f"{missing} not in: {outcome.message}"
    return outcome


def case(name: str, *answer: object) -> Any:
    """A row of a table of answers, under its name."""
    return pytest.param(answer, id=name)


def fail_look_up(monkeypatch: pytest.MonkeyPatch, name: str, error: OSError) -> None:
    look_up = socket.getaddrinfo

    def fail(host: Any, *args: Any, **more: Any) -> Any:
        if host in (name, name.encode()):
            raise error
        return look_up(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fail)


def eventually(reached: Callable[[], bool]) -> bool:
    """Whether it becomes true within the usual patience."""
    pause = threading.Event()
    end = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > end:
            return False
        pause.wait(0.005)
    return True

"""Calls that give what they are told, for tests of turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.events import Ended, Event, Reply, State, TextDelta, ToolCallDelta
from byom_magics.messages import Call, Message
from byom_magics.talk.round import Moments
from byom_magics.talk.rounds import Rounds
from byom_magics.talk.turn import Turn

SPEC = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"))
DONE = Ended(State.COMPLETE, finish_reason="stop")
CALLS = Ended(State.TOOL_CALLS, finish_reason="tool_calls")


class Script:
    """A call that gives these events, one batch each."""

    def __init__(self, *events: Event) -> None:
        self._events = events
        self.moments = Moments(time.monotonic())
        self.stopped = False

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        for event in self._events:
            if self.stopped:
                yield [Ended(State.CANCELLED)]
                return
            yield [event]

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> None:
        pass


def says(text: str, ended: Ended = DONE) -> list[Event]:
    """An answer of these words."""
    return [TextDelta(text), ended]


def asks(*calls: tuple[str, str], text: str = "") -> list[Event]:
    """An answer that asks for tools, by name and arguments."""
    said: list[Event] = [TextDelta(text)] if text else []
    return [*said, *(ToolCallDelta(at, f"id{at}", *call) for at, call in enumerate(calls)), CALLS]


class Model:
    """A model that gives these answers, one a call, and keeps what it was asked."""

    def __init__(self, *answers: Sequence[Event]) -> None:
        self._answers = list(answers)
        self.asked: list[Call] = []
        self.scripts: list[Script] = []

    def send(self, call: Call) -> Script:
        self.asked.append(call)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.scripts.append(Script(*answer))
        return self.scripts[-1]

    def turn(self, prompt: str = "Hello", *, on_end: Callable[[Reply], None] | None = None, **steps: Any) -> Turn:
        call = Call((Message("user", prompt),), tools=steps.pop("offered", ()), tool_choice=steps.pop("choice", None))
        return Turn(SPEC, lambda: self.send(call), on_end or (lambda _: None), (), Rounds(call, self.send, **steps))


def played(turn: Turn) -> list[Event]:
    """All events of a turn."""
    with turn:
        return [event for batch in turn.batches() for event in batch]

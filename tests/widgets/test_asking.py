from __future__ import annotations

import threading

import pytest

from byom_magics.errors import OptionError
from byom_magics.events import Event, Reply, State
from byom_magics.talk.turn import Turn
from byom_magics.widgets.asking import Asking
from tests.talk.scripts import SPEC, Model, says
from tests.widgets.chatting import DONE, PATIENCE_S, Held, Talking


class Seen:
    """A view that writes down what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.finished = False

    def event(self, event: Event) -> None:
        self.events.append(event)

    def tick(self) -> None: ...

    def finish(self, reply: Reply) -> None:
        self.finished = True


@pytest.fixture
def replies() -> list[tuple[Reply, threading.Thread]]:
    return []


def asking(begin: object, replies: list[tuple[Reply, threading.Thread]], view: Seen | None = None) -> Asking:
    def done(_: Asking, reply: Reply) -> None:
        replies.append((reply, threading.current_thread()))

    return Asking("llama", begin, view or Seen(), done)  # type: ignore[arg-type]


def test_the_answer_comes_in_a_thread_of_its_own(replies: list[tuple[Reply, threading.Thread]]) -> None:
    view = Seen()
    asked = asking(lambda: Model(says("Yes.")).turn(), replies, view)
    asked.start()
    asked.join(PATIENCE_S)
    ((reply, thread),) = replies
    assert (reply.text, reply.state) == ("Yes.", State.COMPLETE)
    assert thread is not threading.current_thread()
    assert [event.kind for event in view.events] == ["text", "ended"]
    assert not view.finished, "whoever is told of the end shows it"


def test_it_is_stopped_from_another_thread(replies: list[tuple[Reply, threading.Thread]]) -> None:
    go = threading.Event()
    asked = asking(lambda: Turn(SPEC, lambda: Held([], DONE, go), lambda _: None), replies)
    asked.start()
    asked.stop()
    asked.join(PATIENCE_S)
    assert replies[0][0].state is State.CANCELLED


def test_what_is_stopped_before_it_was_begun_is_never_sent(replies: list[tuple[Reply, threading.Thread]]) -> None:
    model = Model(says("Yes."))
    asked = asking(model.turn, replies)
    asked.stop()
    asked.start()
    asked.join(PATIENCE_S)
    assert replies[0][0].state is State.CANCELLED
    assert model.asked == []


def test_what_is_stopped_while_it_is_being_opened_hangs_up(replies: list[tuple[Reply, threading.Thread]]) -> None:
    opening, opened, go = threading.Event(), threading.Event(), threading.Event()

    def send() -> Held:
        opening.set()
        assert opened.wait(PATIENCE_S)
        return Held([], DONE, go)

    asked = asking(lambda: Turn(SPEC, send, lambda _: None), replies)
    asked.start()
    assert opening.wait(PATIENCE_S)
    asked.stop()
    opened.set()
    asked.join(PATIENCE_S)
    assert replies[0][0].state is State.CANCELLED


def test_what_cannot_be_asked_is_told(replies: list[tuple[Reply, threading.Thread]]) -> None:
    session = Talking("llama")
    asked = asking(lambda: session.stream("llama", "Why?", history="nonsense", conversation=""), replies)
    asked.start()
    asked.join(PATIENCE_S)
    (reply, _) = replies[0]
    assert reply.state is State.ERROR
    assert isinstance(reply.error, OptionError)


def test_what_nobody_foresaw_is_told_too(replies: list[tuple[Reply, threading.Thread]]) -> None:
    def begin() -> Turn:
        raise ZeroDivisionError("by nothing")

    asked = asking(begin, replies)
    asked.start()
    asked.join(PATIENCE_S)
    (reply, _) = replies[0]
    assert reply.state is State.ERROR
    assert "ZeroDivisionError: by nothing" in str(reply.error)

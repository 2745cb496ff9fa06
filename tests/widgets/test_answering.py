from __future__ import annotations

from byom_magics import session
from byom_magics.errors import SecretError
from byom_magics.events import Event, Reply, State
from byom_magics.widgets.answering import answer


class Seen:
    """A view that writes down what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ticks = 0
        self.replies: list[Reply] = []

    def event(self, event: Event) -> None:
        self.events.append(event)

    def tick(self) -> None:
        self.ticks += 1

    def finish(self, reply: Reply) -> None:
        self.replies.append(reply)


def test_the_view_gets_every_event_and_the_reply() -> None:
    seen = Seen()
    reply = answer(session.current().stream("demo/bigram", "The", seed=1, max_tokens=20), seen)
    assert reply.state is State.LENGTH
    assert "".join(event.text for event in seen.events if event.kind == "text") == reply.text
    assert seen.replies == [reply]
    assert seen.ticks > 1


def test_what_cannot_be_sent_is_told_by_the_reply() -> None:
    here = session.current()
    here.register("llama", url="http://localhost:1/v1", model="m", api_key="env:NOT_SET_HERE")
    seen = Seen()
    reply = answer(here.stream("llama", "Hi"), seen)
    assert reply.state is State.ERROR
    assert isinstance(reply.error, SecretError)
    assert seen.replies == [reply]

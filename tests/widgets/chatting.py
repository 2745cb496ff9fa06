"""A session whose models say what a test lets them say, and what a person does in a chat panel."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from byom_magics.errors import ByomError, IncompleteError
from byom_magics.events import Cost, Ended, Event, State, TextDelta, Usage, UsageReport
from byom_magics.session import Session
from byom_magics.talk.round import Moments
from tests.show.safe import text_of
from tests.widgets.hands import SPOKEN

if TYPE_CHECKING:
    from byom_magics.catalog.secrets import Secret
    from byom_magics.catalog.spec import ModelSpec, Timeouts
    from byom_magics.messages import Call
    from byom_magics.widgets.chat import Chat
    from byom_magics.widgets.chat_side import Side

PATIENCE_S = 30
LOOKS = re.compile(r'^<div class="jp-RenderedHTMLCommon"[^>]*>')
DONE = Ended(State.COMPLETE, finish_reason="stop")
BROKEN = Ended(State.INCOMPLETE, "connection", error=IncompleteError("It broke off.", hint="run the cell again"))


class Held:
    """A call that gives these events, and then waits until the test lets it go on to its end."""

    def __init__(self, events: list[Event], ended: Ended, go: threading.Event) -> None:
        self.moments = Moments(time.monotonic())
        self._events, self._ended, self._go = events, ended, go
        self._stopped = threading.Event()

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        yield self._events
        while not self._go.wait(0.005):
            if self._stopped.is_set():
                yield [Ended(State.CANCELLED)]
                return
            yield []
        yield [self._ended]

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        pass


class Talking(Session):
    """
    A session in which every model answers with its key and the number of its answer.

    Attributes:
        go: Answers end while this is set.
        asked: What was sent, by the key of the model.
        fails: What comes in place of an answer, by the key of the model: an end, or what sending raises.
    """

    def __init__(self, *keys: str) -> None:
        super().__init__()
        self.go = threading.Event()
        self.go.set()
        self.asked: list[tuple[str, Call]] = []
        self.fails: dict[str, Ended | ByomError] = {}
        for key in keys:
            self.register(key, url="http://localhost:1/v1", model="m")

    def _send(self, spec: ModelSpec, call: Call, timeouts: Timeouts, key: Secret | None = None) -> Any:
        fails = self.fails.get(spec.key)
        if isinstance(fails, ByomError):
            raise fails
        self.asked.append((spec.key, call))
        if fails is not None:
            return Held([], fails, self.go)
        text = TextDelta(f"**{spec.key}** says {len(self.asked)}")
        return Held([text, UsageReport(Usage(10, 5), Cost(0.25))], DONE, self.go)


def adopted(into: dict[str, Any]) -> Callable[[str, Any], str]:
    """What puts replies into a dict."""

    def adopt(name: str, reply: Any) -> str:
        if not name.isidentifier():
            raise ByomError("That is no name.", hint="take another")
        into[name] = reply
        return f"{name} it is."

    return adopt


def parts(widget: Any) -> Iterator[Any]:
    """A widget and all that is shown in it, in order."""
    yield widget
    for each in getattr(widget, "children", ()):
        yield from parts(each)


def shown(widget: Any) -> str:
    """The text that a person sees in a widget."""
    kinds = ("HTML", "HTMLMath")
    values = [each.value for each in parts(widget) if type(each).__name__ in kinds]
    found = [value for value in values if "<style>" not in value and not value.startswith(SPOKEN)]
    return "\n".join(text_of(LOOKS.sub("<div>", value)) for value in found)


def buttons(widget: Any) -> list[str]:
    return [each.description for each in parts(widget) if type(each).__name__ == "Button"]


def press(widget: Any, words: str, at: int = -1) -> None:
    """Press a button, of several with these words the last one if nothing else is said."""
    found = [each for each in parts(widget) if type(each).__name__ == "Button" and each.description.startswith(words)]
    assert found, f"there is no button {words}, only {buttons(widget)}"
    found[at].click()


def front_end(widget: Any, **state: Any) -> None:
    """What a front end sends when a person has typed or chosen something."""
    widget._handle_msg({"content": {"data": {"method": "update", "state": state, "buffer_paths": []}}, "buffers": []})


def enter(widget: Any) -> None:
    """What a front end sends when Enter is pressed in a box."""
    data = {"method": "custom", "content": {"event": "submit"}}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def question_box(chat: Chat) -> Any:
    """The box that is shown for questions."""
    return next(each for each in parts(chat.box) if getattr(each, "description", "") == "Question")


def ask(chat: Chat, text: str) -> None:
    """Type a question and send it; returns at once."""
    front_end(question_box(chat), value=text)
    press(chat.box, "Send")


def answered(chat: Chat) -> None:
    """Wait until nothing is being answered."""
    for side in chat._sides:
        while (asking := side.asking) is not None:
            asking.join(PATIENCE_S)
            assert not asking._thread.is_alive()
    with chat.parts.lock:
        pass  # the last of them has shown what came


def said(side: Side) -> list[str]:
    """The questions of a side's conversation."""
    return [each.asked[0].text for each in side.conversation.exchanges]

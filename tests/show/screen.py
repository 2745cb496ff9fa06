"""A cell as a front end would show it, and turns to be shown in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from byom_magics.events import (
    Event,
    ImageMade,
    ReasoningDelta,
    Reclassified,
    Reply,
    RoundEnded,
    State,
    TextDelta,
    ToolAsked,
    ToolCall,
    ToolCallDelta,
    ToolEnded,
)
from byom_magics.messages import Message, ToolResult
from byom_magics.show.live import Live
from tests.show.safe import text_of

if TYPE_CHECKING:
    from byom_magics.show.displays import Paint


class Screen:
    """What a front end would show: the outputs of one cell."""

    def __init__(self) -> None:
        self.outputs: dict[int, Paint] = {}
        self.most = self.bytes = self.messages = 0
        self._clearing = False

    def apply(self, paints: Iterable[Paint]) -> None:
        for paint in paints:
            if paint.action == "clear":
                self._clearing = True
                continue
            if paint.action == "show":
                if self._clearing:
                    self.outputs.clear()
                self._clearing = False
                assert paint.display not in self.outputs
            else:
                assert paint.display in self.outputs, "an update of a display that is not there is lost"
            self.outputs[paint.display] = paint
            self.bytes += len(paint.html) + 900
            self.messages += 1
            self.most = max(self.most, len(self.outputs))

    @property
    def html(self) -> str:
        return "\n".join(paint.html for paint in self.outputs.values())

    @property
    def text(self) -> str:
        return text_of(self.html)


def live(
    *,
    format_name: str = "markdown",
    alone: bool = True,
    refresh_rate: float = 8.0,
    notes: Sequence[str] = (),
    logprobs: bool = False,
    tries: int | None = None,
) -> Live:
    return Live(
        model="gpt",
        address="http://a.example/v1",
        format_name=format_name,
        alone=alone,
        refresh_rate=refresh_rate,
        now=0.0,
        notes=notes,
        logprobs=logprobs,
        tries=tries,
    )


def play(painter: Live, events: Sequence[Event], *, rate: float = 200.0, screen: Screen | None = None) -> Screen:
    screen = screen or Screen()
    for number, event in enumerate(events):
        now = 1 + number / rate
        painter.event(event, now)
        screen.apply(painter.due(now))
    return screen


def deltas(text: str, size: int = 4) -> list[Event]:
    return [TextDelta(text[at : at + size]) for at in range(0, len(text), size)]


def bare(text: str) -> str:
    return "".join(text.split())


def asked(*results: ToolResult) -> list[Event]:
    """A call that asks for tools: as the model writes it, and as they run."""
    written: list[Event] = []
    ran: list[Event] = []
    for index, result in enumerate(results):
        middle = len(result.call.arguments) // 2
        written.append(ToolCallDelta(index, result.call.id, result.call.name, result.call.arguments[:middle]))
        written.append(ToolCallDelta(index, arguments=result.call.arguments[middle:]))
        ran += [ToolAsked(result.call, index), ToolEnded(result, index)]
    return [*written, *ran, RoundEnded("tools")]


def result(name: str, arguments: str = "{}", text: str = "fine", **fields: object) -> ToolResult:
    return replace(ToolResult(ToolCall(name, name, arguments), text, duration_s=0.2), **fields)  # type: ignore[arg-type]


def reply_of(events: Iterable[Event], state: State = State.COMPLETE) -> Reply:
    """What a turn makes of its events; see `byom_magics.talk.turn`."""
    reply = Reply(state=state, model="gpt")
    text = kept = thoughts = ""
    messages: list[Message] = []
    calls: list[ToolCall] = []
    results: list[ToolResult] = []
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, ReasoningDelta):
            thoughts += event.text
        elif isinstance(event, Reclassified):
            text, thoughts = "", thoughts + text
        elif isinstance(event, ToolAsked):
            calls.append(event.call)
        elif isinstance(event, ToolEnded):
            results.append(event.result)
        elif isinstance(event, ImageMade):
            reply = replace(reply, images=(*reply.images, event.image))
        elif isinstance(event, RoundEnded):
            reply = replace(reply, rounds=reply.rounds + 1)
            if event.why == "tools":
                messages.append(Message("assistant", text, tool_calls=tuple(calls)))
                kept = "\n\n".join(part for part in (kept, thoughts) if part)
            text = thoughts = ""
            calls = []
    left = [ToolResult(call, "not run", "left") for call in calls[len([r for r in results if r.call in calls]) :]]
    if text or calls:
        messages.append(Message("assistant", text, tool_calls=tuple(calls)))
    reasoning = "\n\n".join(part for part in (kept, thoughts) if part)
    return replace(reply, text=text, reasoning=reasoning, messages=tuple(messages), tool_results=(*results, *left))

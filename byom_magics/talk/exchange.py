"""One turn of a conversation as it is kept: what was asked, what came of it, and how that is said to a model again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cached_property
from itertools import chain, takewhile
from typing import TYPE_CHECKING

from byom_magics.events import State, Usage
from byom_magics.messages import Message, Text
from byom_magics.talk.estimate import tokens_in

if TYPE_CHECKING:
    from byom_magics.events import Reply
    from byom_magics.messages import Image, ToolCall

__all__ = ["Exchange", "exchange_of", "grouped", "sendable"]

_BROKEN = "[This answer broke off.]"
_MARKS = {
    State.CANCELLED: "[This answer was interrupted.]",
    State.INCOMPLETE: _BROKEN,
    State.STALLED: _BROKEN,
    State.ERROR: _BROKEN,
    State.LENGTH: "[This answer was cut off at its limit of tokens.]",
    State.CONTENT_FILTER: "[This answer was stopped by a content filter.]",
}
_EMPTY = "[This answer was empty.]"
_IMAGES = "[This answer was made of images.]"
_STOPPED = "[This turn ended before an answer.]"
_NOT_RUN = "This tool was not run: the turn ended before."


@dataclass(frozen=True)
class Exchange:
    """
    One turn: a question and what came of it.

    Attributes:
        asked: What the person said; no system message, which is the conversation's.
        answered: What the model said, and what its tools gave.
        state: How the turn ended.
        reason: The detail of the state, such as ``eof``.
        model: The key of the model that answered.
        place: Which run of which cell it belongs to; None if to none.
        usage: Tokens as the server counted them.
        when: When it ended.
        images: Images that the model made. They are not sent back.
        number: Its place in the order in which the turns of a conversation were answered.
    """

    asked: tuple[Message, ...]
    answered: tuple[Message, ...]
    state: State = State.COMPLETE
    reason: str | None = None
    model: str = ""
    place: Hashable | None = None
    usage: Usage = field(default_factory=Usage)
    when: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    images: tuple[Image, ...] = ()
    number: int = 0

    @cached_property
    def sent(self) -> tuple[Message, ...]:
        """The messages as they are sent again: an answer that is not whole says so, and no call of a tool is open."""
        return _mended((self,))

    @cached_property
    def tokens(self) -> int:
        """About how many tokens it takes to send it again, rounded up."""
        return tokens_in((*_results_first(self.asked), *self.sent)) + 1

    @property
    def open_calls(self) -> tuple[ToolCall, ...]:
        """The calls of tools at its end that nobody has answered."""
        results = {each.tool_call_id for each in takewhile(_is_result, reversed(self.answered))}
        said = next((each for each in reversed(self.answered) if not _is_result(each)), None)
        return () if said is None else tuple(call for call in said.tool_calls if call.id not in results)

    @cached_property
    def goes_on(self) -> bool:
        """Whether it begins with results of tools that the turn before it asked for."""
        return bool(self.asked) and _is_result(self.asked[0])

    def says_the_same(self, other: Exchange) -> bool:
        """Whether a model that is sent either of both is told the same."""
        return (self.asked, self.answered, self.state) == (other.asked, other.answered, other.state)


def exchange_of(
    asked: Iterable[Message], reply: Reply, place: Hashable | None = None, when: datetime | None = None
) -> Exchange | None:
    """
    The exchange that a turn makes; None for a call that failed before anything came of it.

    Args:
        asked: What the person said.
        reply: What came of it.
        place: Which run of which cell it is; None if it is none.
        when: When it ended; now if left out.
    """
    answered = tuple(each for each in _said(reply) if each.text or each.tool_calls or each.images or _is_result(each))
    if not answered and not reply.images and reply.state.failed:
        return None
    return Exchange(
        asked=tuple(asked),
        answered=answered,
        state=reply.state,
        reason=reply.reason,
        model=reply.model or "",
        place=place,
        usage=reply.usage,
        when=when or datetime.now(timezone.utc),
        images=reply.images,
    )


def grouped(exchanges: Sequence[Exchange]) -> list[tuple[Exchange, ...]]:
    """The exchanges in groups that must not be parted: the results of tools stay with the call that asked for them."""
    groups: list[tuple[Exchange, ...]] = []
    for exchange in exchanges:
        if groups and exchange.goes_on and groups[-1][-1].open_calls:
            groups[-1] = (*groups[-1], exchange)
        else:
            groups.append((exchange,))
    return groups


def sendable(exchanges: Sequence[Exchange], asked: Sequence[Message] = ()) -> tuple[Message, ...]:
    """
    The messages of exchanges as a service takes them: every call of a tool has its result, every question an answer.

    Args:
        exchanges: What was said before, in order.
        asked: What is said now. If it begins with results of tools, the calls that they answer stay open.
    """
    if not _results_first(asked) and not any(each.goes_on for each in exchanges):
        return tuple(chain.from_iterable([each.sent for each in exchanges]))
    groups = grouped(exchanges)
    messages: list[Message] = []
    for place, group in enumerate(groups, 1):
        results = _results_first(asked) if place == len(groups) and group[-1].open_calls else ()
        messages += group[0].sent if len(group) == 1 and not results else _mended(group, results)
    return tuple(messages)


def _said(reply: Reply) -> tuple[Message, ...]:
    if reply.messages or not (reply.text or reply.tool_calls):
        return reply.messages
    calls = reply.tool_calls if reply.state is State.TOOL_CALLS else ()
    return (Message("assistant", reply.text, tool_calls=calls, signatures=reply.signatures),)


def _mended(group: Sequence[Exchange], following: Sequence[Message] = ()) -> tuple[Message, ...]:
    """The messages of exchanges that belong together, in an order that services take."""
    told = {each.tool_call_id for each in following}
    messages = list(_answered_calls((each for one in group for each in (*one.asked, *one.answered)), told))
    if not following:
        _close(messages, group[-1])
    return tuple(messages)


def _answered_calls(messages: Iterable[Message], told: set[str | None]) -> Iterator[Message]:
    """The messages, each call with one result behind it; results that no call asked for are left out."""
    open_calls: dict[str, ToolCall] = {}
    for message in messages:
        if _is_result(message):
            if open_calls.pop(message.tool_call_id or "", None) is not None:
                yield message
            continue
        yield from map(_not_run, open_calls.values())
        open_calls = {call.id: call for call in message.tool_calls}
        if message.parts or message.tool_calls:
            yield message
    yield from (_not_run(call) for call in open_calls.values() if call.id not in told)


def _close(messages: list[Message], last: Exchange) -> None:
    """Let the messages end with words of the model, which say how its answer ended if that was not as it should be."""
    mark = _MARKS.get(last.state, "")
    said = messages[-1] if messages else None
    if said is None or said.role != "assistant" or said.tool_calls:
        nothing = _IMAGES if last.images else _STOPPED if said is not None and _is_result(said) else _EMPTY
        messages.append(Message("assistant", mark or nothing))
    elif mark:
        marked = f"{said.content}\n\n{mark}" if isinstance(said.content, str) else (*said.content, Text(mark))
        messages[-1] = replace(said, content=marked)


def _not_run(call: ToolCall) -> Message:
    return Message("tool", _NOT_RUN, tool_call_id=call.id, tool_name=call.name)


def _results_first(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(takewhile(_is_result, messages))


def _is_result(message: Message) -> bool:
    return message.role == "tool"

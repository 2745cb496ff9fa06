"""The order in which a reply of several calls is read: what was said, the tools that ran, what was said then."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from byom_magics.events import Reply
    from byom_magics.messages import Message, ToolCall, ToolResult

__all__ = ["Said", "Section", "pending", "sections"]


@dataclass(frozen=True)
class Said:
    """Text of the model; whether it is the answer, or was said before tools ran."""

    text: str
    is_answer: bool = False


Section = Union[Said, "tuple[ToolResult, ...]"]


def sections(reply: Reply) -> list[Section]:
    """
    Give what a reply shows, in order.

    Tools that ran one after the other, with nothing said between, are one section. Every one of them is there, and so
    is the whole of ``reply.text``, whatever ``reply.messages`` holds.
    """
    found: list[Section] = []
    for section in _in_order(reply):
        before = found[-1] if found else None
        if isinstance(section, tuple) and isinstance(before, tuple):
            found[-1] = before + section
        else:
            found.append(section)
    return found


def pending(reply: Reply) -> tuple[ToolCall, ...]:
    """Give the tools that were asked for, and of which nothing came."""
    known = {(result.call.id, result.call.name) for result in reply.tool_results}
    return tuple(call for call in reply.tool_calls if (call.id, call.name) not in known)


def _in_order(reply: Reply) -> Iterator[Section]:
    results = deque(reply.tool_results)
    said = [message for message in reply.messages if message.role == "assistant"]
    answer = said[-1].text == reply.text if said else False
    for message in said:
        if message.text.strip():
            yield Said(message.text, is_answer=answer and message is said[-1])
        ran = tuple(_results_of(message, results))
        if ran:
            yield ran
    if results:
        yield tuple(results)
    if reply.text and not answer:
        yield Said(reply.text, is_answer=True)


def _results_of(message: Message, results: deque[ToolResult]) -> Iterator[ToolResult]:
    for call in message.tool_calls:
        if results and results[0].call == call:
            yield results.popleft()

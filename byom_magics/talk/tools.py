"""Running what a model asks for: with leave, in order, and whatever comes of it is told to the model."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Union

from byom_magics.catalog.secrets import mask
from byom_magics.messages import Message, Text, ToolCall, ToolResult
from byom_magics.plain import bounded, visible
from byom_magics.talk.arguments import ArgumentsProblem, arguments_of
from byom_magics.talk.results import result_text

if TYPE_CHECKING:
    from byom_magics.messages import Part, Tool

__all__ = ["Leave", "Toolbox", "message_of"]

Leave = Callable[[ToolCall, Mapping[str, Any]], Union[str, None]]
"""Asked before a tool runs, with the call and its arguments: None gives leave, a text says to the model why not."""

_MOST_OF_AN_ERROR = 2_000
_Outcome = Literal["done", "failed", "refused", "unknown", "interrupted", "left"]


class Toolbox:
    """
    The tools of one turn.

    Args:
        tools: What the model may ask for.
        leave: Asked before each run; None lets all run.
        awaited: Waits for what an ``async def`` tool gives, and returns its result.
        render: A result that is no text and no JSON, as text.

    Attributes:
        has_begun: Whether the function was called that was asked for last: an interrupt may also come before, while
            leave is asked.
        runs_since: When the function was called that runs, on the monotonic clock; None while none does.
    """

    def __init__(
        self,
        tools: Iterable[Tool],
        *,
        leave: Leave | None = None,
        awaited: Callable[[Awaitable[Any]], Any],
        render: Callable[[object], str] = str,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._leave = leave
        self._awaited = awaited
        self.has_begun = False
        self.runs_since: float | None = None
        self._render = render

    def runs(self, calls: Iterable[ToolCall]) -> bool:
        """Whether these calls are run here: those of a tool without a function are their caller's."""
        return all(self._tools[call.name].run is not None for call in calls if call.name in self._tools)

    def run(self, call: ToolCall) -> ToolResult:
        """
        Run what was asked for, and give what the model is told of it, errors included.

        Raises:
            KeyboardInterrupt: The person stopped it.
        """
        self.has_begun = False
        tool = self._tools.get(call.name)
        if tool is None or tool.run is None:
            names = ", ".join(self._tools) or "none"
            return _told(call, f"There is no tool '{visible(call.name)[:80]}'. There are: {names}.", "unknown")
        try:
            arguments = arguments_of(tool, call.arguments)
        except ArgumentsProblem as problem:
            return _told(call, f"The arguments do not fit: {problem}", "failed")
        refusal = None if self._leave is None else self._leave(call, arguments)
        if refusal is not None:
            return _told(call, refusal, "refused")
        begun, self.has_begun = time.monotonic(), True
        self.runs_since = begun
        try:
            value = tool.run(**arguments)
            if inspect.isawaitable(value):
                value = self._awaited(value)
            text, left_out, images = result_text(value, render=self._render)
        except ArgumentsProblem as problem:  # such as a month that there is not
            return _told(call, f"The arguments do not fit: {problem}", "failed")
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - a person's own function may raise anything
            return _told(call, f"{type(problem).__name__}: {_words(problem)}", "failed", time.monotonic() - begun)
        finally:
            self.runs_since = None
        return ToolResult(call, mask(text), "done", time.monotonic() - begun, left_out, images)


def message_of(result: ToolResult) -> Message:
    """The result as the message that tells it."""
    parts: tuple[Part, ...] = (Text(result.text), *result.images)
    content = parts if result.images else result.text
    return Message("tool", content, tool_call_id=result.call.id, tool_name=result.call.name)


def _told(call: ToolCall, text: str, outcome: _Outcome, duration_s: float | None = None) -> ToolResult:
    return ToolResult(call, bounded(mask(text), _MOST_OF_AN_ERROR), outcome, duration_s)


def _words(problem: BaseException) -> str:
    try:
        return str(problem)
    except Exception:  # noqa: BLE001 - the same
        return "(without words)"

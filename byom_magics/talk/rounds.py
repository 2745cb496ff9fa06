"""What may follow a call within its turn: tools run, and the model goes on; what did not fit is asked anew."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from byom_magics.errors import ShapeError
from byom_magics.events import Ended, RoundEnded, State, ToolAsked, ToolEnded
from byom_magics.messages import Message, ToolResult
from byom_magics.talk.answers import retry_message
from byom_magics.talk.joining import Finished
from byom_magics.talk.shapes import ShapeProblem
from byom_magics.talk.tools import message_of

if TYPE_CHECKING:
    from byom_magics.events import Event, Reply
    from byom_magics.messages import Call, ToolCall
    from byom_magics.talk.round import Stream
    from byom_magics.talk.shapes import Shape
    from byom_magics.talk.turn import Following

__all__ = ["MOST_ROUNDS", "RETRIES", "Rounds"]

MOST_ROUNDS = 10
"""How many calls a turn with tools takes at most, where nobody says otherwise."""

RETRIES = 2
"""How often an answer that does not fit is asked anew, where nobody says otherwise."""

_INTERRUPTED = "The person interrupted this tool; it may have done a part of its work."
_LEFT = "This tool was not run: the turn ended before."


class _Tools(Protocol):
    @property
    def has_begun(self) -> bool:
        """Whether the function was called that was asked for last."""

    @property
    def runs_since(self) -> float | None:
        """When the function was called that runs; None while none does."""

    def runs(self, calls: tuple[ToolCall, ...]) -> bool:
        """Whether these calls are run here."""

    def run(self, call: ToolCall) -> ToolResult:
        """Run one."""


class Rounds:
    """
    The steps of one turn.

    Args:
        call: The first call.
        send: Sends a further one.
        tools: What runs tools; None if there are none.
        shape: What the answer has to be; None for any text.
        most_rounds: How many calls the turn may take.
        retries: How often an answer that does not fit is asked anew.

    Attributes:
        tries: How often the model may answer at most, where the answer has to have a shape; else None.
    """

    def __init__(
        self,
        call: Call,
        send: Callable[[Call], Stream],
        *,
        tools: _Tools | None = None,
        shape: Shape | None = None,
        most_rounds: int = MOST_ROUNDS,
        retries: int = RETRIES,
    ) -> None:
        self._call = call
        self._send = send
        self._tools = tools
        self._shape = shape
        self._most_rounds = most_rounds
        self._retries = retries
        self.tries = None if shape is None else retries + 1
        self._open: tuple[ToolCall, ...] = ()  # what the last call asked for, while it is being done
        self._results: list[ToolResult] = []
        self._parsed: object = None

    @property
    def runs_since(self) -> float | None:
        """When the tool began that runs, on the monotonic clock; None while none does."""
        return None if self._tools is None else self._tools.runs_since

    def after(
        self, reply: Reply, ended: Ended, number: int, stopped: Callable[[], bool]
    ) -> Generator[list[Event], None, Following]:
        """Do what follows a call; see `byom_magics.talk.turn.Steps`."""
        self._results = []
        calls = reply.messages[0].tool_calls if reply.messages else ()
        if ended.state is State.TOOL_CALLS and calls and self._tools is not None and self._tools.runs(calls):
            return (yield from self._run(reply, calls, ended, number, stopped))
        if self._shape is not None and ended.state in (State.COMPLETE, State.LENGTH):
            return (yield from self._check(reply, ended, number))
        return ended

    def settled(self, reply: Reply) -> Reply:
        """The reply with what was done after it. Tools whose turn never came are told as that."""
        done = tuple(self._results)  # a tool that nobody waits for may end meanwhile
        left = [ToolResult(call, _LEFT, "left") for call in self._open[len(done) :]]
        if left and self.runs_since is not None:
            left[0] = ToolResult(left[0].call, _INTERRUPTED, "interrupted")
        results = (*done, *left)
        if results:
            messages = (*reply.messages, *map(message_of, results))
            reply = replace(reply, messages=messages, tool_results=results)
        if self._open:
            reply = replace(reply, state=State.CANCELLED, tool_calls=())
        return replace(reply, parsed=self._parsed)

    def _run(
        self, reply: Reply, calls: tuple[ToolCall, ...], ended: Ended, number: int, stopped: Callable[[], bool]
    ) -> Generator[list[Event], None, Following]:
        if number >= self._most_rounds:
            calls_made = f"{number} call{'s' if number > 1 else ''}"
            note = f"stopped after {calls_made}, and the model asks for tools again: allow more with --rounds"
            self._results = [ToolResult(call, f"Not run: this was call {number} of at most {number}.", "left")
                             for call in calls]  # fmt: skip
            return replace(ended, warnings=(*ended.warnings, note))
        self._open = calls
        for index, call in enumerate(calls):
            yield [ToolAsked(call, index)]
            result = self._result(call)
            self._results.append(result)
            yield [ToolEnded(result, index)]
            if stopped():
                return Ended(State.CANCELLED, attempts=ended.attempts, warnings=ended.warnings)
        self._open = ()
        done, self._results = self.settled(reply), []
        yield [RoundEnded("tools", number=number)]
        # A tool that has to be asked for has been: else the model would go on asking for ever.
        self._call = replace(self._call, messages=(*self._call.messages, *done.messages), tool_choice=None)
        return Finished(replace(done, tool_calls=())), partial(self._send, self._call)

    def _result(self, call: ToolCall) -> ToolResult:
        assert self._tools is not None  # noqa: S101 - for the type checker: `after` has asked
        try:
            return self._tools.run(call)
        except BaseException:
            if self._tools.has_begun:
                self._results.append(ToolResult(call, _INTERRUPTED, "interrupted"))
            raise

    def _check(self, reply: Reply, ended: Ended, number: int) -> Generator[list[Event], None, Following]:
        assert self._shape is not None  # noqa: S101 - for the type checker: `after` has asked
        try:
            self._parsed = self._shape.parsed(reply.text)
        except ShapeProblem as problem:
            if ended.state is State.LENGTH or self._retries <= 0:
                return replace(ended, error=self._error(reply, problem, ended))
            self._retries -= 1
            yield [RoundEnded("shape", str(problem), number)]
            said = (Message("assistant", reply.text),) if reply.text else ()
            asked = Message("user", retry_message(problem))
            self._call = replace(self._call, messages=(*self._call.messages, *said, asked))
            return Finished(reply, void=True), partial(self._send, self._call)
        return ended

    def _error(self, reply: Reply, problem: ShapeProblem, ended: Ended) -> ShapeError:
        assert self._shape is not None  # noqa: S101 - for the type checker: `after` has asked
        if ended.state is State.LENGTH:
            what = f"The answer was cut off at the limit of tokens, so it is no whole '{self._shape.name}': {problem}"
            return ShapeError(what, model=reply.model, hint="raise --max-tokens, or ask for less")
        what = f"The answer does not fit the schema '{self._shape.name}': {problem}"
        hint = (
            "its text is kept in _byom.text; ask again, allow more --retries, simplify the schema, or ask another model"
        )
        return ShapeError(what, model=reply.model, hint=hint)

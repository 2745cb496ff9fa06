"""One turn: events pass through, and a reply comes of them, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from byom_magics.catalog.secrets import mask
from byom_magics.errors import CallError, PolicyError
from byom_magics.events import (
    Cost,
    Ended,
    Event,
    Opened,
    ReasoningDelta,
    Reclassified,
    Reply,
    Retrying,
    Signature,
    State,
    TextDelta,
    TokenLogprobs,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec, Prices

__all__ = ["Stream", "Turn", "cost_of"]

_LOOSE = 1024
_MILLION = 1_000_000


class _Moments(Protocol):
    @property
    def started(self) -> float:
        """When the call began."""

    @property
    def first_content(self) -> float | None:
        """When the first piece of content came."""


class Stream(Protocol):
    """What a turn needs of a call that is under way."""

    @property
    def moments(self) -> _Moments:
        """When what happened."""

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        """Events as they come, an empty batch whenever none came for ``wait_s`` seconds."""

    def stop(self) -> None:
        """Hang up, from any thread."""

    def close(self) -> None:
        """Hang up if need be, and let go of everything."""


@dataclass(frozen=True)
class _NoMoments:
    started: float
    first_content: float | None = None


class _Refused:
    """A call that our own rules forbid: it ends before anything is sent."""

    def __init__(self, refusal: PolicyError) -> None:
        self.moments = _NoMoments(time.monotonic())
        self._refusal = refusal

    def batches(self, wait_s: float) -> Iterator[list[Event]]:  # noqa: ARG002 - nothing is waited for
        yield [Ended(State.ERROR, "policy", error=self._refusal)]

    def stop(self) -> None:
        """There is nothing to stop."""

    def close(self) -> None:
        """There is nothing to close."""


class _Text:
    """A long text out of short pieces, without keeping a million small strings."""

    def __init__(self) -> None:
        self._solid: list[str] = []
        self._loose: list[str] = []
        self.add = self._loose.append

    def settle(self) -> None:
        if len(self._loose) > _LOOSE:
            self._solid.append("".join(self._loose))
            self._loose.clear()

    def __str__(self) -> str:
        return "".join(self._solid) + "".join(self._loose)

    def take(self) -> str:
        text = str(self)
        self._solid.clear()
        self._loose.clear()
        return text


class _ToolPieces:
    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = _Text()


class Turn:
    """
    One question and its answer, while it comes. A context manager, and an iterator of events.

    Leaving the ``with`` block hangs up; outside of one, leaving the loop does. `stop` works from any thread. `reply` is
    what has come so far, and after the end the whole.

    Args:
        spec: The model that is asked; also an attribute.
        send: Begins the call; its stream is closed when the turn ends.
        on_end: Called once with the reply, whatever happened.
        cautions: What was to be said of the call before it was sent; warnings of its reply.
    """

    def __init__(
        self,
        spec: ModelSpec,
        send: Callable[[], Stream],
        on_end: Callable[[Reply], None],
        cautions: tuple[str, ...] = (),
    ) -> None:
        self.spec = spec
        self._cautions = cautions
        self._send = send
        self._on_end = on_end
        self._stream: Stream | None = None
        self._in_block = False
        self._left_over: Iterator[Event] = iter(())
        self._text = _Text()
        self._reasoning = _Text()
        self._tools: dict[int, _ToolPieces] = {}
        self._logprobs: list[Mapping[str, Any]] = []
        self._signatures: list[Mapping[str, Any]] = []
        self._usage = Usage()
        self._told_cost: Cost | None = None
        self._opened = Opened()
        self._attempts = 1
        self._ended: Ended | None = None
        self._reply: Reply | None = None

    def __enter__(self) -> Turn:
        self._in_block = True
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        yield from self._left_over
        for batch in self.batches():
            self._left_over = iter(batch)
            yield from self._left_over

    def __del__(self) -> None:
        if self._stream is not None:
            self._stream.stop()

    def begin(self) -> None:
        """Send the request, if it was not sent yet."""
        if self._stream is None and self._reply is None:
            try:
                self._stream = self._send()
            except PolicyError as refusal:
                self._stream = _Refused(refusal)

    def batches(self, wait_s: float = 0.1) -> Iterator[list[Event]]:
        """
        Events in batches as they come, an empty one whenever nothing came for ``wait_s`` seconds.

        The last event is an `Ended`.
        """
        self.begin()
        if self._stream is None:
            return
        try:
            for batch in self._stream.batches(wait_s):
                self._take(batch)
                yield batch
        finally:
            if not self._in_block or self._ended is not None:
                self.close()

    def stop(self) -> None:
        """Hang up, from any thread; the events that had come are still given out."""
        if self._stream is not None:
            self._stream.stop()

    def close(self) -> None:
        """Hang up if the answer is not complete, and settle the reply. May be called again."""
        stream = self._stream
        if stream is None:
            if self._reply is None:
                self._reply = Reply(model=self.spec.key)
            return
        try:
            stream.close()
        finally:
            self._stream = None
            self._reply = self._built(stream)
            self._on_end(self._reply)

    @property
    def reply(self) -> Reply:
        """What has come so far (``cancelled`` until the end is known), and after the end the whole reply."""
        if self._reply is not None:
            return self._reply
        return self._built(self._stream) if self._stream is not None else Reply(model=self.spec.key)

    def _take(self, batch: list[Event]) -> None:
        add = self._text.add
        for event in batch:
            if type(event) is TextDelta:
                add(event.text)
            else:
                self._take_other(event)
        self._text.settle()

    def _take_other(self, event: Event) -> None:
        if isinstance(event, ReasoningDelta):
            self._reasoning.add(event.text)
            self._reasoning.settle()
        elif isinstance(event, Reclassified):
            self._reasoning.add(self._text.take())
        elif isinstance(event, ToolCallDelta):
            self._take_tool(event)
        elif isinstance(event, TokenLogprobs):
            self._logprobs.extend(event.tokens)
        elif isinstance(event, Signature):
            self._signatures.append(event.data)
        elif isinstance(event, UsageReport):
            self._usage = event.usage if event.usage != Usage() else self._usage
            self._told_cost = self._told_cost if event.cost is None else event.cost
        elif isinstance(event, Opened):
            self._take_opened(event)
        elif isinstance(event, Retrying):
            self._attempts = event.attempt
        elif isinstance(event, Ended):
            self._ended = event
            said = "".join(str(each.get("token", "")) for each in self._logprobs)
            if mask(said) != said:
                self._logprobs.clear()  # a key that is cut into tokens would still be one

    def _take_tool(self, event: ToolCallDelta) -> None:
        pieces = self._tools.setdefault(event.index, _ToolPieces())
        pieces.id = pieces.id or event.id or ""
        pieces.name = pieces.name or event.name or ""
        pieces.arguments.add(event.arguments)
        pieces.arguments.settle()

    def _take_opened(self, event: Opened) -> None:
        # The header's id comes first, and is the one that a server's log has.
        before = self._opened
        self._opened = Opened(
            event.served_model or before.served_model,
            before.request_id or event.request_id,
            event.system_fingerprint or before.system_fingerprint,
        )

    def _built(self, stream: Stream) -> Reply:
        ended = self._ended or Ended(State.CANCELLED, attempts=self._attempts)
        moments = stream.moments
        first = None if moments.first_content is None else moments.first_content - moments.started
        reply = Reply(
            text=str(self._text),
            reasoning=str(self._reasoning),
            tool_calls=tuple(
                ToolCall(pieces.id, pieces.name, str(pieces.arguments)) for _, pieces in sorted(self._tools.items())
            ),
            state=ended.state,
            reason=ended.reason,
            finish_reason=ended.finish_reason,
            usage=self._usage,
            first_token_s=first,
            duration_s=time.monotonic() - moments.started,
            cost=self._cost(),
            model=self.spec.key,
            served_model=self._opened.served_model,
            system_fingerprint=self._opened.system_fingerprint,
            request_id=self._opened.request_id,
            attempts=ended.attempts,
            warnings=(*self._cautions, *ended.warnings, *self._mismatch()),
            error=ended.error,
            logprobs=tuple(self._logprobs),
            signatures=tuple(self._signatures),
        )
        if isinstance(ended.error, CallError):
            ended.error.reply = reply
        return reply

    def _mismatch(self) -> tuple[str, ...]:
        """A model that is pinned to one version has to answer as that version."""
        served = self._opened.served_model
        if not (self.spec.pinned and served) or served == self.spec.model:
            return ()
        return (f"'{self.spec.model}' is registered as pinned to one version, and '{visible(served)[:100]}' answered",)

    def _cost(self) -> Cost | None:
        """By the model's prices if they are known, else as the server told."""
        due = cost_of(self.spec.prices, self._usage)
        return self._told_cost if due is None else due


def cost_of(prices: Prices, usage: Usage) -> Cost | None:
    """
    What ``usage`` costs; None where a price or a count is not known.

    Tokens that were read from the server's cache, or written into it, have prices of their own where those are known.
    """
    if prices.input is None or prices.output is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    read, written = usage.cached_input_tokens or 0, usage.cached_output_tokens or 0
    due = max(0, usage.input_tokens - read - written) * prices.input + usage.output_tokens * prices.output
    due += read * (prices.input if prices.cached_input is None else prices.cached_input)
    due += written * (prices.input if prices.cached_output is None else prices.cached_output)
    return Cost(due / _MILLION, prices.currency)

"""One call of a turn: its events come in, and a reply comes of them, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from byom_magics.catalog.secrets import mask
from byom_magics.errors import CallError, PolicyError
from byom_magics.events import (
    Cost,
    Ended,
    Event,
    ImageMade,
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
from byom_magics.messages import Image, Message, Text
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec, Prices
    from byom_magics.messages import Part

__all__ = ["Moments", "Refused", "Round", "Stream", "cost_of", "identified"]

_LOOSE = 1024
_MILLION = 1_000_000


class _SomeMoments(Protocol):
    @property
    def started(self) -> float:
        """When the call began."""

    @property
    def first_content(self) -> float | None:
        """When the first piece of content came."""


class Stream(Protocol):
    """What a turn needs of a call that is under way."""

    @property
    def moments(self) -> _SomeMoments:
        """When what happened."""

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        """Events as they come, an empty batch whenever none came for ``wait_s`` seconds."""

    def stop(self) -> None:
        """Hang up, from any thread."""

    def close(self) -> None:
        """Hang up if need be, and let go of everything."""


@dataclass(frozen=True)
class Moments:
    """
    When what happened, on the monotonic clock.

    Attributes:
        started: When the call began.
        first_content: When the first piece of content came.
    """

    started: float
    first_content: float | None = None


class Refused:
    """A call that our own rules forbid: it ends before anything is sent."""

    def __init__(self, refusal: PolicyError) -> None:
        self.moments = Moments(time.monotonic())
        self._refusal = refusal

    def batches(self, wait_s: float) -> Iterator[list[Event]]:  # noqa: ARG002 - nothing is waited for
        """The refusal."""
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
        """The text so far, which begins anew."""
        text = str(self)
        self._solid.clear()
        self._loose.clear()
        return text


class _ToolPieces:
    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = _Text()


class Round:
    """
    What has come of one call.

    Args:
        spec: The model that is asked.
        stream: The call; also an attribute.
        cautions: What was to be said of the call before it was sent; warnings of its reply.
    """

    def __init__(self, spec: ModelSpec, stream: Stream, cautions: tuple[str, ...] = ()) -> None:
        self.stream = stream
        self.ended: Ended | None = None
        self._spec = spec
        self._cautions = cautions
        self._text = _Text()
        self._reasoning = _Text()
        self._thought: tuple[float, float] | None = None
        self._tools: dict[int, _ToolPieces] = {}
        self._logprobs: list[Mapping[str, Any]] = []
        self._signatures: list[Mapping[str, Any]] = []
        self._images: list[Image] = []
        self._usage = Usage()
        self._told_cost: Cost | None = None
        self._opened = Opened()
        self._attempts = 1

    def take(self, batch: list[Event]) -> None:
        """Take in what came. Cheap."""
        add = self._text.add
        for event in batch:
            if type(event) is TextDelta:
                add(event.text)
            else:
                self._take_other(event)
        self._text.settle()

    def _take_other(self, event: Event) -> None:
        if isinstance(event, ReasoningDelta):
            now = time.monotonic()
            self._thought = (self._thought[0] if self._thought else now, now)
            self._reasoning.add(event.text)
            self._reasoning.settle()
        elif isinstance(event, Reclassified):
            self._reasoning.add(self._text.take())
        elif isinstance(event, ToolCallDelta):
            self._take_tool(event)
        elif isinstance(event, ImageMade):
            self._images.append(event.image)
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
            self.ended = event
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

    def reply(self) -> Reply:
        """What has come so far; ``cancelled`` until the end is known."""
        ended = self.ended or Ended(State.CANCELLED, attempts=self._attempts)
        moments = self.stream.moments
        first = None if moments.first_content is None else moments.first_content - moments.started
        calls = tuple(ToolCall(each.id, each.name, str(each.arguments)) for _, each in sorted(self._tools.items()))
        text = str(self._text)
        reply = Reply(
            text=text,
            reasoning=str(self._reasoning),
            tool_calls=calls,
            state=ended.state,
            reason=ended.reason,
            finish_reason=ended.finish_reason,
            usage=self._usage,
            first_token_s=first,
            duration_s=time.monotonic() - moments.started,
            cost=self._cost(),
            model=self._spec.key,
            served_model=self._opened.served_model,
            system_fingerprint=self._opened.system_fingerprint,
            request_id=self._opened.request_id,
            attempts=ended.attempts,
            warnings=(*self._cautions, *ended.warnings, *self._mismatch()),
            error=ended.error,
            logprobs=tuple(self._logprobs),
            signatures=tuple(self._signatures),
            images=tuple(self._images),
            messages=self._said(text, calls, ended.state),
            cached=getattr(self.stream, "cached", False),
            reasoning_s=self._thought[1] - self._thought[0] if self._thought else None,
        )
        if isinstance(ended.error, CallError):
            ended.error.reply = reply
        return reply

    def _said(self, text: str, calls: tuple[ToolCall, ...], state: State) -> tuple[Message, ...]:
        """The message of the model. Calls that broke off in the middle are no part of it: nobody can answer them."""
        whole = state not in (State.CANCELLED, State.INCOMPLETE, State.STALLED, State.ERROR, State.LENGTH)
        calls = identified(calls) if whole else ()
        if not (text or calls or self._images):
            return ()
        parts: tuple[Part, ...] = (*([Text(text)] if text else []), *self._images)
        content = parts if self._images else text
        return (Message("assistant", content, tool_calls=calls, signatures=tuple(self._signatures) if whole else ()),)

    def _mismatch(self) -> tuple[str, ...]:
        """A model that is pinned to one version has to answer as that version."""
        served = self._opened.served_model
        if not (self._spec.pinned and served) or served == self._spec.model:
            return ()
        return (f"'{self._spec.model}' is registered as pinned to one version, and '{visible(served)[:100]}' answered",)

    def _cost(self) -> Cost | None:
        """By the model's prices if they are known, else as the server told."""
        due = cost_of(self._spec.prices, self._usage)
        if getattr(self.stream, "cached", False):
            return None if due is None else Cost(0.0, due.currency)
        return self._told_cost if due is None else due


def identified(calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
    """The calls with an id each: results are told apart by them, and some servers give none, or one twice."""
    taken: set[str] = set()
    found: list[ToolCall] = []
    for number, call in enumerate(calls, 1):
        identity = call.id
        while not identity or identity in taken:
            identity = f"{identity or 'call'}_{number}"
        taken.add(identity)
        found.append(call if identity == call.id else replace(call, id=identity))
    return tuple(found)


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

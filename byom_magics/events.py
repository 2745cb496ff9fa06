"""
What comes back from a model: events while it streams, and the reply at the end.

A stream is any number of events of the kinds below, then one ``Ended``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Union

from byom_magics.messages import ToolCall

if TYPE_CHECKING:
    from byom_magics.errors import ByomError
    from byom_magics.messages import Image, Message, ToolResult

__all__ = [
    "Cost",
    "Ended",
    "Event",
    "Held",
    "ImageMade",
    "Opened",
    "Progress",
    "ReasoningDelta",
    "Reclassified",
    "Reply",
    "Retrying",
    "RoundEnded",
    "Signature",
    "State",
    "TextDelta",
    "TokenLogprobs",
    "ToolAsked",
    "ToolCall",
    "ToolCallDelta",
    "ToolEnded",
    "Usage",
    "UsageReport",
]


class State(str, Enum):
    """
    How a call ended. The one vocabulary of events, replies, badges and logs.

    ``complete`` means that the server said so: its end mark or a finish reason was seen.
    """

    COMPLETE = "complete"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    TOOL_CALLS = "tool_calls"
    INCOMPLETE = "incomplete"
    STALLED = "stalled"
    ERROR = "error"
    CANCELLED = "cancelled"

    def __str__(self) -> str:
        return self.value

    def __format__(self, spec: str, /) -> str:
        return self.value.__format__(spec)

    @property
    def failed(self) -> bool:
        """Whether the call did not bring an answer that the server calls finished."""
        return self in (State.INCOMPLETE, State.STALLED, State.ERROR)


@dataclass(frozen=True)
class Usage:
    """
    Tokens as the server counted them; None where it did not say.

    ``output_tokens`` includes ``reasoning_tokens``; ``input_tokens`` includes ``cached_input_tokens`` (read from the
    server's cache) and ``cached_output_tokens`` (written into it).
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_output_tokens: int | None = None


class Cost(float):
    """An amount of money: a float that knows its ``currency`` (an ISO 4217 code)."""

    currency: str

    def __new__(cls, amount: float, currency: str = "USD") -> Cost:
        """An amount of a currency."""
        cost = super().__new__(cls, amount)
        cost.currency = currency
        return cost

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """What ``__new__`` takes, for copies and pickles: a currency beyond float's own."""
        return float(self), self.currency

    def __repr__(self) -> str:
        return f"Cost({float(self)!r}, {self.currency!r})"

    def __str__(self) -> str:
        return f"{float(self):.4g} {self.currency}"


@dataclass(frozen=True)
class Progress:
    """What is going on before content arrives, and in which attempt: ``waiting`` is for the server's answer."""

    kind: ClassVar[Literal["progress"]] = "progress"
    stage: Literal["connecting", "waiting"]
    attempt: int = 1


@dataclass(frozen=True)
class Retrying:
    """An attempt failed before any content; the next one begins after ``wait_s`` seconds."""

    kind: ClassVar[Literal["retrying"]] = "retrying"
    wait_s: float
    why: str
    attempt: int


@dataclass(frozen=True)
class Held:
    """The endpoint's capacity holds the call back; ``wait_s`` is how long at least, None where nobody knows."""

    kind: ClassVar[Literal["held"]] = "held"
    why: str
    wait_s: float | None = None


@dataclass(frozen=True)
class Opened:
    """The server has begun to answer. Fields are None where it did not say."""

    kind: ClassVar[Literal["opened"]] = "opened"
    served_model: str | None = None
    request_id: str | None = None
    system_fingerprint: str | None = None


@dataclass(frozen=True)
class TextDelta:
    """A piece of the answer."""

    kind: ClassVar[Literal["text"]] = "text"
    text: str


@dataclass(frozen=True)
class ReasoningDelta:
    """A piece of the model's reasoning, which is not part of the answer."""

    kind: ClassVar[Literal["reasoning"]] = "reasoning"
    text: str


@dataclass(frozen=True)
class Reclassified:
    """All text so far was reasoning: a ``</think>`` came that nothing in the answer had opened."""

    kind: ClassVar[Literal["reclassified"]] = "reclassified"


@dataclass(frozen=True)
class ToolCallDelta:
    """A piece of a tool call. ``id`` and ``name`` come once; ``arguments`` pieces are joined."""

    kind: ClassVar[Literal["tool_call"]] = "tool_call"
    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(frozen=True)
class ImageMade:
    """An image that the model made, whole."""

    kind: ClassVar[Literal["image"]] = "image"
    image: Image


@dataclass(frozen=True)
class ToolAsked:
    """The model has asked for a tool; nothing was done yet. ``index`` is its place in this round, from 0."""

    kind: ClassVar[Literal["tool_asked"]] = "tool_asked"
    call: ToolCall
    index: int = 0


@dataclass(frozen=True)
class ToolEnded:
    """What came of a tool that the model had asked for. ``index`` is that of its `ToolAsked`."""

    kind: ClassVar[Literal["tool_ended"]] = "tool_ended"
    result: ToolResult
    index: int = 0


@dataclass(frozen=True)
class RoundEnded:
    """
    One call of several that make up a turn is over, and the next one begins.

    Attributes:
        why: ``tools``: the model gets the results of the tools that it asked for, and goes on. ``shape``: its answer
            did not fit the schema; that text is void, and the model answers anew.
        problem: What did not fit, if it did not.
        number: Which call it was, from 1.
    """

    kind: ClassVar[Literal["round_ended"]] = "round_ended"
    why: Literal["tools", "shape"]
    problem: str = ""
    number: int = 1


@dataclass(frozen=True)
class Signature:
    """What the service wants back, unchanged, with this message in the next turn; only its dialect reads it."""

    kind: ClassVar[Literal["signature"]] = "signature"
    data: Mapping[str, Any]


@dataclass(frozen=True)
class TokenLogprobs:
    """Log-probabilities of tokens, as the server sent them (``token``, ``logprob``, ``top_logprobs``)."""

    kind: ClassVar[Literal["logprobs"]] = "logprobs"
    tokens: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class UsageReport:
    """The server's count of tokens, cumulative: the last one holds."""

    kind: ClassVar[Literal["usage"]] = "usage"
    usage: Usage
    cost: Cost | None = None


@dataclass(frozen=True)
class Ended:
    """The last event: how the call ended."""

    kind: ClassVar[Literal["ended"]] = "ended"
    state: State
    reason: str | None = None
    finish_reason: str | None = None
    error: ByomError | None = None
    attempts: int = 1
    warnings: tuple[str, ...] = ()


Event = Union[
    Progress,
    Retrying,
    Held,
    Opened,
    TextDelta,
    ReasoningDelta,
    Reclassified,
    ToolCallDelta,
    ImageMade,
    ToolAsked,
    ToolEnded,
    RoundEnded,
    Signature,
    TokenLogprobs,
    UsageReport,
    Ended,
]


@dataclass(frozen=True)
class Reply:
    """
    What came of one turn: the whole answer, or as much of it as arrived.

    A turn is one call, or several: after the results of tools, or when an answer did not fit its schema.

    Attributes:
        text: The answer; where tools were used, what was said after the last of them.
        reasoning: The model's reasoning, if it showed any.
        tool_calls: Tools that the model asked for and nobody has run.
        state: How the call ended (``str``: compares equal to the words in `State`).
        reason: The detail of the state, such as ``eof`` or ``first_token``.
        finish_reason: The server's own word, or None if it sent none.
        usage: Tokens as counted by the server.
        first_token_s: Seconds from the start of the call to the first piece of content.
        duration_s: Seconds from the start of the call to its end.
        cost: What it cost, if the prices are known or the server says so.
        model: The key of the model that was asked.
        served_model: The model's name as the server gave it.
        system_fingerprint: As the server gave it.
        request_id: The server's id of this request.
        attempts: How many times the request was sent.
        warnings: Oddities that did not stop the call.
        error: What `byom.ask` raised for this reply, or None.
        logprobs: Log-probabilities of the tokens, if asked for and sent.
        signatures: What the service wants back with this answer in the next turn.
        images: Images that the model made.
        parsed: The answer as the object that the schema asked for; None without a schema, or if it does not fit.
        tool_results: The tools that were asked for in this turn, with what came of each, in order.
        messages: What this turn adds to a conversation after the question: the model's messages, and tools' results.
        rounds: How many calls it took.
        reasoning_s: Seconds that the model spent on its reasoning, if it showed any.
        cached: Whether the answer was kept from an earlier call, and nothing was sent.
        form: How the text is shown: ``markdown``, or the format that was asked for; of an answer in a shape ``json``,
            or the ``value`` of a shape that is no object and is sent inside of one.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    state: State = State.CANCELLED
    reason: str | None = None
    finish_reason: str | None = None
    usage: Usage = Usage()
    first_token_s: float | None = None
    duration_s: float | None = None
    cost: Cost | None = None
    model: str | None = None
    served_model: str | None = None
    system_fingerprint: str | None = None
    request_id: str | None = None
    attempts: int = 1
    warnings: tuple[str, ...] = ()
    error: ByomError | None = None
    logprobs: tuple[Mapping[str, Any], ...] = ()
    signatures: tuple[Mapping[str, Any], ...] = ()
    images: tuple[Image, ...] = ()
    parsed: Any = None
    tool_results: tuple[ToolResult, ...] = ()
    messages: tuple[Message, ...] = ()
    rounds: int = 1
    reasoning_s: float | None = None
    cached: bool = False
    form: str = "markdown"

    @property
    def tokens_per_s(self) -> float | None:
        """
        Output tokens per second from the first token to the end; None where either is unknown.

        None of an answer with tools and of several calls, too: tools ran meanwhile, or a person was asked.
        """
        tokens = self.usage.output_tokens
        if tokens is None or self.duration_s is None or self.first_token_s is None:
            return None
        if self.rounds > 1 or self.tool_results:
            return None
        seconds = self.duration_s - self.first_token_s
        return tokens / seconds if seconds > 0 else None

    @property
    def state_text(self) -> str:
        """The state with its detail, such as ``incomplete(eof)``."""
        return f"{self.state}({self.reason})" if self.reason else str(self.state)

    def __repr__(self) -> str:
        start = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return f"Reply({start!r}, model={self.model!r}, state={self.state_text!r})"

    def __str__(self) -> str:
        return self.text

"""An answer as it is kept: plain JSON values, out of a reply and back into events."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from byom_magics.events import (
    Ended,
    ImageMade,
    Opened,
    ReasoningDelta,
    Signature,
    State,
    TextDelta,
    TokenLogprobs,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.messages import Image

if TYPE_CHECKING:
    from byom_magics.events import Event, Reply

__all__ = ["VERSION", "Kept", "events_of", "kept_of", "read", "written"]

VERSION = 1
"""Of what is written; another one is not read."""

_FINAL = (State.COMPLETE, State.LENGTH, State.TOOL_CALLS)


@dataclass(frozen=True)
class Kept:
    """
    What came of one call.

    Attributes:
        text: The answer.
        reasoning: The model's reasoning.
        tool_calls: What it asked for.
        state: How it ended: one of the states that are final.
        finish_reason: The server's own word.
        usage: Tokens as the server counted them then.
        served_model: The model's name in the answer.
        system_fingerprint: As the server gave it.
        request_id: The server's id of the request.
        signatures: What the service wants back with the message.
        logprobs: Log-probabilities of the tokens.
        images: Images that the model made.
        warnings: What was odd about it.
        when: When it was answered, in seconds since 1970.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    state: State = State.COMPLETE
    finish_reason: str | None = None
    usage: Usage = field(default_factory=Usage)
    served_model: str | None = None
    system_fingerprint: str | None = None
    request_id: str | None = None
    signatures: tuple[Mapping[str, Any], ...] = ()
    logprobs: tuple[Mapping[str, Any], ...] = ()
    images: tuple[Image, ...] = ()
    warnings: tuple[str, ...] = ()
    when: float = 0.0


def kept_of(reply: Reply) -> Kept | None:
    """What is kept of a reply; None if it did not come to an end that would be the same the next time."""
    if reply.state not in _FINAL or reply.error is not None:
        return None
    same = {each.name: getattr(reply, each.name) for each in fields(Kept) if each.name != "when"}
    return Kept(**same, when=time.time())


def events_of(kept: Kept) -> list[Event]:
    """The events of the call, as if they came now."""
    events: list[Event] = [Opened(kept.served_model, kept.request_id, kept.system_fingerprint)]
    if kept.reasoning:
        events.append(ReasoningDelta(kept.reasoning))
    if kept.text:
        events.append(TextDelta(kept.text))
    events += [ImageMade(image) for image in kept.images]
    events += [ToolCallDelta(at, call.id, call.name, call.arguments) for at, call in enumerate(kept.tool_calls)]
    events += [Signature(data) for data in kept.signatures]
    if kept.logprobs:
        events.append(TokenLogprobs(kept.logprobs))
    if kept.usage != Usage():
        events.append(UsageReport(kept.usage))
    return [*events, Ended(kept.state, finish_reason=kept.finish_reason, warnings=kept.warnings)]


def written(kept: Kept) -> dict[str, Any]:
    """The answer as JSON values."""
    values = {each.name: getattr(kept, each.name) for each in fields(Kept)}
    return {
        **values,
        "version": VERSION,
        "state": kept.state.value,
        "usage": asdict(kept.usage),
        "tool_calls": [asdict(call) for call in kept.tool_calls],
        "signatures": [dict(each) for each in kept.signatures],
        "logprobs": [dict(each) for each in kept.logprobs],
        "images": [{"data": image.base64, "media_type": image.media_type} for image in kept.images],
    }


def read(values: object) -> Kept | None:
    """An answer out of JSON values; None if they are none, or of another version."""
    if not isinstance(values, dict) or values.get("version") != VERSION:
        return None
    try:
        return Kept(
            text=_text(values["text"]),
            reasoning=_text(values["reasoning"]),
            tool_calls=tuple(ToolCall(**_texts(each)) for each in values["tool_calls"]),
            state=_state(values["state"]),
            finish_reason=_text_or_none(values["finish_reason"]),
            usage=Usage(**{name: _count(count) for name, count in values["usage"].items()}),
            served_model=_text_or_none(values["served_model"]),
            system_fingerprint=_text_or_none(values["system_fingerprint"]),
            request_id=_text_or_none(values["request_id"]),
            signatures=tuple(map(_mapping, values["signatures"])),
            logprobs=tuple(map(_mapping, values["logprobs"])),
            images=tuple(_image(each) for each in values["images"]),
            warnings=tuple(map(_text, values["warnings"])),
            when=float(values["when"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None  # another program's, or half of one


def _state(value: object) -> State:
    state = State(value)
    if state not in _FINAL:
        raise ValueError(value)
    return state


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _texts(value: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(each) for name, each in value.items()}


def _count(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError(value)
    if value is not None and value < 0:
        raise ValueError(value)
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _image(value: Mapping[str, object]) -> Image:
    return Image(base64.b64decode(_text(value["data"]), validate=True), _text(value["media_type"]))

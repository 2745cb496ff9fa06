"""
A conversation as a document: Markdown to be read, JSON to be read back. Pure.

In the Markdown all that was said stands in fences that it cannot break out of, so that no answer can pass for another
speaker, load a picture, or be markup where the file is opened.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.secrets import mask
from byom_magics.errors import ConversationError
from byom_magics.events import State, Usage
from byom_magics.messages import Image, Message, Text, ToolCall
from byom_magics.plain import one_line, visible
from byom_magics.talk.exchange import Exchange
from byom_magics.talk.history import Conversation

if TYPE_CHECKING:
    from byom_magics.messages import Part

__all__ = ["as_json", "as_markdown", "from_json"]

_FORMAT = "byom-conversation"
_VERSION = 1
_BACKTICKS = re.compile("`{3,}")
_UNSEEN = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]")
_ROLES = ("user", "assistant", "tool")


def as_markdown(conversation: Conversation, last: int | None = None) -> str:
    """
    The conversation as Markdown.

    Args:
        conversation: What is written.
        last: How many turns, from the last one back; None for all.
    """
    chosen = _last(conversation, last)
    count = len(conversation)
    which = f"the last {len(chosen):,} of {count:,} turns" if len(chosen) < count else _turns(count)
    blocks = [
        f"# {_inline(conversation.title[:1].upper() + conversation.title[1:])}",
        f"{which} · about {conversation.tokens:,} tokens",
    ]
    if conversation.origin:
        blocks.append(f"Begun with a copy of {_inline(conversation.origin)}.")
    if conversation.system:
        blocks += ["## System", _fenced(conversation.system)]
    for number, exchange, stale in chosen:
        blocks += _exchange(number, exchange, stale=stale)
    return mask("\n\n".join(blocks) + "\n")


def as_json(conversation: Conversation, last: int | None = None) -> str:
    """
    The conversation as JSON: all that is needed to read it back, images included.

    Args:
        conversation: What is written.
        last: How many turns, from the last one back; None for all.
    """
    turns = [{"turn": number, "stale": stale, **_written(each)} for number, each, stale in _last(conversation, last)]
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "model": conversation.model,
        "name": conversation.name,
        "system": conversation.system,
        "origin": conversation.origin,
        "turns": turns,
    }
    text = mask(json.dumps(document, indent=2, ensure_ascii=False, default=str))
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def from_json(text: str, model: str | None = None, name: str | None = None) -> Conversation:
    """
    Read a conversation back. Its turns belong to no cell.

    Args:
        text: What `as_json` has written.
        model: The key of the model that it goes on with; None for the one that it was with.
        name: What it is called from now on; None for what it was called.

    Raises:
        ConversationError: The text is no conversation as `as_json` writes it.
    """
    try:
        document = json.loads(text)
        _check_format(document["format"], document["version"])
        was = _text(document["model"]), _text(document.get("name", ""))
        conversation = Conversation(model or was[0], was[1] if name is None else name)
        system = document.get("system")
        conversation.system = None if system is None else _text(system)
        conversation.origin = _text(document.get("origin", ""))
        for turn in document["turns"]:
            conversation.add(_exchange_of(turn))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        told = f"{problem} is missing" if isinstance(problem, KeyError) else str(problem)
        what = f"This is no conversation that was saved as JSON: {one_line(told, 200)}"
        hint = "give a file that %byom_history --export FILE.json has written"
        raise ConversationError(what, hint=hint) from None
    return conversation


def _check_format(name: object, version: object) -> None:
    if (name, version) != (_FORMAT, _VERSION):
        raise ValueError(f"its format is {name!r}, version {version!r}, and not {_FORMAT!r}, version {_VERSION}")


def _last(conversation: Conversation, last: int | None) -> list[tuple[int, Exchange, bool]]:
    turns = zip(conversation.exchanges, conversation.stale, strict=False)
    numbered = [(number, exchange, stale) for number, (exchange, stale) in enumerate(turns, 1)]
    return numbered if last is None else numbered[max(0, len(numbered) - last) :]


def _turns(count: int) -> str:
    return f"{count:,} turn{'' if count == 1 else 's'}"


def _exchange(number: int, exchange: Exchange, *, stale: bool) -> Iterator[str]:
    for message in exchange.asked:
        yield f"## {number} · {'You' if message.role == 'user' else _inline(message.role)}"
        yield from _message(message)
    yield f"## {number} · {_inline(exchange.model or 'Model')}"
    for message in exchange.answered:
        yield from _message(message)
    yield from (_image(each) for each in exchange.images)
    facts = [exchange.when.isoformat(timespec="seconds"), _tokens(exchange)]
    if exchange.state is not State.COMPLETE:
        facts.insert(0, f"**{exchange.state}{f' ({_inline(exchange.reason)})' if exchange.reason else ''}**")
    if stale:
        facts.append("stale: a turn above it has changed since")
    yield " · ".join(facts)


def _message(message: Message) -> Iterator[str]:
    if message.role == "tool":
        yield f"Result of {_inline(message.tool_name or 'a tool')}:"
    if message.text:
        yield _fenced(message.text, "markdown" if message.role == "assistant" else "")
    yield from (_image(each) for each in message.images)
    for call in message.tool_calls:
        yield f"Asks for {_inline(call.name)}:"
        yield _fenced(call.arguments, "json")


def _tokens(exchange: Exchange) -> str:
    usage = exchange.usage
    counts = ((usage.input_tokens, "in"), (usage.output_tokens, "out"))
    counted = ", ".join(f"{count:,} {word}" for count, word in counts if count is not None)
    return f"tokens {counted}" if counted else f"about {exchange.tokens:,} tokens"


def _fenced(text: str, language: str = "") -> str:
    fence = "`" * (max((len(found) for found in _BACKTICKS.findall(text)), default=2) + 1)
    return f"{fence}{language}\n{visible(text)}\n{fence}"


def _inline(text: str) -> str:
    """A few words that are no markup, whatever is in them."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&!])", r"\\\1", one_line(text, 200))


def _image(image: Image) -> str:
    kind = _inline(image.media_type.removeprefix("image/"))
    return f"*[image, {_size(len(image.data))} {kind}]*"


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 1_000 else f"{count / 1_000:,.0f} kB"


def _written(exchange: Exchange) -> dict[str, Any]:
    return {
        "model": exchange.model,
        "when": exchange.when.isoformat(),
        "state": str(exchange.state),
        "reason": exchange.reason,
        "tokens": exchange.tokens,
        "usage": asdict(exchange.usage),
        "asked": [_written_message(each) for each in exchange.asked],
        "answered": [_written_message(each) for each in exchange.answered],
        "images": [_written_part(each) for each in exchange.images],
    }


def _written_message(message: Message) -> dict[str, Any]:
    content = message.content if isinstance(message.content, str) else [_written_part(each) for each in message.content]
    more = {
        "tool_calls": [asdict(each) for each in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "tool_name": message.tool_name,
        "signatures": [dict(each) for each in message.signatures],
    }
    kept = {name: value for name, value in more.items() if value}
    return {"role": message.role, "content": content, **kept}


def _written_part(part: Part) -> dict[str, str]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    return {"type": "image", "media_type": part.media_type, "base64": part.base64}


def _exchange_of(turn: Mapping[str, Any]) -> Exchange:
    usage = turn.get("usage", {})
    return Exchange(
        asked=_messages(turn["asked"]),
        answered=_messages(turn["answered"]),
        state=State(turn["state"]),
        reason=None if turn.get("reason") is None else _text(turn["reason"]),
        model=_text(turn.get("model", "")),
        usage=Usage(**{each.name: _count(usage.get(each.name)) for each in fields(Usage)}),
        when=_time(_text(turn["when"])),
        images=tuple(_read_image(each) for each in turn.get("images", [])),
    )


def _messages(given: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    return tuple(_read_message(each) for each in given)


def _read_message(given: Mapping[str, Any]) -> Message:
    if given["role"] not in _ROLES:
        raise ValueError(f"a role cannot be {given['role']!r}")
    content = given["content"]
    return Message(
        given["role"],
        content if isinstance(content, str) else tuple(_read_part(each) for each in content),
        tool_calls=tuple(
            ToolCall(_text(each["id"]), _text(each["name"]), _text(each["arguments"]))
            for each in given.get("tool_calls", [])
        ),
        tool_call_id=given.get("tool_call_id"),
        tool_name=given.get("tool_name"),
        signatures=tuple(dict(each) for each in given.get("signatures", [])),
    )


def _read_part(given: Mapping[str, Any]) -> Part:
    return Text(_text(given["text"])) if given["type"] == "text" else _read_image(given)


def _read_image(given: Mapping[str, Any]) -> Image:
    return Image(base64.b64decode(_text(given["base64"]), validate=True), _text(given["media_type"]))


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text is wanted")
    return value


def _count(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError(f"{type(value).__name__} where a number is wanted")
    return value

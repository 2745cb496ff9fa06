"""What servers send that no reader expects: a value of the wrong kind at every place of what they do send."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.events import (
    Event,
    ImageMade,
    Opened,
    ReasoningDelta,
    Reclassified,
    Signature,
    TextDelta,
    TokenLogprobs,
    ToolCallDelta,
    Usage,
    UsageReport,
)

if TYPE_CHECKING:
    from byom_magics.messages import Image

__all__ = ["DOCUMENTS", "VALUES", "mutated", "oddity"]

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    1.5,
    10**400,
    "",
    "odd",
    "\ud83d",
    [],
    [None],
    [[]],
    ["odd", 1, {}],
    {},
    {"odd": {"odd": []}},
    {"type": "odd", "text": 1, "id": [], "name": {}, "index": "x"},
)
"""Values that take the place of every other in turn."""

DOCUMENTS: tuple[bytes, ...] = (
    b"null",
    b"true",
    b"0",
    b"-1e308",
    b"1" * 5000,
    b'"text"',
    b'""',
    b"[]",
    b"[[]]",
    b"[null]",
    b"[1, 2]",
    b"{}",
    b'{"": null}',
    b"{",
    b"}",
    b"\xff\xfe",
    b'"\\ud800"',
    b"[DONE]",
    b"\x00",
    b"not json",
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"[" * 700 + b"]" * 700,
)
"""Whole events, and whole documents, that are none."""

_STARTS: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
_DEPTHS = (400, 3_000, 100_000)
_PLACE = "\ue000 here \ue000"  # letters that nobody sends


def mutated(document: object) -> Iterator[bytes]:
    """
    A JSON value in all its wrong forms.

    Each place in it (to a depth of eight, and the first three of a list) is given each of `VALUES`, is nested deep,
    and is left out.
    """
    for path in _paths(document, ()):
        for value in VALUES:
            yield json.dumps(_with(document, path, value)).encode()
        marked = json.dumps(_with(document, path, _PLACE)).encode()
        for depth in _DEPTHS:
            yield marked.replace(json.dumps(_PLACE).encode(), b"[" * depth + b"]" * depth)
            yield marked.replace(json.dumps(_PLACE).encode(), b'{"a":' * depth + b"1" + b"}" * depth)
        yield json.dumps(_without(document, path)).encode()


def oddity(event: Event) -> str | None:
    """What is wrong with an event, as it is: whoever takes it trusts its types. None if nothing is."""
    texts: list[object] = []
    if isinstance(event, (TextDelta, ReasoningDelta)):
        texts = [event.text]
    elif isinstance(event, ToolCallDelta):
        texts = [event.arguments, event.id or "", event.name or ""]
        if not _is_count(event.index):
            return f"the index of a tool call is {event.index!r}"
    elif isinstance(event, Opened):
        texts = [event.served_model or "", event.request_id or "", event.system_fingerprint or ""]
    elif isinstance(event, UsageReport):
        return _odd_usage(event.usage)
    elif isinstance(event, Signature):
        return None if isinstance(event.data, dict) else f"a signature of {type(event.data).__name__}"
    elif isinstance(event, TokenLogprobs):
        return next(filter(None, map(_odd_token, event.tokens)), None)
    elif isinstance(event, ImageMade):
        return _odd_image(event.image)
    elif not isinstance(event, Reclassified):
        return f"a reader does not give out {type(event).__name__}"
    return next((f"{text!r} in {type(event).__name__}" for text in texts if not _is_clean(text)), None)


def _odd_usage(usage: Usage) -> str | None:
    for name, count in vars(usage).items():
        if count is not None and not _is_count(count):
            return f"{name} is {str(count)[:50]}"
    return None


def _odd_token(token: object) -> str | None:
    """What is wrong with a token: a text, its number if there is one, and alternatives of the same kind."""
    others = token.get("top_logprobs", []) if isinstance(token, Mapping) else None
    if not isinstance(token, Mapping) or not isinstance(others, list):
        return f"a token of {type(token).__name__}, or alternatives that are no list"
    for each in (token, *others):
        number = each.get("logprob") if isinstance(each, Mapping) else ""
        known = isinstance(number, float) and math.isfinite(number)
        if not isinstance(each, Mapping) or not _is_clean(each.get("token")) or not (known or number is None):
            return f"the token {str(each)[:100]}"
    return None


def _odd_image(image: Image) -> str | None:
    data: object = image.data
    if isinstance(data, bytes) and data.startswith(_STARTS.get(image.media_type, ())):
        return None
    return f"an image of the kind {image.media_type!r} that begins with {str(data)[:40]!r}"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_clean(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _paths(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    if len(path) >= 8:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value[:3]):
            yield from _paths(item, (*path, index))


def _with(value: Any, path: tuple[Any, ...], new: object) -> Any:  # noqa: ANN401 - any JSON value
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


def _without(value: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401 - any JSON value
    if not path:
        return {}
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = _without(value[path[0]], path[1:])
    return copy

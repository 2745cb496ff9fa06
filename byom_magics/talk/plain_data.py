"""Lists, dicts, sets and their like as Python writes them, never longer than is wanted, however large or deep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from byom_magics.messages import Text
from byom_magics.talk.cutting import left_out
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.lineage import kind_of

__all__ = ["brief", "is_plain", "plain_data"]

_TEXTS = (str, bytes, bytearray)
_WRITERS: tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)
_KEY = 10_000  # characters of a dict's key
_COUNTED = 1_000_000  # characters beyond the limit that are still counted


def is_plain(value: object) -> bool:
    """Whether this is a list, tuple, dict, set or text of bytes that is written in Python's own way."""
    return type(value) in (bytes, bytearray) or _marks(value) is not None


def plain_data(value: Any, limit: int) -> Rendered:  # noqa: ANN401 - any container
    """
    The value as Python writes it.

    Args:
        value: One that `is_plain`.
        limit: How many characters may be sent.
    """
    text, shown, missing, whole = _written(value, limit)
    if not missing:
        return Rendered(kind_of(value), (Text(text),))
    total = len(value)
    marks = left_out(missing, at_least=not whole)
    note = marks.replace("more characters were", "characters", 1)
    if type(value) not in (bytes, bytearray) and 0 < shown < total:
        note = f"{shown:,} of {total:,} elements"
        marks = f"{marks}; {note} are shown"
    return Rendered(kind_of(value), (Text(f"{text}… ({marks})"),), note=note, cut=True)


def brief(value: object, limit: int) -> str:
    """Any value as Python writes it, with a ``…`` after ``limit`` characters."""
    text, _, missing, _ = _written(value, limit)
    return f"{text}…" if missing else text


def _written(value: object, limit: int) -> tuple[str, int, int, bool]:
    """The beginning of the text, how many elements are whole in it, how much is missing, whether all was counted."""
    kept: list[str] = []
    seen = cut = shown = 0
    for piece, complete, rest in _pieces(value, limit):
        if seen + cut < limit:
            kept.append(piece)
        seen += len(piece)
        cut += rest
        if seen + cut <= limit:
            shown = complete
        if seen > limit + _COUNTED:
            return "".join(kept)[:limit], shown, seen + cut - limit, False
    return "".join(kept)[:limit], shown, max(seen + cut - limit, 0), True


def _pieces(value: object, limit: int) -> Iterator[tuple[str, int, int]]:
    """Pieces of the text; with each, how many outermost elements are whole by then, and by how much it was cut."""
    marks = _marks(value)
    if marks is None:
        text, rest = _leaf(value, limit)
        yield text, 0, rest
        return
    complete = 0
    inside = {id(value)}
    opened = [(id(value), _elements(value), marks[1])]
    yield marks[0], 0, 0
    while opened:
        identity, elements, end = opened[-1]
        found = next(elements, None)
        if found is None:
            opened.pop()
            inside.discard(identity)
            complete += len(opened) == 1
            yield end, complete, 0
            continue
        lead, element = found
        yield lead, complete, 0
        marks = _marks(element)
        if marks is not None and id(element) not in inside:
            inside.add(id(element))
            opened.append((id(element), _elements(element), marks[1]))
            yield marks[0], complete, 0
            continue
        text, rest = _leaf(element, limit) if marks is None else (f"{marks[0]}...{marks[1]}", 0)
        complete += len(opened) == 1
        yield text, complete, rest


def _marks(value: Any) -> tuple[str, str] | None:  # noqa: ANN401 - any value
    """How the container begins and ends; None if it is none, or writes itself in a way of its own."""
    kind = type(value)
    if not issubclass(kind, (list, tuple, dict, set, frozenset)):
        return None
    written = kind.__repr__
    if written is list.__repr__:
        return "[", "]"
    if written is dict.__repr__:
        return "{", "}"
    if written is tuple.__repr__:
        return "(", ",)" if len(value) == 1 else ")"
    if written is not set.__repr__ and written is not frozenset.__repr__:
        return None
    if not value:
        return f"{kind_of(value)}(", ")"
    return ("{", "}") if kind is set else (f"{kind_of(value)}({{", "})")


def _elements(value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - any container
    between = ""
    if isinstance(value, dict):
        for key, element in value.items():
            yield f"{between}{_leaf(key, _KEY)[0]}: ", element
            between = ", "
        return
    for element in value:
        yield between, element
        between = ", "


def _leaf(value: Any, limit: int) -> tuple[str, int]:  # noqa: ANN401 - any value
    if issubclass(type(value), _TEXTS) and type(value).__repr__ in _WRITERS:
        return repr(value[:limit]), max(len(value) - limit, 0)
    return repr(value), 0

"""Lists, dicts, sets and their like as Python writes them, never longer than is wanted, however large or deep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from byom_magics.messages import Text
from byom_magics.talk.cutting import left_out
from byom_magics.talk.expansion import Rendered
from byom_magics.talk.lineage import kind_of

__all__ = ["brief", "is_plain", "plain_data"]

_CONTAINERS: dict[Any, tuple[str, str]] = {
    list.__repr__: ("[", "]"),
    tuple.__repr__: ("(", ")"),
    dict.__repr__: ("{", "}"),
    set.__repr__: ("{", "}"),
    frozenset.__repr__: ("frozenset({", "})"),
}
_TEXTS = (str, bytes, bytearray)
_WRITERS: tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)
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
    length = shown = 0
    whole = True
    for piece, complete, sliced in _pieces(value, limit):
        length += len(piece)
        whole = whole and not sliced
        if length - len(piece) < limit:
            kept.append(piece)
        if length <= limit:
            shown = complete
        if length > limit + _COUNTED:
            whole = False
            break
    return "".join(kept)[:limit], shown, max(length - limit, 0), whole


def _pieces(value: object, limit: int) -> Iterator[tuple[str, int, bool]]:
    """Pieces of the text, each with the number of the outermost elements before it and whether it is cut itself."""
    marks = _marks(value)
    if marks is None:
        text, sliced = _leaf(value, limit)
        yield text, 0, sliced
        return
    complete = 0
    open_containers = [(id(value), _elements(value), _end(value))]
    inside = {id(value)}
    yield _start(value), 0, False
    while open_containers:
        identity, elements, end = open_containers[-1]
        found = next(elements, None)
        if found is None:
            open_containers.pop()
            inside.discard(identity)
            complete += len(open_containers) == 1
            yield end, complete, False
            continue
        lead, element = found
        yield lead, complete, False
        begin = _marks(element)
        if begin is None:
            text, sliced = _leaf(element, limit)
            complete += len(open_containers) == 1
            yield text, complete, sliced
        elif id(element) in inside:
            yield f"{begin[0]}...{begin[1]}", complete, False
        else:
            yield _start(element), complete, False
            inside.add(id(element))
            open_containers.append((id(element), _elements(element), _end(element)))


def _marks(value: object) -> tuple[str, str] | None:
    """How the container begins and ends; None if it is none, or writes itself in a way of its own."""
    if not issubclass(type(value), (list, tuple, dict, set, frozenset)):
        return None
    return _CONTAINERS.get(type(value).__repr__)


def _start(value: Any) -> str:  # noqa: ANN401 - any container
    if isinstance(value, (set, frozenset)) and not value:
        return f"{kind_of(value)}("
    start = _CONTAINERS[type(value).__repr__][0]
    own = type(value) not in (set, frozenset) and isinstance(value, (set, frozenset))
    return f"{kind_of(value)}({{" if own else start


def _end(value: Any) -> str:  # noqa: ANN401 - any container
    if isinstance(value, (set, frozenset)) and not value:
        return ")"
    if isinstance(value, tuple) and len(value) == 1:
        return ",)"
    own = type(value) not in (set, frozenset) and isinstance(value, (set, frozenset))
    return "})" if own else _CONTAINERS[type(value).__repr__][1]


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


_KEY = 10_000


def _leaf(value: Any, limit: int) -> tuple[str, bool]:  # noqa: ANN401 - any value
    if issubclass(type(value), _TEXTS) and type(value).__repr__ in _WRITERS:
        sliced = len(value) > limit
        return repr(value[:limit] if sliced else value), sliced
    return repr(value), False

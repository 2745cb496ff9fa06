"""Checks of single values that a person gives, each with a message that says what can be given instead."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from byom_magics.errors import RegistrationError, SetupError
from byom_magics.plain import visible

__all__ = [
    "flag",
    "is_number",
    "mapping",
    "nearest",
    "number",
    "one_line",
    "optional_line",
    "shown",
    "text",
    "texts",
    "whole",
    "word",
]

_WORD = re.compile(r"[^\s\-%{}'\"`$\\][^\s{}'\"`$\\]*")
_LONGEST_WORD = 200
_SHOWN = 60


def shown(value: object, *, quoted: bool = False) -> str:
    """A value as it is repeated in a message: bounded, and with nothing hidden in it."""
    return visible(repr(value) if quoted else str(value))[:_SHOWN]


def mapping(
    what: str, value: object, error: type[SetupError] = RegistrationError, *, kind: type | None = None
) -> dict[Any, Any]:
    """A mapping, as one of its own; empty for None. An instance of ``kind``, a dataclass, is as good as one."""
    if value is None:
        return {}
    if kind is not None and isinstance(value, kind):
        return {each.name: getattr(value, each.name) for each in fields(kind)}
    if not isinstance(value, Mapping):
        message = f"The {what} cannot be {shown(value, quoted=True)}."
        raise error(message, hint=f"give a mapping of names to values as {what}")
    return dict(value)


def is_number(value: object) -> bool:
    """Whether it is a number, which True and False are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def word(value: object) -> bool:
    """Whether it is one word that can be typed after a magic: the key of a model, the name of an endpoint."""
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_WORD
        and _WORD.fullmatch(value) is not None
        and value.isprintable()
    )


def text(what: str, value: object) -> str:
    """A text, of as many lines as it has."""
    if not isinstance(value, str):
        message = f"The {what} cannot be {shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"give a text as {what}")
    return value


def one_line(what: str, value: object) -> str:
    """A text of one line that is not empty, without the blanks around it."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        message = f"The {what} is empty, or has characters that cannot be sent."
        raise RegistrationError(message, hint=f"give one line of text as the {what}")
    return value.strip()


def optional_line(what: str, value: object) -> str | None:
    """The same, or None."""
    return None if value is None else one_line(what, value)


def texts(what: str, value: object, *, lines: bool = True) -> tuple[str, ...]:
    """Several texts that are not empty, or a single one; each of one line unless ``lines`` is False."""
    if value is None:
        return ()
    if isinstance(value, str):
        given: tuple[Any, ...] = (value,)
    else:
        given = tuple(value) if isinstance(value, Iterable) and not isinstance(value, (Mapping, bytes)) else (None,)
    if not all(isinstance(each, str) and each.strip(None if lines else "") for each in given):
        message = f"The {what} cannot be {shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"give a text, or several, as {what}")
    return tuple(one_line(what, each) for each in given) if lines else given


def flag(what: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        message = f"The value of {what} cannot be {shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"give True or False as {what}")
    return value


def number(what: str, value: Any, most: float = math.inf) -> float | None:  # noqa: ANN401 - whatever was given
    """A number of 0 or more, or None."""
    if value is None or (is_number(value) and 0 <= value <= most and value != math.inf):
        given: float | None = value
        return given
    message = f"The {what} cannot be {shown(value, quoted=True)}."
    wanted = "a number of 0 or more" if most == math.inf else f"a number from 0 to {most:g}"
    raise RegistrationError(message, hint=f"give {wanted} as {what}")


def whole(what: str, value: object, least: int | None = None) -> int | None:
    """A whole number, of ``least`` or more, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
        message = f"The {what} cannot be {shown(value, quoted=True)}."
        more = "" if least is None else f" of {least} or more"
        raise RegistrationError(message, hint=f"give a whole number{more} as {what}")
    return value


def nearest(what: str, name: object, names: Iterable[str]) -> str:
    """What to do about a name that there is not: the nearest ones, or all."""
    import difflib  # noqa: PLC0415 - only for a message

    known = list(names)
    near = difflib.get_close_matches(str(name)[:100], known, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"the {what} are {', '.join(known[:30])}" if known else f"there are no {what} yet"

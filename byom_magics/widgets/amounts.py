"""Numbers as people type them into a field: ``0.5``, ``128k``, ``1,000,000``; nothing for no number."""

from __future__ import annotations

import re

from byom_magics.errors import OptionError
from byom_magics.plain import visible

__all__ = ["amount", "count"]

_FORM = re.compile(r"(\d{1,3}(?:[ ,_'\u00a0\u202f]\d{3})+|\d{1,15})?(\.\d{0,15})?\s?([kKmM]?)")
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def amount(what: str, text: str, *, most: float | None = None) -> float | None:
    """
    Read a number of 0 or more; None if nothing was typed.

    Args:
        what: What it is, for the message.
        text: What was typed; ``k`` and ``M`` behind it are thousands and millions.
        most: The largest that it can be; None for no limit.

    Raises:
        OptionError: It is no such number.
    """
    typed = text.strip()
    if not typed:
        return None
    found = _FORM.fullmatch(typed)
    if found is None or not re.search(r"\d", typed):
        message = f"The {what} cannot be '{visible(typed)[:40]}'."
        raise OptionError(message, hint="type a number such as 0.5, 500 or 128k, or leave it empty")
    digits = re.sub(r"\D", "", found[1] or "0")
    value = round(float(f"{digits}{found[2] or ''}") * _TIMES[found[3].lower()], 12)
    if most is not None and value > most:
        message = f"The {what} cannot be {value:g}."
        raise OptionError(message, hint=f"type a number from 0 to {most:g}, or leave it empty")
    return value


def count(what: str, text: str) -> int | None:
    """
    Read a whole number of 1 or more; None if nothing was typed.

    Raises:
        OptionError: It is no such number.
    """
    value = amount(what, text)
    if value is not None and (value < 1 or value != int(value)):
        message = f"The {what} cannot be {value:g}."
        raise OptionError(message, hint="type a whole number such as 500 or 128k, or leave it empty")
    return None if value is None else int(value)

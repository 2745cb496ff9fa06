"""The smallest parts of a JSON text: escapes in strings, numbers, literals."""

from __future__ import annotations

import re

__all__ = ["LONGEST_RUN", "may_be_scalar", "unescaped"]

# As much of a number or a literal as is looked at while it is still arriving.
LONGEST_RUN = 20

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_OF_NUMBERS = re.compile(r"[-+.0-9eE]*")
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_HEX = re.compile(r"[0-9a-fA-F]*")
_LOW = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_MAYBE_LOW = re.compile(r"(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]{0,2})?)?)?)?")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescaped(text: str, at: int) -> tuple[str, int] | None:
    """Give the character of the escape, and the position behind it; None if it is not whole."""
    sign = text[at + 1 : at + 2]
    if not sign:
        return None
    if sign != "u":
        return _ESCAPES.get(sign, "\\" + sign), at + 2
    digits = _HEX.match(text, at + 2, at + 6).group()  # type: ignore[union-attr]
    if len(digits) < 4:
        return None if at + 2 + len(digits) == len(text) else ("\\u", at + 2)
    code = int(digits, 16)
    if 0xD800 <= code < 0xDC00:
        low = _LOW.match(text, at + 6)
        if low is not None:
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00), at + 12
        if _MAYBE_LOW.fullmatch(text, at + 6):
            return None
    return chr(code), at + 6


def may_be_scalar(run: str, part: str, *, ended: bool) -> bool:
    """Whether this is how a number or a literal begins, and, if it has ended, one."""
    if any(literal == run if ended else literal.startswith(run) for literal in _LITERALS):
        return True
    if not run or run[0] not in "-0123456789" or not _OF_NUMBERS.fullmatch(part):
        return False
    return not ended or len(run) == LONGEST_RUN or _NUMBER.fullmatch(run) is not None

"""Passwords that stand in code and in addresses, taken out before it is sent to a model."""

from __future__ import annotations

import re

__all__ = ["hide_passwords"]

_HIDDEN = "[password hidden]"
_IN_ADDRESS = re.compile(r"(://[^\s/:@'\"]{0,200}:)[^\s/@'\"]{1,500}(?=@)")
# A name that has nothing but "key" or "token" in it is most often no secret: of a dict, of a tokenizer.
_NAME = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|credentials?"
    r"|(?:api|access|account|private)_?key|(?:auth|access|bearer)_?token)"
)
_LITERAL = re.compile(
    rf"({_NAME}\w{{0,40}}['\"]?\]?\s{{0,20}}(?::\s{{0,20}}\w{{1,40}}\s{{0,20}})?[=:]\s{{0,20}}[rbuf]?)"
    r"(?P<quote>['\"])(?!env:|keyring:|file:|command:)[^'\"\n]{1,2000}(?P=quote)",
    re.IGNORECASE,
)


def hide_passwords(text: str) -> str:
    """
    Replace texts in quotes that are given to what is named like a password or a key, and passwords in addresses.

    References such as ``env:NAME`` stay: they tell where a key is, and not what.

    Args:
        text: Code, a traceback, or how values are shown.
    """
    text = _IN_ADDRESS.sub(rf"\1{_HIDDEN}", text)
    return _LITERAL.sub(rf"\1\g<quote>{_HIDDEN}\g<quote>", text)

"""Whether a text in a file is a key itself, where only a reference to it should stand."""

from __future__ import annotations

import re

__all__ = ["is_reference", "is_secret_header"]

_REFERENCE = re.compile(r"ask|env:[A-Za-z_][A-Za-z0-9_]*|(?:keyring|file|command):.+")
_SECRET_HEADER = re.compile(
    r"authorization|cookie|api[-_]?key|secret|password|(?:^|[-_])(?:key|token|auth)$", re.IGNORECASE
)
_SECRET_VALUE = re.compile(r"(?:bearer|basic)\s", re.IGNORECASE)


def is_reference(text: str) -> bool:
    """Whether a text says where a key is, and is none itself."""
    return _REFERENCE.fullmatch(text) is not None


def is_secret_header(name: str, value: str) -> bool:
    """Whether a header's value seems to be a key."""
    return not is_reference(value) and bool(_SECRET_HEADER.search(name) or _SECRET_VALUE.match(value))

"""
The tokeniser of the built-in models: words, punctuation and whitespace.

A token is a word or a run of one punctuation mark, with the space before it if there is one; or a run of line
ends with the indentation that follows; or a run of spaces. Nothing is lost: the tokens joined are the text.
"""

from __future__ import annotations

import re

__all__ = ["border", "split"]

_TOKEN = re.compile(r"\n+ *| {2,}| ?\w+| ?([^\w\s])\1*|\s")
_WORD = re.compile(r"\w+")


def split(text: str) -> list[str]:
    """The tokens of a text."""
    return [match.group() for match in _TOKEN.finditer(text)]


def border(token: str) -> str:
    """
    What of a token decides which tokens can follow it or stand after another: its shape, words reduced to one letter.

    Two tokens can be neighbours in a text if and only if their borders can.
    """
    return _WORD.sub("w", token)

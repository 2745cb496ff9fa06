"""A text between fences, so that a model sees where it begins and ends."""

from __future__ import annotations

import re

__all__ = ["fenced"]

_RUN = re.compile("`{3,}")


def fenced(text: str, language: str = "") -> str:
    """
    The text between lines of backticks, more of them than it has anywhere itself.

    Args:
        text: Any text.
        language: What stands after the first fence, such as ``python``.
    """
    longest = max((len(run) for run in _RUN.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{fence}"

"""What a docstring says of a function and its parameters, in whichever of the usual styles it is written."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Documented", "documented"]


@dataclass(frozen=True)
class Documented:
    """
    What is said of a function.

    Attributes:
        text: What it does.
        parameters: What each of its parameters means, by name.
    """

    text: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def documented(function: object) -> Documented:
    """What the docstring of a function says, in the style of Google, NumPy, Sphinx or Epydoc; empty if it has none."""
    import docstring_parser  # noqa: PLC0415 - loaded with the first tool

    text = inspect.getdoc(function) or ""
    if not isinstance(getattr(function, "__doc__", None), str) or not text.strip():
        return Documented()
    try:
        parsed = docstring_parser.parse(text)
    except Exception:  # noqa: BLE001 - a docstring that it cannot read is still one that a model can
        return Documented(text)
    parts = [part.strip() for part in (parsed.short_description, parsed.long_description) if part]
    meanings: dict[str, str] = {}
    for parameter in parsed.params:
        # NumPy's style tells several at once: ``x, y : float``.
        for name in parameter.arg_name.split(","):
            meanings[name.strip().lstrip("*")] = " ".join((parameter.description or "").split())
    return Documented("\n\n".join(parts), meanings)

"""A type as a model is told it: its JSON Schema, and what builds its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from byom_magics.plain import visible

__all__ = ["Described", "Misfit", "Undescribable", "words_of"]

_LONGEST = 300


class Undescribable(ValueError):  # noqa: N818 - it tells what a type is
    """There is no JSON Schema for a type; the message says why."""


class Misfit(ValueError):  # noqa: N818 - it tells what a value is
    """
    A value is not of a type.

    Args:
        problems: What does not fit, each with its path.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Described:
    """
    A type for a model.

    Attributes:
        schema: Its JSON Schema, with all definitions in its own ``$defs``.
        build: Makes a value of the type from a JSON value; raises `Misfit`.
    """

    schema: dict[str, Any]
    build: Callable[[Any], Any] = field(repr=False, compare=False)


def words_of(problem: BaseException) -> str:
    """What an error says, bounded and visible; the name of its class if it says nothing."""
    try:
        said = str(problem)
    except Exception:  # noqa: BLE001 - an error of the person's own
        said = ""
    said = visible(said[: 2 * _LONGEST]) or type(problem).__name__
    return said if len(said) <= _LONGEST else said[:_LONGEST] + "…"

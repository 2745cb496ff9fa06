"""Assertions that say what was expected, under any test runner and without its help."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["fail", "require", "same"]

_SHOWN = 2000


def fail(what: str) -> NoReturn:
    """The contract is broken: say how."""
    raise AssertionError(what)


def require(condition: object, what: str) -> None:
    """Something has to hold; ``what`` says what is wrong if it does not."""
    if not condition:
        fail(what)


def same(found: object, expected: object, what: str) -> None:
    """Two values have to be equal."""
    if found != expected:
        fail(f"{what}\n  found:    {repr(found)[:_SHOWN]}\n  expected: {repr(expected)[:_SHOWN]}")

"""What a server's refusal teaches about it, so that the same request can be made in a way that it takes: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Quirks

__all__ = ["Adjustment", "adjusted", "left_out"]


@dataclass(frozen=True)
class Adjustment:
    """
    One difference of a server from what was thought of it.

    Attributes:
        quirk: The field of `Quirks` that says it.
        value: What it is to be; for ``without``, the field (dots go down into objects) that is no longer sent.
        note: What to tell the person, such as ``sent without 'seed': the server refuses it``.
    """

    quirk: str
    value: Any
    note: str


def adjusted(quirks: Quirks, adjustments: Sequence[Adjustment]) -> Quirks:
    """The quirks with what was learnt."""
    for each in adjustments:
        if each.quirk != "without":
            quirks = replace(quirks, **{each.quirk: each.value})
    return replace(quirks, without=(*quirks.without, *left_out(adjustments)))


def left_out(adjustments: Iterable[Adjustment]) -> tuple[str, ...]:
    """The fields that are no longer sent."""
    return tuple(each.value for each in adjustments if each.quirk == "without")

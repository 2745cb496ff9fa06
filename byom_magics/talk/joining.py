"""The calls of one turn as one reply: counts are added up, texts stay in their order."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from byom_magics.events import Cost, Usage

if TYPE_CHECKING:
    from byom_magics.events import Reply

__all__ = ["Finished", "joined"]

_ALWAYS_COUNTED = ("input_tokens", "output_tokens", "total_tokens")


@dataclass(frozen=True)
class Finished:
    """
    A call of a turn that others followed.

    Attributes:
        reply: What came of it, results of tools included.
        void: Whether its answer was thrown away, since it did not fit.
    """

    reply: Reply
    void: bool = False


def joined(finished: Sequence[Finished], last: Reply, begun: float) -> Reply:
    """
    The reply of the turn.

    Args:
        finished: The calls before the last one.
        last: What came of the last one.
        begun: When the first one began, on the monotonic clock.
    """
    if not finished:
        return last
    kept = [each.reply for each in finished if not each.void]
    calls = [*(each.reply for each in finished), last]
    times = [each.reasoning_s for each in calls if each.reasoning_s is not None]
    return replace(
        last,
        reasoning="\n\n".join(each.reasoning for each in (*kept, last) if each.reasoning),
        usage=_usage(calls),
        cost=_cost(calls),
        first_token_s=calls[0].first_token_s,
        duration_s=time.monotonic() - begun,
        attempts=max(each.attempts for each in calls),
        warnings=tuple(dict.fromkeys(warning for each in calls for warning in each.warnings)),
        images=tuple(image for each in (*kept, last) for image in each.images),
        tool_results=tuple(result for each in (*kept, last) for result in each.tool_results),
        messages=tuple(message for each in (*kept, last) for message in each.messages),
        rounds=len(calls),
        reasoning_s=sum(times) if times else None,
        cached=all(each.cached for each in calls),
    )


def _usage(calls: Sequence[Reply]) -> Usage:
    return Usage(**{field.name: _sum(field.name, calls) for field in fields(Usage)})


def _sum(name: str, calls: Iterable[Reply]) -> int | None:
    counts: list[int | None] = [getattr(each.usage, name) for each in calls]
    known = [count for count in counts if count is not None]
    # What one call does not tell of itself is unknown of the whole; parts of a count are left out by many that are 0.
    if not known or (name in _ALWAYS_COUNTED and len(known) < len(counts)):
        return None
    return sum(known)


def _cost(calls: Sequence[Reply]) -> Cost | None:
    costs = [each.cost for each in calls if each.cost is not None]
    if len(costs) < len(calls) or len({cost.currency for cost in costs}) > 1:
        return None
    return Cost(sum(costs), costs[0].currency)

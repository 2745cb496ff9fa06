"""What several answers to one question are marked with: the fastest, the cheapest, the shortest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from byom_magics.events import Reply, State
from byom_magics.show.word_diff import count_words

__all__ = ["MARKS", "marks"]

FASTEST, FIRST_TOKEN, CHEAPEST, SHORTEST = MARKS = ("fastest", "first token", "cheapest", "shortest")


def marks(replies: Sequence[Reply | None], words: Sequence[int] | None = None) -> tuple[tuple[str, ...], ...]:
    """
    Mark the answers that are best at something, in the order of the columns.

    Only answers that the server called complete compete, at least two of them, and not if all are alike: ``fastest``
    and ``first token`` by time, ``cheapest`` by costs in one currency, ``shortest`` by words. Those that reached the
    length limit began like all others, so they compete for the first token; where none is complete, for time and price
    too. What came from the cache tells nothing of a model's time and price. All that share a first place get its mark.

    Args:
        replies: A reply per column, None where nothing came.
        words: How many words each answer has, if they are counted already.

    Returns:
        The marks of each column.
    """
    good = {place: reply for place, reply in enumerate(replies) if reply is not None and reply.error is None}
    whole = {place: reply for place, reply in good.items() if reply.state == State.COMPLETE}
    begun = {place: reply for place, reply in good.items() if reply.state in (State.COMPLETE, State.LENGTH)}
    counted = [count_words(reply.text) if reply else 0 for reply in replies] if words is None else words
    sent = {place: reply for place, reply in (whole or begun).items() if not reply.cached}
    ranked: tuple[tuple[str, Mapping[int, float | None]], ...] = (
        (FASTEST, {place: reply.duration_s for place, reply in sent.items()}),
        (FIRST_TOKEN, {place: reply.first_token_s for place, reply in begun.items() if not reply.cached}),
        (CHEAPEST, _costs(sent)),
        (SHORTEST, {place: counted[place] for place, reply in whole.items() if reply.text.strip()}),
    )
    won = [(mark, _lowest(values)) for mark, values in ranked]
    return tuple(tuple(mark for mark, places in won if place in places) for place in range(len(replies)))


def _costs(replies: Mapping[int, Reply]) -> dict[int, float | None]:
    known = {place: reply.cost for place, reply in replies.items() if reply.cost is not None}
    alike = len({cost.currency for cost in known.values()}) == 1
    return {place: float(cost) for place, cost in known.items()} if alike else {}


def _lowest(values: Mapping[int, float | None]) -> set[int]:
    known = {place: value for place, value in values.items() if value is not None}
    best = {place for place, value in known.items() if value == min(known.values())}
    return best if len(best) < len(known) else set()

"""What a conversation has taken so far, and what its next question takes along: tokens, context, money. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.events import Cost, Usage
from byom_magics.messages import Message
from byom_magics.talk.estimate import tokens_in
from byom_magics.talk.turn import cost_of
from byom_magics.talk.window import room_for

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Reply
    from byom_magics.talk.exchange import Exchange
    from byom_magics.talk.history import Conversation

__all__ = ["Bill", "bill_of", "meter"]


@dataclass(frozen=True)
class Bill:
    """
    What one turn took.

    Attributes:
        usage: Tokens as the server counted them.
        cost: What it cost; None if nobody knows.
    """

    usage: Usage
    cost: Cost | None


def bill_of(spec: ModelSpec | None, exchange: Exchange, reply: Reply | None = None) -> Bill:
    """
    Give what a turn took.

    Args:
        spec: The model that it was asked of, for its prices; None if it is no longer registered.
        exchange: The turn.
        reply: Its reply, if that is known: it knows what the server charged.
    """
    if reply is not None:
        return Bill(reply.usage, reply.cost)
    return Bill(exchange.usage, None if spec is None else cost_of(spec.prices, exchange.usage))


def meter(
    spec: ModelSpec, conversation: Conversation, bills: Sequence[Bill], *, replaced: int = 0, limit: int | None = None
) -> list[str]:
    """
    Say what a conversation took and takes, each fact in a few words.

    Args:
        spec: The model that is asked next.
        conversation: The conversation.
        bills: What each of its answers took.
        replaced: How many of these are no longer in it, since they were asked anew.
        limit: The longest answer, in tokens, if one is set.
    """
    said = [_turns(len(conversation), replaced)]
    tokens = ", ".join(
        part
        for part in (
            _sum((each.usage.input_tokens for each in bills), "in"),
            _sum((each.usage.output_tokens for each in bills), "out"),
        )
        if part
    )
    said += [f"tokens {tokens}"] if tokens else []
    return [*said, *_cost(spec, bills), *_next(spec, conversation, limit)]


def _turns(count: int, replaced: int) -> str:
    more = f" and {replaced:,} replaced answer{'' if replaced == 1 else 's'}" if replaced else ""
    return f"{count:,} turn{'' if count == 1 else 's'}{more}"


def _sum(counts: Iterable[int | None], word: str) -> str:
    listed = list(counts)
    known = [count for count in listed if count is not None]
    if not known:
        return ""
    return f"{_least(len(known), len(listed))}{sum(known):,} {word}"


def _cost(spec: ModelSpec, bills: Sequence[Bill]) -> list[str]:
    known = [each.cost for each in bills if each.cost is not None]
    if not known:
        if spec.builtin or not bills:
            return []
        prices = {"--price-in": spec.prices.input, "--price-out": spec.prices.output}
        missing = ", ".join(option for option, price in prices.items() if price is None)
        why = f"the model has no prices ({missing})" if missing else "the server does not count tokens"
        return [f"cost unknown: {why}"]
    sums: dict[str, float] = {}
    for cost in known:
        sums[cost.currency] = sums.get(cost.currency, 0.0) + float(cost)
    amounts = " + ".join(str(Cost(amount, currency)) for currency, amount in sums.items())
    return [f"cost {_least(len(known), len(bills))}{amounts}"]


def _least(known: int, of: int) -> str:
    return "" if known == of else "at least "


def _next(spec: ModelSpec, conversation: Conversation, limit: int | None) -> list[str]:
    system = conversation.system or spec.system
    before = [Message("system", system)] if system else []
    tokens = conversation.tokens + tokens_in(before)
    if not tokens:
        return [f"context {spec.context_window:,} tokens"] if spec.context_window else []
    said = f"the next question takes about {tokens:,} tokens along"
    window = spec.context_window
    if not window:
        return [said]
    said += f", {_percent(tokens / window)} of the context of {window:,}"
    room = room_for(window, before, answer=spec.max_tokens if limit is None else limit)
    if room is not None and conversation.tokens > room:
        said += f"; the oldest turns stay behind, {room:,} fit"
    return [said]


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")

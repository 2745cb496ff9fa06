"""What a call took and cost, wherever a service that speaks chat completions says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from byom_magics.events import Cost, Usage
from byom_magics.wire.dialects.values import count_of

__all__ = ["cost_of", "usage_of", "usage_of_timings"]

# The xAI API counts money in ticks of 10⁻¹⁰ US dollars.
_USD_PER_TICK = 1e-10
_DEAREST = 1e18  # more is no amount, in either


def usage_of(usage: Mapping[str, Any]) -> Usage | None:
    """
    Tokens from a ``usage`` object; None if it only says zero, which some servers send for "not counted".

    Cached tokens: OpenAI's details, DeepSeek's ``prompt_cache_hit_tokens``. Reasoning tokens: OpenAI's details,
    Perplexity's own field; xAI leaves them out of ``completion_tokens`` but not out of the total.
    """
    given = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    total = count_of(usage.get("total_tokens"))
    if not any(given) and not total:
        return None
    prompt, completion = given
    cached = count_of(_detail(usage, "prompt_tokens_details", "cached_tokens"))
    if cached is None:
        cached = count_of(usage.get("prompt_cache_hit_tokens"))
    reasoning = count_of(_detail(usage, "completion_tokens_details", "reasoning_tokens"))
    if reasoning is None:
        reasoning = count_of(usage.get("reasoning_tokens"))
    if prompt is not None and completion is not None and reasoning and total == prompt + completion + reasoning:
        completion += reasoning
    return Usage(prompt, completion, total, cached, reasoning)


def cost_of(usage: Mapping[str, Any]) -> Cost | None:
    """What the server says that the call cost, in US dollars: OpenRouter, Perplexity, xAI."""
    cost = usage.get("cost")
    if isinstance(cost, dict):
        cost = cost.get("total_cost")
    if cost is None and usage.get("cost_in_usd_ticks") is not None:
        ticks = usage["cost_in_usd_ticks"]
        cost = ticks * _USD_PER_TICK if _is_amount(ticks) else None
    return Cost(cost) if _is_amount(cost) else None


def usage_of_timings(timings: Mapping[str, Any]) -> Usage | None:
    """llama.cpp's own counts, for when it was not asked for usage: prompt tokens are those not taken from cache."""
    fresh, cached, output = (count_of(timings.get(name)) for name in ("prompt_n", "cache_n", "predicted_n"))
    if fresh is None and output is None:
        return None
    prompt = None if fresh is None else fresh + (cached or 0)
    total = None if prompt is None or output is None else prompt + output
    return Usage(prompt, output, total, cached)


def _is_amount(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _DEAREST


def _detail(usage: Mapping[str, Any], group: str, name: str) -> object:
    details = usage.get(group)
    return details.get(name) if isinstance(details, dict) else None

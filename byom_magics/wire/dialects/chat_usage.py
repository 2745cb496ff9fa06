"""What a call took and cost, wherever a service that speaks chat completions says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from byom_magics.events import Cost, Usage

__all__ = ["cost_of", "usage_of", "usage_of_timings"]

# The xAI API counts money in ticks of 10⁻¹⁰ US dollars.
_USD_PER_TICK = 1e-10


def usage_of(usage: Mapping[str, Any]) -> Usage | None:
    """
    Tokens from a ``usage`` object; None if it only says zero, which some servers send for "not counted".

    Cached tokens: OpenAI's details, DeepSeek's ``prompt_cache_hit_tokens``. Reasoning tokens: OpenAI's details,
    Perplexity's own field; xAI leaves them out of ``completion_tokens`` but not out of the total.
    """
    given = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    total = _count(usage.get("total_tokens"))
    if not any(given) and not total:
        return None
    prompt, completion = given
    cached = _count(_detail(usage, "prompt_tokens_details", "cached_tokens"))
    if cached is None:
        cached = _count(usage.get("prompt_cache_hit_tokens"))
    reasoning = _count(_detail(usage, "completion_tokens_details", "reasoning_tokens"))
    if reasoning is None:
        reasoning = _count(usage.get("reasoning_tokens"))
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
        cost = ticks * _USD_PER_TICK if isinstance(ticks, (int, float)) else None
    return Cost(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) and cost >= 0 else None


def usage_of_timings(timings: Mapping[str, Any]) -> Usage | None:
    """llama.cpp's own counts, for when it was not asked for usage: prompt tokens are those not taken from cache."""
    fresh, cached, output = (_count(timings.get(name)) for name in ("prompt_n", "cache_n", "predicted_n"))
    if fresh is None and output is None:
        return None
    prompt = None if fresh is None else fresh + (cached or 0)
    total = None if prompt is None or output is None else prompt + output
    return Usage(prompt, output, total, cached)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _detail(usage: Mapping[str, Any], group: str, name: str) -> object:
    details = usage.get(group)
    return details.get(name) if isinstance(details, dict) else None

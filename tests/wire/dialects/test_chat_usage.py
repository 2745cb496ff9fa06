"""What a call took and cost, wherever services say so."""

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.events import Usage
from tests.wire.answers import DONE, chunk, chunked, data, head, payload, sse
from tests.wire.asking import Outcome, ask, expect
from tests.wire.raw_server import RawServer


def streamed(*chunks: bytes, finish: str = "stop") -> Outcome:
    """What comes of a stream of these chunks and a good end."""
    with RawServer([chunked(*chunks, chunk(finish=finish), DONE)]) as server:
        return ask(server)


# Usage and cost

COUNTS = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
PLAIN = Usage(3, 5, 8)

USAGES: list[tuple[str, list[bytes], Usage]] = [
    ("a chunk of its own", [chunk("Yes."), data({"choices": [], "usage": COUNTS})], PLAIN),
    ("null on all others", [chunk("Yes.", usage=None), data({"choices": [], "usage": COUNTS})], PLAIN),
    ("a chunk with an empty delta", [chunk("Yes."), data({**payload(), "usage": COUNTS})], PLAIN),
    ("on the chunk with the finish reason", [chunk("Yes."), chunk(finish="stop", usage=COUNTS)], PLAIN),
    ("growing on every chunk: the last one holds", [chunk("Y", usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}), chunk("es.", usage=COUNTS)], PLAIN),
    ("groq's place", [chunk("Yes."), chunk(finish="stop", x_groq={"id": "r", "usage": COUNTS})], PLAIN),
    ("groq's both places", [chunk("Yes."), chunk(finish="stop", usage=COUNTS, x_groq={"id": "r", "usage": COUNTS})], PLAIN),
    ("inside the choice", [chunk("Yes."), data({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": COUNTS}]})], PLAIN),
    ("zeros mean unknown", [chunk("Yes.", usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})], Usage()),
    ("zeros before the count", [chunk("Yes.", usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}), chunk(finish="stop", usage=COUNTS)], PLAIN),
    ("openai's details", [chunk("Yes.", usage={**COUNTS, "prompt_tokens_details": {"cached_tokens": 2}, "completion_tokens_details": {"reasoning_tokens": 4}})], Usage(3, 5, 8, 2, 4)),
    ("null details", [chunk("Yes.", usage={**COUNTS, "prompt_tokens_details": None, "completion_tokens_details": None})], PLAIN),
    ("deepseek's cache", [chunk("Yes.", usage={**COUNTS, "prompt_cache_hit_tokens": 2, "prompt_cache_miss_tokens": 1})], Usage(3, 5, 8, 2)),
    ("xai's reasoning beside the completion", [chunk("Yes.", usage={"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 15, "completion_tokens_details": {"reasoning_tokens": 7}})], Usage(3, 12, 15, None, 7)),
    ("perplexity's reasoning", [chunk("Yes.", usage={**COUNTS, "reasoning_tokens": 4})], Usage(3, 5, 8, None, 4)),
    ("llama.cpp's timings", [chunk("Yes."), chunk(finish="stop", timings={"cache_n": 2, "prompt_n": 1, "predicted_n": 5, "predicted_ms": 1.5})], Usage(3, 5, 8, 2)),
    ("no total", [chunk("Yes.", usage={"prompt_tokens": 3, "completion_tokens": 5})], Usage(3, 5, None)),
    ("nothing", [chunk("Yes.")], Usage()),
]  # fmt: skip


@pytest.mark.parametrize(("chunks", "usage"), [pytest.param(*row[1:], id=row[0]) for row in USAGES])
def test_usage_is_found_where_the_service_puts_it(chunks: list[bytes], usage: Usage) -> None:
    reply = expect(streamed(*chunks), "complete", text="Yes.").reply
    found = reply.usage
    assert (found.input_tokens, found.output_tokens) == (usage.input_tokens, usage.output_tokens)
    assert found.total_tokens in (usage.total_tokens, 8 if usage.total_tokens is None and usage.input_tokens else None)
    assert (found.cached_input_tokens, found.reasoning_tokens) == (usage.cached_input_tokens, usage.reasoning_tokens)


def test_usage_that_comes_after_the_finish_reason_and_late_is_waited_for() -> None:
    with RawServer(
        [chunked(chunk("Yes."), chunk(finish="stop"), b": ping\n\n", data({"choices": [], "usage": COUNTS}), DONE)]
    ) as server:
        assert expect(ask(server), "complete").reply.usage == PLAIN


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({**COUNTS, "cost": 0.25}, 0.25),
        ({**COUNTS, "cost": {"input_tokens_cost": 0.1, "total_cost": 0.25}}, 0.25),
        ({**COUNTS, "cost_in_usd_ticks": 2_500_000_000}, 0.25),
    ],
    ids=["openrouter", "perplexity", "xai"],
)
def test_the_cost_that_a_server_tells_is_kept(usage: dict[str, Any], cost: float) -> None:
    found = expect(streamed(chunk("Yes.", usage=usage)), "complete").reply.cost
    assert found == pytest.approx(cost)
    assert found is not None
    assert found.currency == "USD"


def test_the_cost_in_a_header_is_kept() -> None:
    with RawServer([head("200 OK", "text/event-stream", "x-litellm-response-cost: 0.25") + sse("Yes.")]) as server:
        assert expect(ask(server), "complete").reply.cost == pytest.approx(0.25)


def test_prices_of_the_registration_give_the_cost_where_the_server_tells_none() -> None:
    with RawServer(
        [
            chunked(
                chunk(
                    "Yes.", usage={"prompt_tokens": 1_000_000, "completion_tokens": 500_000, "total_tokens": 1_500_000}
                ),
                sse(),
            )
        ]
    ) as server:
        found = expect(ask(server, price_in=2.0, price_out=4.0, currency="EUR"), "complete").reply.cost
    assert found == pytest.approx(4.0)
    assert found is not None
    assert found.currency == "EUR"

"""Chunks per second: `byom.stream` against bare httpx and the OpenAI SDK, in turn, over the same server."""

from __future__ import annotations

import statistics

from tests.benchmarks import clients, origin
from tests.benchmarks.figures import Figure, at_least, note, show, spread

__all__ = ["TITLE", "measure"]

TITLE = "Throughput: 20,000 small events, one in each HTTP chunk"

_COUNT = 20_000
_PLANS = {"ready": "all sent beforehand", "burst": "one send for each"}


def measure(rounds: int = 7) -> list[Figure]:
    """
    Read the same answer with each client, round by round.

    Args:
        rounds: How often; the first round more is not counted.
    """
    figures: list[Figure] = []
    with origin.running() as server:
        for plan, words in _PLANS.items():
            with clients.opened(server.url(f"{plan}/{_COUNT}")) as readers:
                figures += _compared(words, readers, rounds)
    return figures


def _compared(words: str, readers: clients.Clients, rounds: int) -> list[Figure]:
    ways = {"httpx": readers.bare, "byom": readers.byom, "batches": readers.byom_batches, "sdk": readers.sdk}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            if name == "sdk" and number > max(3, rounds // 2):
                continue  # it takes ten times as long as the others
            reading = way()
            assert reading.pieces >= _COUNT, (name, reading)
            if number:
                rates[name].append(_COUNT / reading.seconds)
    of_httpx = [ours / bare for ours, bare in zip(rates["byom"], rates["httpx"], strict=True)]
    of_sdk = [ours / theirs for ours, theirs in zip(rates["byom"], rates["sdk"], strict=False)]
    batches = [ours / bare for ours, bare in zip(rates["batches"], rates["httpx"], strict=True)]
    return [
        at_least(f"byom.stream / bare httpx, {words}", statistics.median(of_httpx), 0.7),
        at_least(f"byom.stream / OpenAI SDK, {words}", statistics.median(of_sdk), 8),
        note("  ratio to httpx, by rounds", spread(of_httpx)),
        note("  in batches, as cells and byom.ask read", spread(batches)),
        *(note(f"  {name}, chunks/s", spread(rates[name], ",.0f")) for name in ways),
    ]


if __name__ == "__main__":
    show(TITLE, measure())

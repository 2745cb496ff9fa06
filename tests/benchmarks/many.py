"""Thirty-two answers at once, each in a thread, against one."""

from __future__ import annotations

import statistics
import threading
import time

import byom_magics as byom
from tests.benchmarks import origin
from tests.benchmarks.figures import Figure, at_most, exactly, note, show, spread

__all__ = ["TITLE", "measure"]

TITLE = "Many at once: 32 streams of 150 tokens, 50 tokens/s each"

_STREAMS = 32
_TOKENS = 150
_RATE = 50


def measure(rounds: int = 3) -> list[Figure]:
    """
    Time one stream and then all of them, in turn.

    Args:
        rounds: How often.
    """
    with origin.running() as server:
        byom.register("bench", url=server.url(f"paced/{_TOKENS}/{_RATE}"))
        _run(1)
        alone, together, used, whole = [], [], [], 0
        for _ in range(rounds):
            alone.append(_run(1)[0])
            busy = time.process_time()
            seconds, complete = _run(_STREAMS)
            together.append(seconds)
            used.append((time.process_time() - busy) / seconds)
            whole += complete
    ratio = statistics.median(several / one for several, one in zip(together, alone, strict=True))
    return [
        at_most("time of 32 / time of one", ratio, 1.1),
        exactly("complete answers", whole, rounds * _STREAMS),
        note("  one, s", spread(alone)),
        note("  32 together, s", spread(together)),
        note("  share of one core while 32 run", spread(used)),
    ]


def _run(streams: int) -> tuple[float, int]:
    """Seconds until the last of them has ended, and how many had all their tokens."""
    counts: list[int] = []

    def one() -> None:
        with byom.stream("bench", "Hello") as events:
            counts.append(sum(event.kind == "text" for event in events))

    threads = [threading.Thread(target=one) for _ in range(streams)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, counts.count(_TOKENS)


if __name__ == "__main__":
    show(TITLE, measure())

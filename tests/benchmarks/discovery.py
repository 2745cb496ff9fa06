"""How long it takes to find the servers of this machine, also where ports swallow what is sent to them."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from byom_magics import finding
from byom_magics.session import Session
from tests.benchmarks import origin
from tests.benchmarks.figures import Figure, at_most, exactly, note, show, spread
from tests.catalog.model_servers import OLLAMA, recorded, serving
from tests.wire.raw_server import RawServer, hold, never_accepts

__all__ = ["TITLE", "measure"]

TITLE = "Discovery: all known ports at once, four of which never answer"

_FRESH = """
import sys, time
from byom_magics import session
current = session.current()
began = time.perf_counter()
from byom_magics import finding
found, _ = finding.discover(current, ports=[int(port) for port in sys.argv[1:]])
print(time.perf_counter() - began, len(found))
"""


def measure(rounds: int = 5) -> list[Figure]:
    """
    Look for servers again and again: two that answer, and four ports that do not.

    Args:
        rounds: How often.
    """
    with ExitStack() as stack:
        swallow = [stack.enter_context(RawServer([hold])).port for _ in range(2)]
        swallow += [urlsplit(stack.enter_context(never_accepts())).port or 0 for _ in range(2)]
        answer = [stack.enter_context(serving(each)).port for each in (OLLAMA, recorded("vllm"))]
        silent = [_seconds([*swallow, *answer]) for _ in range(rounds)]
        quick = [_seconds(answer) for _ in range(rounds)]
        fresh, found = _fresh([*swallow, *answer])
    return [
        at_most("with four ports that never answer, the slowest round", max(silent), 1, "s"),
        at_most("the same in a fresh process, the client's loading included", fresh, 1, "s"),
        exactly("servers found in it", found, 2),
        note("  with four ports that never answer, s", spread(silent)),
        note("  where all answer, s", spread(quick, ".3f")),
    ]


def _seconds(ports: list[int]) -> float:
    session = Session()
    began = time.perf_counter()
    finding.discover(session, ports=ports)
    took = time.perf_counter() - began
    session.close()
    return took


def _fresh(ports: list[int]) -> tuple[float, int]:
    command = [sys.executable, "-c", _FRESH, *map(str, ports)]
    run = subprocess.run(command, cwd=origin.ROOT, check=True, capture_output=True, text=True, timeout=60)
    took, found = run.stdout.split()
    return float(took), int(found)


if __name__ == "__main__":
    show(TITLE, measure())

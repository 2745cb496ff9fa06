"""Time to the first event over a warm connection, and what the first call does not load."""

from __future__ import annotations

import statistics
import subprocess
import sys

from tests.benchmarks import clients, origin
from tests.benchmarks.figures import Figure, at_most, exactly, note, show

__all__ = ["TITLE", "measure"]

TITLE = "First event: median of 200 calls over a warm connection"

_CALLS = 200
_LOADED = """
import ssl, sys
from importlib import import_module
loads = []
for name in ("load_verify_locations", "load_default_certs", "set_default_verify_paths"):
    def counted(self, *args, _name=name, _real=getattr(ssl.SSLContext, name), **options):
        loads.append(_name)
        return _real(self, *args, **options)
    setattr(ssl.SSLContext, name, counted)
import byom_magics as byom
byom.register("bench", url=sys.argv[1])
assert byom.ask("bench", "Hello").text
print(len(loads))
"""


def measure(calls: int = _CALLS) -> list[Figure]:
    """
    Ask for the same short answer again and again, with httpx and with `byom.stream` in turn.

    The first piece comes at once, with the head of the response, and the others later, as from a model.

    Args:
        calls: How often each.
    """
    with origin.running() as server:
        url = server.url("paced/4/400")
        with clients.opened(url) as readers:
            readers.bare()
            readers.byom()
            before = server.connections()
            bare, ours = [], []
            for _ in range(calls):
                bare.append(readers.bare().first_s * 1000)
                ours.append(readers.byom().first_s * 1000)
            opened = server.connections() - before
        command = [sys.executable, "-c", _LOADED, url]
        loaded = subprocess.run(command, cwd=origin.ROOT, check=True, capture_output=True, text=True, timeout=60)
    ratio = statistics.median(ours) / statistics.median(bare)
    return [
        at_most("first event, byom.stream / bare httpx", ratio, 1.5),
        note("  bare httpx, ms: median, 95th percentile", _quantiles(bare)),
        note("  byom.stream, ms: median, 95th percentile", _quantiles(ours)),
        exactly(f"connections opened by {2 * calls} further calls", opened, 0),
        exactly("loads of certificate authorities for an http address", int(loaded.stdout), 0),
    ]


def _quantiles(values: list[float]) -> str:
    return f"{statistics.median(values):.3f}, {statistics.quantiles(values, n=20)[-1]:.3f}"


if __name__ == "__main__":
    show(TITLE, measure())

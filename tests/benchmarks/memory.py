"""Memory over an answer of a million chunks, in processes of their own, as the operating system counts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import byom_magics as byom
from byom_magics.events import TextDelta
from tests.benchmarks import origin
from tests.benchmarks.figures import Figure, at_most, note, show

__all__ = ["TITLE", "measure"]

TITLE = "Memory: an answer of a million chunks"

_COUNT = 1_000_000
_MB = 1e6


def measure(count: int = _COUNT) -> list[Figure]:
    """
    Read a long answer by `byom.stream` (events thrown away) and by `byom.ask`.

    Args:
        count: How many chunks, a multiple of 1,000.
    """
    if not Path("/proc/self/status").exists():
        return [note("memory", "not measured: there is no /proc here")]
    figures: list[Figure] = []
    with origin.running() as server:
        for way in ("stream", "ask"):
            command = [sys.executable, "-m", "tests.benchmarks.memory", way, server.address, str(count)]
            run = subprocess.run(command, cwd=origin.ROOT, check=True, capture_output=True, text=True, timeout=600)
            text, peak, left = json.loads(run.stdout)
            figures += [
                at_most(f"byom.{way}: growth / size of the text, at the peak", peak / text, 3),
                note(
                    "  text, peak growth, growth at the end, MB",
                    ", ".join(f"{x / _MB:.1f}" for x in (text, peak, left)),
                ),
            ]
    return figures


def _child(way: str, address: str, count: int) -> None:
    byom.register("warm", url=f"{address}/ready/1000/v1")
    byom.register("bench", url=f"{address}/ready/{count}/v1")
    _read(way, "warm")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = _status("VmRSS")
    size = _read(way, "bench")
    print(json.dumps([size, _status("VmHWM") - before, _status("VmRSS") - before]))


def _read(way: str, model: str) -> int:
    if way == "ask":
        return len(byom.ask(model, "Hello").text)
    with byom.stream(model, "Hello") as events:
        return sum(len(event.text) for event in events if isinstance(event, TextDelta))


def _status(name: str) -> int:
    """A line of the process's status, in bytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) * 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        show(TITLE, measure())

"""Eight columns side by side in a real kernel: what they cost it, how far they are behind, and how long they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.benchmarks import iopub, origin
from tests.benchmarks.figures import Figure, at_most, note, show

__all__ = ["TITLE", "measure"]

TITLE = "Comparing: 8 columns of 50 tokens/s each, in a real kernel"

_COLUMNS = 8
_RATE = 50
_TOKENS = 750
_WORD = re.compile(r"\bz[a-h]([a-y]{5})\b")
_TAG = re.compile(r"<[^>]*>")


def measure(tokens: int = _TOKENS) -> list[Figure]:
    """
    Ask one model in a cell, then eight at once.

    Args:
        tokens: Of each answer.
    """
    environment = {"PYTHONPATH": str(origin.ROOT)}
    with origin.running() as server, iopub.kernel(**environment) as client:
        iopub.run(client, "%load_ext byom_magics\nimport time")
        for number in range(_COLUMNS):
            url = server.url(f"clock/{tokens}/{_RATE}/z{'abcdefgh'[number]}")
            assert not iopub.run(client, f"%byom_register m{number} --url {url}").error
        keys = " ".join(f"m{number}" for number in range(_COLUMNS))
        for warm in ("%%byom m0 --max-tokens 1\nHi", "%%byom_compare demo/bigram demo/5gram --max-tokens 3\nHi"):
            assert not iopub.run(client, warm).error
        alone = _timed(client, "%%byom m0\nHi")
        together = _timed(client, f"%%byom_compare {keys}\nHi")
    late = sorted(_lateness(together.measured))
    # Two that were sent in the same millisecond are the same word.
    assert len(late) > 0.98 * tokens * _COLUMNS, f"{len(late)} of {tokens * _COLUMNS} tokens were shown"
    text = tokens * _COLUMNS * 8
    return [
        at_most("share of one core that the kernel takes", together.busy_s / together.seconds, 0.40),
        at_most("oldest token that a column did not show yet, ms", late[-1] * 1000, 200),
        note("  the same: median, 99th percentile, ms", f"{_at(late, 0.5) * 1000:.0f}, {_at(late, 0.99) * 1000:.0f}"),
        at_most("time of 8 / time of one", together.seconds / alone.seconds, 1.1),
        at_most("IOPub bytes per byte of the answers", together.measured.size / text, 60),
        note("  seconds of one, of 8", f"{alone.seconds:.2f}, {together.seconds:.2f}"),
        note("  IOPub messages in a second", f"{len(together.measured.messages) / together.seconds:.0f}"),
    ]


class _Timed:
    def __init__(self, measured: iopub.Measured, busy_s: float, seconds: float) -> None:
        self.measured, self.busy_s, self.seconds = measured, busy_s, seconds


def _timed(client: Any, code: str) -> _Timed:
    iopub.run(client, "_busy, _began = time.process_time(), time.monotonic()")
    measured = iopub.run(client, code)
    assert not measured.error, measured.error
    told = iopub.run(client, "print(time.process_time() - _busy, time.monotonic() - _began)").outputs[0]["text"]
    busy_s, seconds = map(float, told.split())
    return _Timed(measured, busy_s, seconds)


def _lateness(measured: iopub.Measured) -> Iterator[float]:
    """For each token, seconds from when it was sent until a message showed it in a column."""
    seen: set[str] = set()
    for message in measured.messages:
        for value in _values(message.kind, message.content):
            for word in _WORD.finditer(_TAG.sub(" ", value)):
                if word[0] not in seen:
                    seen.add(word[0])
                    yield message.at_s - origin.stamped(word[1], message.at_s)


def _values(kind: str, content: Any) -> Iterator[str]:
    """What a message lets a column show: a piece of it while it streams, the whole at the end."""
    data = content.get("data", {})
    if kind in ("comm_open", "comm_msg") and isinstance(data.get("state", {}).get("value"), str):
        yield data["state"]["value"]
    elif kind == "update_display_data":
        yield data.get("text/html", "")


def _at(ordered: list[float], part: float) -> float:
    return ordered[int(part * (len(ordered) - 1))]


if __name__ == "__main__":
    show(TITLE, measure())

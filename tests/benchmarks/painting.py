"""What a streaming cell costs on a kernel's IOPub socket, and how far it is behind its text."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tests.benchmarks import answers, iopub, origin
from tests.benchmarks.figures import Figure, at_most, exactly, note, show

__all__ = ["TITLE", "measure"]

TITLE = "Painting: an answer in pieces of four characters, 200 in a second, in a real kernel"

_RATE = 200
_SIZES = {8_000: 30, 84_000: 40}
_TAG = re.compile(r"<[^>]*>")
_OTHER = re.compile(r"[\W_]+")
_HIDDEN = re.compile(r"^(?:```python|\d+\.)(?=\s)", re.MULTILINE)  # drawn in another way, or not at all


def measure(sizes: tuple[int, ...] = tuple(_SIZES)) -> list[Figure]:
    """
    Run a cell that asks for an answer of each size.

    Args:
        sizes: In characters; those of `_SIZES` have targets.
    """
    figures: list[Figure] = []
    environment = {"PYTHONPATH": str(origin.ROOT)}
    with origin.running() as server, iopub.kernel(**environment) as client:
        iopub.run(client, "%load_ext byom_magics")
        for size in sizes:
            url = server.url(f"markdown/{size}/{_RATE}")
            assert not iopub.run(client, f"%byom_register bench{size} --url {url}").error
            measured = iopub.run(client, f"%%byom bench{size}\nHow does the with statement work?")
            assert not measured.error, measured.error
            figures += _judged(size, measured, server.sent())
        for size in sizes:
            url = server.url(f"json/{size}/{_RATE}")
            assert not iopub.run(client, f"%byom_register json{size} --url {url}").error
            measured = iopub.run(client, f"%%byom json{size} --format json\nHow does the with statement work?")
            assert not measured.error, measured.error
            figures += _judged_json(size, measured)
    return figures


def _judged_json(size: int, measured: iopub.Measured) -> list[Figure]:
    name, sent = f"{size // 1000} kB of JSON", len(answers.in_json(size))
    return [
        at_most(f"{name}: IOPub bytes per byte of the answer", measured.size / sent, _SIZES.get(size, 40)),
        at_most(f"{name}: most outputs while it streams", measured.most_outputs, 40),
        exactly(f"{name}: outputs when it has ended", len(measured.outputs), 1),
        note("  longest gap between two paintings, ms", f"{max(measured.gaps()) * 1000:.0f}"),
    ]


def _judged(size: int, measured: iopub.Measured, sent: list[float]) -> list[Figure]:
    name = f"{size // 1000} kB"
    painted = [m for m in measured.messages if m.kind in {"display_data", "update_display_data", "clear_output"}]
    late = _lateness(size, measured, sent)
    seconds = sent[-1] - sent[0]
    return [
        at_most(f"{name}: IOPub bytes per byte of the answer", measured.size / size, _SIZES.get(size, 40)),
        at_most(f"{name}: IOPub messages in a second", len(measured.messages) / seconds, 20),
        at_most(f"{name}: most outputs while it streams", measured.most_outputs, 40),
        exactly(f"{name}: outputs when it has ended", len(measured.outputs), 1),
        at_most(f"{name}: oldest text that was not on the socket yet, ms", late[-1] * 1000, 150),
        note("  the same: median, 99th percentile, ms", f"{_at(late, 0.5) * 1000:.0f}, {_at(late, 0.99) * 1000:.0f}"),
        note("  paintings, longest gap between two, ms", f"{len(painted)}, {max(measured.gaps()) * 1000:.0f}"),
        note("  seconds at the server", f"{seconds:.1f}"),
    ]


def _lateness(size: int, measured: iopub.Measured, sent: list[float]) -> list[float]:
    """
    For each piece, seconds from when the server sent it until a message showed it; in ascending order.

    Compared are letters and digits, which Markdown neither adds nor takes away (numbers of lists and names of languages aside).
    """
    text = answers.markdown(size)
    wanted = _letters(_HIDDEN.sub("", text))
    needed = list(accumulate(_letters_in_pieces(text)))
    shown, found, late = _Screen(), 0, []
    for message in measured.messages:
        if not shown.apply(message):
            continue
        visible = shown.letters()
        count = _agreement(visible, wanted)
        while found < len(needed) and needed[found] <= count:
            late.append(max(0.0, message.at_s - sent[found]))
            found += 1
    assert found == len(needed), (
        f"only {found} of {len(needed)} pieces were shown: {wanted[needed[found] - 20 : needed[found] + 20]}"
    )
    return sorted(late)


def _letters_in_pieces(text: str) -> list[int]:
    """How many letters of each piece are shown."""
    hidden = {at for found in _HIDDEN.finditer(text) for at in range(found.start(), found.end())}
    counts = [0] * len(answers.pieces(text))
    for at, character in enumerate(text):
        if at not in hidden and not _OTHER.match(character):
            counts[at // 4] += 1
    return counts


@dataclass
class _Output:
    display: str
    letters: str


class _Screen:
    """The outputs of the cell, as the letters that they show."""

    def __init__(self) -> None:
        self._outputs: list[_Output] = []
        self._clearing = False

    def apply(self, message: iopub.Message) -> bool:
        """Do what a front end does; whether something changed."""
        content: Any = message.content
        if message.kind == "clear_output":
            self._clearing = content["wait"]
            if not self._clearing:
                self._outputs.clear()
            return False
        if message.kind not in {"display_data", "update_display_data"}:
            return False
        letters = _letters(html.unescape(_TAG.sub("", content["data"].get("text/html", ""))))
        display = content["transient"].get("display_id", "")
        if message.kind == "update_display_data":
            for output in self._outputs:
                if output.display == display:
                    output.letters = letters
            return True
        if self._clearing:
            self._outputs.clear()
            self._clearing = False
        self._outputs.append(_Output(display, letters))
        return True

    def letters(self) -> str:
        """All that is shown."""
        return "".join(output.letters for output in self._outputs)


def _agreement(visible: str, wanted: str) -> int:
    """How many letters from the beginning are those that are wanted."""
    low, high = 0, min(len(visible), len(wanted))
    while low < high:
        middle = (low + high + 1) // 2
        if visible[:middle] == wanted[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _letters(text: str) -> str:
    return _OTHER.sub("", text)


def _at(ordered: list[float], part: float) -> float:
    return ordered[int(part * (len(ordered) - 1))]


if __name__ == "__main__":
    show(TITLE, measure())

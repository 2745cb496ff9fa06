"""Cells of the notebook as a model can read them: what was run, what it gave, what it raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_middle
from byom_magics.talk.estimate import tokens_of_text
from byom_magics.talk.expansion import Expansion, Item
from byom_magics.talk.fence import fenced

__all__ = ["Cell", "told"]

_SOURCE = 8_000
_OUTPUT = 4_000


@dataclass(frozen=True)
class Cell:
    """
    One cell that ran.

    Attributes:
        number: Its number in the notebook.
        source: What was run.
        output: What it printed and gave, as text.
        error: The traceback of what it raised.
    """

    number: int
    source: str
    output: str = ""
    error: str = ""


def told(cells: Sequence[Cell]) -> Expansion:
    """The cells as they are sent, the oldest first, each cut where it is long."""
    texts, cut = [], 0
    for cell in cells:
        parts = [f"Cell [{cell.number}]:"]
        kinds = ((cell.source, _SOURCE, "python"), (cell.output, _OUTPUT, "output"), (cell.error, _OUTPUT, "error"))
        for text, limit, language in kinds:
            if text.strip():
                shown, missing = cut_middle(text.strip("\n"), limit)
                cut += missing
                parts.append(fenced(shown, language))
        texts.append("\n".join(parts))
    whole = "\n\n".join(texts)
    if not whole:
        return Expansion()
    note = f"{cut:,} characters left out" if cut else ""
    name = f"the last {len(cells)} cells" if len(cells) > 1 else "the last cell"
    item = Item(name, "cells", len(whole), tokens=tokens_of_text(whole), note=note, cut=bool(cut))
    return Expansion((Text(whole),), (item,))

"""Cells of a notebook as a model reads them: source, output and error, bounded each and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from byom_magics.messages import Text
from byom_magics.talk.cutting import cut_middle
from byom_magics.talk.expansion import Expansion, Rendered, item_of, joined
from byom_magics.talk.fence import fenced

__all__ = ["Cell", "cells_text", "told"]

LIMIT = 40_000

# Characters of a source, an output and an error, where there is no room for more.
_SIZES = ((8_000, 4_000, 4_000), (4_000, 2_000, 3_000), (2_000, 600, 1_500), (800, 200, 800))


@dataclass(frozen=True)
class Cell:
    """
    A cell that was run, or that stands in a file.

    Attributes:
        number: Its number in the notebook; 0 where it has none.
        source: What was typed.
        output: What it printed and showed, as text.
        error: What it raised, with its traceback.
        language: What its source is written in; ``markdown`` for text.
    """

    number: int
    source: str
    output: str = ""
    error: str = ""
    language: str = "python"


def cells_text(cells: Sequence[Cell], limit: int = LIMIT, *, whole: bool = False) -> Rendered:
    """
    The cells as text, oldest first, each with what came of it.

    Args:
        cells: In the order in which they were run.
        limit: How many characters may be sent. Long sources, outputs and errors lose their middles first; then the
            oldest cells go.
        whole: Whether nothing is cut as long as all of it fits.
    """
    texts: list[str] = []
    cut = False
    for sizes in (*([(limit, limit, limit)] if whole else []), *_SIZES):
        written = [_told(cell, sizes) for cell in cells]
        texts, cut = [text for text, _ in written], any(each for _, each in written)
        if sum(map(len, texts)) + 2 * len(texts) <= limit:
            break
    gone = 0
    length = sum(map(len, texts)) + 2 * len(texts)
    while length > limit and gone < len(texts) - 1:
        length -= len(texts[gone]) + 2
        gone += 1
    notes = [f"{len(texts) - gone:,} of {len(texts):,} cells"] if gone else []
    if cut:
        notes.append("long ones cut")
    lead = [f"(The {gone:,} cells before these were left out.)"] if gone else []
    text = "\n\n".join([*lead, *texts[gone:]])
    kind = "1 cell" if len(cells) == 1 else f"{len(cells):,} cells"
    return Rendered(kind, (Text(text),) if text else (), ", ".join(notes), cut=bool(notes), block=True)


def told(cells: Sequence[Cell], limit: int = LIMIT) -> Expansion:
    """The last cells of the notebook as they go with a prompt, with words before them; empty if there are none."""
    if not cells:
        return Expansion()
    rendered = cells_text(cells, limit)
    several = len(cells) > 1
    words = "The last cells of my notebook, the oldest first:" if several else "The last cell of my notebook:"
    item = item_of(f"the last {len(cells)} cells" if several else "the last cell", rendered)
    return Expansion(joined((Text(f"{words}\n\n"), *rendered.parts)), (replace(item, kind="cells"),))


def _told(cell: Cell, sizes: tuple[int, int, int]) -> tuple[str, bool]:
    source, of_source = cut_middle(cell.source.strip("\n"), sizes[0])
    output, of_output = cut_middle(cell.output.strip("\n"), sizes[1])
    error, of_error = cut_middle(cell.error.strip("\n"), sizes[2])
    name = f"Cell [{cell.number}]" if cell.number else "Cell"
    lines = [source] if cell.language == "markdown" else [f"{name}:", fenced(source, cell.language)]
    if output:
        lines.append(fenced(output, "output"))
    if error:
        lines.append(fenced(error, "error"))
    return "\n".join(lines), bool(of_source or of_output or of_error)

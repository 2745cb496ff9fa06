"""What a schema's limits leave of a text or a number: cut to a length, matched to a pattern, within bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from byom_magics.demo.pattern import compiled, matching

if TYPE_CHECKING:
    from byom_magics.demo.schema import Node

__all__ = ["in_limits", "texts_that_fit"]

_LONGEST = 1_000
_MOST_WORDS = 500


def texts_that_fit(texts: Iterable[str], node: Node, question: str = "") -> Iterator[str]:
    """
    Texts within a schema's limits, made of some texts.

    Args:
        texts: What they are made of, the best first. One that is too long is cut at a word's end; one that is too
            short goes on with the next.
        node: The schema.
        question: Where words are looked for that match the schema's pattern, if no text does.

    Returns:
        The texts that fit, as far as length and pattern go.
    """
    least, most = int(node.get("minLength", 0)), int(node.get("maxLength", max(_LONGEST, node.get("minLength", 0))))
    pattern = node.get("pattern")
    if isinstance(pattern, str):
        yield from _matched(texts, pattern, least, most, question)
        return
    so_far = ""
    for text in texts:
        if len(text) >= least:
            yield _cut(text, least, most)
        elif not node.get("format"):
            so_far = f"{so_far} {text}".strip()
            if len(so_far) >= least:
                yield _cut(so_far, least, most)
    if so_far and len(so_far) < least <= 100_000:
        yield (f"{so_far} " * (least // len(so_far) + 1))[: max(least, 1)].rstrip().ljust(least, ".")


def _matched(texts: Iterable[str], pattern: str, least: int, most: int, question: str) -> Iterator[str]:
    expression = compiled(pattern)
    if expression is None:
        return
    words = (word.strip(".,;:!?\"'()`") for word in question.split()[:_MOST_WORDS])
    for text in (*texts, *words):
        if least <= len(text) <= min(most, _LONGEST) and expression.search(text):
            yield text
    yield from matching(pattern, least, most)


def _cut(text: str, least: int, most: int) -> str:
    if len(text) <= most:
        return text
    if most < 2:
        return text[: max(most, 0)]
    cut = text[: most - 1]
    border = cut.rfind(" ")
    return (cut[:border].rstrip(" ,;:") if border >= max(least, most // 2) else cut) + "…"


def in_limits(node: Node, *, whole: bool) -> Iterator[float]:
    """Numbers that a schema's limits may leave: 0 and 1, and those next to the limits."""
    low = max(node.get("minimum", -math.inf), node.get("exclusiveMinimum", -math.inf))
    high = min(node.get("maximum", math.inf), node.get("exclusiveMaximum", math.inf))
    step = node.get("multipleOf") or (1 if whole else None)
    yield from (0, 1)
    for bound in (low, high):
        if math.isfinite(bound):
            unit = step or 1
            nearest = math.floor(bound / unit)
            for number in range(nearest - 1, nearest + 3):
                yield int(number * unit) if whole else number * unit
    if not whole and math.isfinite(low) and math.isfinite(high):
        yield (low + high) / 2
    yield from (bound for bound in (low, high) if math.isfinite(bound) and not whole)

"""The part of a long passage that a question is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from byom_magics.demo.terms import text_terms
from byom_magics.demo.tokens import split

__all__ = ["Excerpt", "excerpt"]


@dataclass(frozen=True)
class Excerpt:
    """Some blocks of a passage, one after the other, and whether any were left out before and after them."""

    blocks: tuple[str, ...]
    size: int
    cut_before: bool = False
    cut_after: bool = False


def excerpt(blocks: Sequence[str], sought: Sequence[Mapping[str, float]], budget: int) -> Excerpt:
    """
    Take as much of a passage as there is room for.

    It is taken from the beginning, unless the block that speaks of most of the question would not be reached.
    Blocks are not cut, and an announcement ("For example:") stays with what it announces.

    Args:
        blocks: The passage.
        sought: What the question is about.
        budget: How many tokens there is room for. The first block is taken even if it is longer.

    Returns:
        The excerpt; ``size`` is the length of its blocks in tokens.
    """
    groups = _groups(blocks)
    sizes = [len(split(group)) for group in groups]
    best = max(range(len(groups)), key=lambda number: (_spoken_of(groups[number], sought), -number))
    start = 0 if sum(sizes[: best + 1]) <= budget else best
    end, size = start + 1, sizes[start]
    while end < len(groups) and size + sizes[end] <= budget:
        size += sizes[end]
        end += 1
    return Excerpt(tuple(groups[start:end]), size, start > 0, end < len(groups))


def _groups(blocks: Sequence[str]) -> list[str]:
    groups: list[str] = []
    announced = False
    for block in blocks:
        if announced:
            groups[-1] += f"\n\n{block}"
        else:
            groups.append(block)
        announced = block.endswith(":")
    return groups


def _spoken_of(block: str, sought: Sequence[Mapping[str, float]]) -> int:
    terms = set(text_terms(block))
    return sum(not terms.isdisjoint(things) for things in sought)

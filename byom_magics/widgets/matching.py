"""Which models a few typed words mean. Pure, and quick enough for a hundred thousand models at each key stroke."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from byom_magics.plain import visible

__all__ = ["Entry", "entry", "search"]

_LONGEST_QUERY = 200
_LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Entry:
    """
    What of a model is searched.

    Attributes:
        key: What is found.
        names: Its names in the form that is compared, each after a line end.
        everything: The names, and all else that may be typed.
    """

    key: str
    names: str
    everything: str


def entry(key: str, names: Iterable[str], texts: Iterable[str]) -> Entry:
    """
    Prepare a model for `search`.

    Args:
        key: What is found.
        names: What it is called; a match here counts more.
        texts: What else may be typed to find it.
    """
    folded = "".join(f"\n{_folded(name)}" for name in names) + "\n"
    return Entry(key, folded, folded + "\n".join(map(_folded, texts)))


def search(entries: Sequence[Entry], query: str) -> list[str]:
    """
    Find the models that have every word of ``query`` somewhere, whatever the order and the case.

    Returns:
        Their keys: first the one that is called so, then names that begin so, then names with parts that begin so,
        then other names, then the rest; among equals in the order of ``entries``. All of them for an empty query.
    """
    text = _folded(query[:_LONGEST_QUERY])
    words = text.split()
    if not words:
        return [each.key for each in entries]
    found = list(range(len(entries)))
    for word in words:
        found = [number for number in found if word in entries[number].everything]
    ranked = sorted([(_rank(entries[number].names, text, words), number) for number in found])
    return [entries[number].key for _, number in ranked]


def _rank(names: str, text: str, words: Sequence[str]) -> int:
    if f"\n{text}\n" in names:
        return 0
    begins = False
    for word in words:
        if word not in names:
            return 4
        begins = begins or f"\n{word}" in names
    if begins:
        return 1
    return 2 if all(_begins_a_part(word, names) for word in words) else 3


def _begins_a_part(word: str, names: str) -> bool:
    at = names.find(word)
    while at >= 0:
        if not names[at - 1].isalnum():
            return True
        at = names.find(word, at + 1)
    return False


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", visible(text[:_LONGEST_TEXT])).casefold().split())

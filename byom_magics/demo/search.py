"""Which passages answer a question: BM25 over their terms, titles counting more than text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log

__all__ = ["Entry", "Hit", "Index", "Sought"]

Sought = Mapping[str, float]
"""One thing that is asked for: the terms that stand for it, each with its weight."""

SATURATION = 1.2
LENGTH_MATTERS = 0.6
TITLE_COUNTS = 4


@dataclass(frozen=True)
class Entry:
    """What the index knows of one passage: the terms of its title and text, and others that it explains."""

    title: tuple[str, ...]
    text: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """
    A passage that was found.

    Attributes:
        number: Its place among the entries.
        score: How well it fits; only comparable within one question.
        coverage: The share of the question that it speaks of at all, 0 to 1. Rare terms weigh more.
    """

    number: int
    score: float
    coverage: float


class Index:
    """A ranking of entries for weighted terms. Nothing in it depends on order of hashing: same question, same hits."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._titles = [frozenset(entry.title) for entry in entries]
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        lengths = []
        for number, entry in enumerate(entries):
            counts = Counter(entry.text)
            for term in (*entry.title, *entry.names):
                counts[term] += TITLE_COUNTS
            lengths.append(sum(counts.values()))
            for term, count in counts.items():
                self._postings[term][number] = float(count)
        average = sum(lengths) / len(lengths) if lengths else 1.0
        for posting in self._postings.values():
            for number, times in posting.items():
                length = 1 - LENGTH_MATTERS + LENGTH_MATTERS * lengths[number] / average
                posting[number] = times * (SATURATION + 1) / (times + SATURATION * length)

    def rank(self, question: Sequence[Sought], favourites: Mapping[int, float] | None = None) -> list[Hit]:
        """
        Find the entries that fit a question, best first.

        Args:
            question: The things asked for; each is one or more terms with weights, the name it was asked by first.
            favourites: Factors for entries that are known to be about the question.

        Returns:
            All entries with at least one of the terms.
        """
        scores: dict[int, list[float]] = defaultdict(list)
        covered: dict[int, list[float]] = defaultdict(list)
        worths = [self._worth(sought) for sought in question]
        for sought, worth in zip(question, worths, strict=True):
            found = set()
            for term, weight in sought.items():
                for number, saturated in self._postings.get(term, {}).items():
                    scores[number].append(weight * self._rarity(term) * saturated)
                    found.add(number)
            for number in found:
                covered[number].append(worth)
        terms = frozenset(term for sought in question for term in sought)
        hits = []
        for number, parts in scores.items():
            coverage = fsum(covered[number]) / fsum(worths)
            favour = (favourites or {}).get(number, 1.0)
            hits.append(Hit(number, fsum(parts) * coverage**2 * self._told(number, terms) * favour, coverage))
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))

    def _rarity(self, term: str) -> float:
        # Inverse document frequency; a term that no entry has counts as the rarest.
        total = len(self._titles)
        having = len(self._postings.get(term, ()))
        return log(1 + (total - having + 0.5) / (having + 0.5))

    def _worth(self, sought: Sought) -> float:
        known = [term for term in sought if term in self._postings]
        return self._rarity((known or list(sought))[0]) * max(sought.values())

    def _told(self, number: int, terms: frozenset[str]) -> float:
        # A title that says just what was asked ("Slicings") beats a long one that has the word as well.
        title = self._titles[number]
        return 1.0 + len(title & terms) / len(title) if title else 1.0

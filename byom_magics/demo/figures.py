"""The numbers, truth values and choices that a property may have, the fittest first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.demo.material import Material, Source, name_words, roots
from byom_magics.demo.mentions import Mention, Mentions, number_of
from byom_magics.demo.tokens import split

if TYPE_CHECKING:
    from byom_magics.demo.schema import Node

__all__ = ["Figures", "chosen", "number_for", "yes_or_no"]

_SHARES = frozenset({"score", "confidence", "relevance", "probability", "certainty", "match", "coverage", "quality"})
_RATINGS = frozenset({"rating", "stars", "grade", "points"})
_COUNTS = frozenset({"count", "number", "total", "amount", "how", "num", "n", "length", "size", "sources", "passages"})
_YEARS = frozenset({"year", "born", "died", "since", "founded", "published", "invented"})
_NO = re.compile(r"\b(?:no|not|without|don't|don’t|never|off|false|disable|disabled)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_FOUND = frozenset({"found", "answered", "known", "python", "exist", "success", "ok", "relevant", "answerable"})
_BEFORE_A_FLAG = frozenset({"is", "has", "with", "include", "use", "are", "in", "the"})
_SWITCHES = frozenset({"on", "enabled", "active", "state"})
_SWITCHED = re.compile(r"\b(on|off|enable|disable|activate|deactivate)\b", re.IGNORECASE)
_MOST_VALUES = 300
_ALONE = re.compile(r"\s*(?:[.,;!?)]|$|and\b)")
# Scales from little to much: which of their words is meant, where the question names none, is told by a length.
_SCALES = (
    ("easy", "medium", "hard"), ("easy", "moderate", "difficult"), ("beginner", "intermediate", "advanced"),
    ("beginner", "intermediate", "expert"), ("basic", "intermediate", "advanced"), ("low", "medium", "high"),
    ("short", "medium", "long"), ("small", "medium", "large"), ("simple", "medium", "complex"),
    ("simple", "moderate", "complex"),
)  # fmt: skip
_LONG = (500, 3000)
_GOOD = "good great love like excellent happy wonderful nice best amazing perfect fantastic enjoy thank pleased"
_BAD = "bad terrible hate awful poor worst sad horrible broken boring disappointing disappointed angry slow fail"
_POSITIVE, _NEGATIVE = frozenset(roots(_GOOD)), frozenset(roots(_BAD))


class Figures:
    """
    Gives numbers for properties, and remembers which of the question's numbers it has given.

    Args:
        material: What there is.
    """

    def __init__(self, material: Material) -> None:
        self._material = material
        self._used: set[int] = set()

    def numbers(
        self, name: str, description: str, node: Node, source: Source, *, loose: bool = True
    ) -> Iterator[float]:
        """
        The numbers that would do. None is made up: after them comes what the schema's limits leave.

        Args:
            name: The name of the property.
            description: What is said of it.
            node: Its schema.
            source: The passage that it is about.
            loose: Whether a number may be taken of which nothing tells that it is this one; they come in order.
        """
        material, words = self._material, set(name_words(name))
        yield from (fact for fact in material.facts.get(name, ()) if _is_number(fact))
        mentions = material.mentions
        yield from (number_of(mention.text) for mention in number_for(name, mentions))
        if words & _YEARS:
            for mention in mentions.of("number"):
                if re.fullmatch(r"[12]\d{3}", mention.text) and mention.start not in self._used:
                    yield number_of(mention.text)
        if words & _SHARES or words & _RATINGS:
            yield self._share(node, source)
        if words & _COUNTS or name_words(description)[:2] == ["how", "many"]:
            yield from self._counted(words, source)
        for mention in mentions.of("number") if loose else ():
            if mention.start not in self._used:
                yield number_of(mention.text)

    def use(self, number: float) -> None:
        """Tell that a number has been taken: it comes in no order any more."""
        left = (one for one in self._material.mentions.of("number") if one.start not in self._used)
        if taken := next((one for one in left if number_of(one.text) == number), None):
            self._used.add(taken.start)

    def all(self) -> list[float]:
        """All numbers, in order."""
        return [number_of(mention.text) for mention in self._material.mentions.of("number")]

    def _share(self, node: Node, source: Source) -> float:
        """How well the passage fits, on the schema's own scale."""
        low, high = node.get("minimum", 0), node.get("maximum", 1)
        if not (_is_number(low) and _is_number(high)) or not math.isfinite(high - low):
            return source.coverage
        share: float = low + (high - low) * source.coverage
        return round(share) if node.get("type") == "integer" else round(share, 2)

    def _counted(self, words: set[str], source: Source) -> Iterator[float]:
        material = self._material
        text = " ".join(mention.text for mention in material.asked.of("quoted")) or source.summary
        if words & {"word", "words"}:
            yield len(text.split())
        elif words & {"character", "characters", "chars", "letters", "length"}:
            yield len(text)
        elif words & {"token", "tokens"}:
            yield len(split(text))
        elif words & {"sentence", "sentences"}:
            yield len(source.sentences)
        elif words & {"example", "examples", "code", "codes"}:
            yield len(source.codes)
        elif words & {"keyword", "keywords"}:
            yield len(source.keywords)
        elif words & {"passage", "passages", "source", "sources", "result", "results", "hits"}:
            yield len(material.sources)


def number_for(name: str, mentions: Mentions) -> list[Mention]:
    """
    The numbers that a text gives to a name: ``n = 3``, ``age 36``, ``20 sides``, ``36 years old`` for an age.

    Args:
        name: The name of a property or an argument.
        mentions: The text with what it mentions.
    """
    words = [word for word in name_words(name) if word not in ("num", "number", "n", "of", "count")] or name_words(name)
    if not words or len(words) > 8:
        return []
    called = r"[\s_-]*".join(map(re.escape, words))
    before = re.compile(rf"(?<!\w)(?:{called})(?!\w)\s*(?:=|:|is|of|to|are|at)?\s*$", re.IGNORECASE)
    unit = re.escape(words[-1].rstrip("s")) if len(words[-1]) > 2 else re.escape(words[-1])
    after = re.compile(rf"\s*-?(?:{unit}(?:s|es)?\b{'|years? old|-year-old' if 'age' in words else ''})", re.IGNORECASE)
    numbers = mentions.of("number")
    text = mentions.text
    found = [each for each in numbers if before.search(text[max(0, each.start - 60) : each.start])]
    found = found or [each for each in numbers if after.match(text, each.end)]
    if "age" in words and not found:
        found = [each for each in numbers if each.after in ("is", "aged", "turned") and _ALONE.match(text, each.end)]
    return found


def yes_or_no(name: str, description: str, material: Material) -> bool | None:
    """Whether a property is true; None where nothing tells."""
    for fact in material.facts.get(name, ()):
        if isinstance(fact, bool):
            return fact
    words = [word for word in name_words(name) if word not in _BEFORE_A_FLAG]
    text = material.question
    if _SWITCHES.intersection(words) and (switched := _SWITCHED.search(text)):
        return switched[1].lower() in ("on", "enable", "activate")
    if words:
        called = r"[\s_-]*".join(map(re.escape, words))
        told = rf"(?<!\w){called}(?!\w)\s*(?:=|:|is)?\s*(true|yes|on|false|no|off)?\b"
        if said := re.search(told, text, re.IGNORECASE):
            if said[1]:
                return said[1].lower() in ("true", "yes", "on")
            return not _NO.search(text[max(0, said.start() - 40) : said.start()])
    if _FOUND.intersection(words):
        return bool(material.sources)
    positive = set(roots(f"{name} {description}")) & set(roots("positive good happy"))
    moods = _mood(material)
    return (moods > 0) if positive and moods else None


def chosen(
    values: Sequence[Any], material: Material, source: Source, name: str = "", *, sure: bool = False
) -> Iterator[Any]:
    """
    The values of an enumeration, the one that is meant first.

    Args:
        values: The values.
        material: Where they may be named: what a tool said counts most, then the question.
        source: The passage that it is about, which may name one, too.
        name: The name of the property.
        sure: Whether to end with those that are named or suit a scale or a mood; else all follow in their order.
    """
    yield from (value for fact in material.facts.get(name, ()) for value in values if value == fact)
    texts = {value: name_words(value) for value in values[:_MOST_VALUES] if isinstance(value, str)}
    yield from _named_in(texts, material.question)
    for number in material.asked.of("number"):
        yield from (value for value in values if _is_number(value) and value == number_of(number.text))
    yield from (value for done in material.done for value in _named_in(texts, done.result))
    lower = {value.lower(): value for value in texts}
    if scale := next((scale for scale in _SCALES if lower.keys() >= set(scale)), None):
        yield lower[scale[sum(len(source.markdown) > limit for limit in _LONG)]]
    if {"positive", "negative"} <= lower.keys():
        mood = _mood(material)
        wanted = "positive" if mood > 0 else "negative" if mood < 0 else "neutral"
        yield from (lower[each] for each in (wanted, "mixed", "positive") if each in lower)
    if not sure:
        yield from _named_in(texts, source.summary)
        yield from values


def _named_in(texts: dict[str, list[str]], text: str) -> Iterator[str]:
    """The values that stand in a text, in the order in which they do; a longer one before what it begins with."""
    found = []
    for value, words in texts.items():
        called = r"[\s_-]*".join(map(re.escape, words)) if words else re.escape(value)
        if called and (match := re.search(rf"(?<!\w){called}s?(?!\w)", text, re.IGNORECASE)):
            found.append((match.start(), -len(value), value))
    return (value for _, _, value in sorted(found))


def _mood(material: Material) -> int:
    return sum((root in _POSITIVE) - (root in _NEGATIVE) for root in roots(material.question))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""The answers of ``demo/pydoc``: the passages of the Python reference that fit a question best, as Markdown."""

from __future__ import annotations

import platform
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from byom_magics.demo.excerpt import excerpt
from byom_magics.demo.inline import as_code
from byom_magics.demo.once import Once
from byom_magics.demo.question import Question, read
from byom_magics.demo.search import Entry, Hit, Index
from byom_magics.demo.terms import named, text_terms
from byom_magics.demo.topics import Passage, shipped

__all__ = ["ENOUGH", "RELATED", "Found", "Ranked", "Reference", "shipped_reference"]

BUDGET = 600
"""How many tokens of the reference an answer quotes. A block is never cut for it, so it may be a little more."""

ENOUGH = 0.5
"""The share of a question that a passage has to speak of."""
RELATED = 0.6
"""A further passage is quoted if it fits this well compared with the best."""
_MOST_RANKED = 8
_MOST_PASSAGES = 3
_HELPED = 2.5
_SIBLING = 1.2
_SHOWN_TOPICS = ("with", "for", "try", "lambda", "yield", "import", "class", "slicings", "comparisons", "formatstrings")
_VERSION = re.compile(r"\*(?:Added|New|Changed) in version [^*]*\*")


@dataclass(frozen=True)
class Ranked:
    """A passage with how well it fits; ``favoured`` if it explains a keyword or an operator that was named."""

    passage: Passage
    hit: Hit
    favoured: bool


@dataclass(frozen=True)
class Found:
    """
    What the reference has to a question.

    Attributes:
        question: The question, understood.
        quoted: The passages that answer it, best first; none if it has no answer.
        ranked: The best passages, whether they answer it or not.
    """

    question: Question
    quoted: tuple[Ranked, ...] = ()
    ranked: tuple[Ranked, ...] = ()


class Reference:
    """
    The reference, ready to be asked.

    Args:
        passages: What can be quoted.
        topics: For a keyword or an operator, the topics that explain it.
        version: The version of Python that the passages are about.

    Attributes:
        name: What it is called in a sentence.
    """

    def __init__(self, passages: Sequence[Passage], topics: Mapping[str, Sequence[str]], version: str) -> None:
        self._passages = [
            passage
            for passage in passages
            if passage.title != "Footnotes" and not all(map(_VERSION.fullmatch, passage.blocks))
        ]
        self._topics = topics
        self.name = f"the Python {version} reference"
        self._index = Index(self._entries())

    def answer(self, text: str) -> str:
        """The answer to a question, as Markdown. The same question always has the same answer."""
        return self.told(self.look(text))

    def look(self, text: str, beside: Collection[str] = ()) -> Found:
        """
        Look for what answers a question.

        Args:
            text: The question.
            beside: Terms that do not count, because they are about the answer's form.
        """
        question = read(text)
        sought = tuple(things for things in question.sought if next(iter(things)) not in beside)
        question = replace(question, sought=sought)
        favoured = {topic for name in question.named for topic in self._topics.get(name, ())}
        favourites = {
            number: _SIBLING if passage.section else _HELPED
            for number, passage in enumerate(self._passages)
            if passage.topic in favoured
        }
        hits = self._index.rank(question.sought, favourites)
        ranked = [Ranked(self._passages[hit.number], hit, hit.number in favourites) for hit in hits[:_MOST_RANKED]]
        best = [one for one in hits if one.coverage >= ENOUGH][:_MOST_PASSAGES]
        quoted = [
            Ranked(self._passages[hit.number], hit, hit.number in favourites)
            for hit in best
            if hit.score >= RELATED * best[0].score
        ]
        return Found(question, tuple(quoted), tuple(ranked))

    def told(self, found: Found) -> str:
        """What was found, as Markdown."""
        intro = f"*Built-in demo: quotes {self.name}, is not a language model.*"
        blocks = list(self.quoted(found)) if found.quoted else list(self._nothing_found())
        return "\n\n".join([intro, *blocks]) + "\n"

    def _entries(self) -> list[Entry]:
        titles = [tuple(text_terms(_named_part(passage.title))) for passage in self._passages]
        texts = [tuple(text_terms("\n\n".join([passage.section, *passage.blocks]))) for passage in self._passages]
        said: dict[str, set[str]] = {}
        for passage, title, text in zip(self._passages, titles, texts, strict=True):
            said.setdefault(passage.topic, set()).update(title, text)
        entries = []
        opened: set[str] = set()
        for passage, title, text in zip(self._passages, titles, texts, strict=True):
            # A topic opens with what help() knows it for. An operator only if nothing else in the topic speaks of it:
            # a decorator's @ stands nowhere but in examples, but == has a section of its own.
            names = {named(name): name for name, topics in self._topics.items() if passage.topic in topics}
            known = [term for term, name in names.items() if name.isidentifier() or term not in said[passage.topic]]
            entries.append(Entry(title, text, () if passage.topic in opened else tuple(known)))
            opened.add(passage.topic)
        return entries

    def quoted(self, found: Found) -> Iterator[str]:
        """The passages of what was found, as blocks of Markdown; none if there are none."""
        left = BUDGET
        for place, passage in enumerate(one.passage for one in found.quoted):
            if place and left < BUDGET // 4:
                return
            part = excerpt(passage.blocks, found.question.sought, left)
            left -= part.size
            yield f"## {passage.title}"
            if passage.section:
                yield f"*From “{passage.section}”*"
            if part.cut_before:
                yield "…"
            yield from part.blocks
            if part.cut_after:
                yield f"*… and more{self._whole(passage)}.*"

    def _whole(self, passage: Passage) -> str:
        names = [name for name, topics in self._topics.items() if topics[0] == passage.topic and name.isidentifier()]
        if not names:
            return ""
        best = min(names, key=lambda name: (name != passage.topic, name.isupper(), len(name)))
        return f": {as_code(f'help({best!r})')}"

    def _nothing_found(self) -> Iterator[str]:
        yield "I found nothing about that in the reference. It knows Python's language, not its libraries."
        by_topic = {passage.topic: passage.title for passage in reversed(self._passages) if not passage.section}
        known = [by_topic[topic] for topic in _SHOWN_TOPICS if topic in by_topic]
        yield "Some of what it knows:"
        yield "\n".join(f"- {title}" for title in known)


def _named_part(title: str) -> str:
    # Of a signature the name counts, not its parameters.
    name, parenthesis, _ = title.partition("(")
    return f"{name}`" if parenthesis and name.count("`") % 2 else name


def _help_topics() -> dict[str, tuple[str, ...]]:
    """The topics that ``help("with")`` and ``help("==")`` would show. pydoc resolves names in up to two steps."""
    from pydoc import Helper  # noqa: PLC0415 - it imports much, and is needed only once a model is asked

    topics: dict[str, tuple[str, ...]] = {}
    for names in (Helper.topics, Helper.keywords, Helper.symbols):
        for name, target in names.items():
            targets = [target[0]] if isinstance(target, tuple) else target.split()
            labels = dict.fromkeys(label for name in targets for label in topics.get(name, (name,)) if label)
            topics[name] = tuple(labels)
    return {name: _specific(labels) for name, labels in topics.items() if labels}


def _specific(labels: tuple[str, ...]) -> tuple[str, ...]:
    # Nearly every operator stands in the table of precedence as well; that is rarely what is asked for.
    return tuple(label for label in labels if label != "operator-summary") or labels


def _shipped() -> Reference:
    major, minor, _ = platform.python_version_tuple()
    return Reference(shipped(), _help_topics(), f"{major}.{minor}")


shipped_reference = Once(_shipped)
"""The reference of the running Python."""

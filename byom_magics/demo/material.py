"""What an answer in a form is made of: the question, what it mentions, passages of the reference, results of tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from byom_magics.demo.mentions import Mentions
from byom_magics.demo.terms import STOP_WORDS, stem, text_terms

if TYPE_CHECKING:
    from byom_magics.demo.answer import Found, Ranked
    from byom_magics.demo.conversation import Done
    from byom_magics.demo.question import Question

__all__ = ["AT_A_PLACE", "Material", "Source", "name_words", "plain_text", "roots", "sentences", "sources"]

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_TABLE = re.compile(r"^\|.*$", re.MULTILINE)
_ITEM = re.compile(r"^ *(?:\d+\.|-) +", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"^(?:> ?|#+ |- |\d+\. )+|\*\*|(?<!\\)[*`]", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!$|<~-])")
_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)\s+(?=[A-Z“\"(`])")
_CODE_SPAN = re.compile(r"`([^`\n]{2,40})`")
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GRAMMAR = re.compile(r"::=|^[\w-]+: ", re.MULTILINE)
_MOST_KEYWORDS = 8
AT_A_PLACE = frozenset({"in", "at", "from", "to", "near", "into"})
"""Words before a name that is one of a place."""


@dataclass(frozen=True)
class Source:
    """
    One passage as plain text, ready to be put into fields.

    Attributes:
        title: Its heading.
        section: What it stands in, or its topic.
        sentences: Its sentences, code left out.
        codes: Its pieces of code.
        keywords: The names and terms that it speaks of most.
        summary: The sentence that is most about the question, or what it begins with; and the next if that is short.
        markdown: The whole, as Markdown.
        coverage: The share of the question that it speaks of, 0 to 1.
    """

    title: str
    section: str
    sentences: tuple[str, ...]
    codes: tuple[str, ...]
    keywords: tuple[str, ...]
    summary: str
    markdown: str
    coverage: float

    @property
    def text(self) -> str:
        """All its sentences, up to some length."""
        taken: list[str] = []
        for sentence in self.sentences:
            if sum(map(len, taken)) + len(sentence) > 700 and taken:
                break
            taken.append(sentence)
        return " ".join(taken) or self.title


@dataclass(frozen=True)
class Material:
    """
    What there is to fill a form with.

    Attributes:
        question: What was asked.
        sources: The passages that answer it, best first.
        done: The tools that were called for it, with their results.
        given: Values that stand already, by the names of properties; they win where they fit.
    """

    question: str
    sources: tuple[Source, ...] = ()
    done: tuple[Done, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def mentions(self) -> Mentions:
        """What the question and the results mention, the results first: they are the news."""
        return Mentions("\n".join([*(done.result for done in self.done), self.question]))

    @cached_property
    def asked(self) -> Mentions:
        """What the question mentions."""
        return Mentions(self.question)

    @cached_property
    def words(self) -> frozenset[str]:
        """The roots of the words of the question and of the results."""
        return frozenset(roots("\n".join([self.question, *(done.result for done in self.done)])))

    @cached_property
    def facts(self) -> Mapping[str, tuple[Any, ...]]:
        """What the arguments and the results of tools say about names, and what is given; the strongest first."""
        facts: dict[str, list[Any]] = {name: [value] for name, value in self.given.items()}
        for done in self.done:
            for told in (_object(done.result), done.arguments):
                for name, value in told.items():
                    facts.setdefault(str(name), []).append(value)
        return {name: tuple(values) for name, values in facts.items()}

    @property
    def best(self) -> Source:
        """The best passage; the question itself where there is none."""
        return self.sources[0] if self.sources else self._question

    @cached_property
    def _question(self) -> Source:
        line = " ".join(self.question.split())
        said = tuple(done.result for done in self.done)
        text = said or ("The Python reference says nothing about that.",)
        return Source(_cut(line, 80), "", text, (), tuple(_keywords([line])), " ".join(text), line, 0.0)

    def split(self) -> list[Material]:
        """
        The question in parts, one for each thing that it names: of "Anna is 30, Bob lives in Oslo" there are two.

        Returns:
            At least one. What is said before the first name belongs to the first part.
        """
        names = [name for name in self.asked.of("name") if name.after not in AT_A_PLACE]
        starts = [0, *(name.start for name in names[1:])]
        ends = [*starts[1:], len(self.question)]
        parts = (self.question[start:end] for start, end in zip(starts, ends, strict=True))
        return [replace(self, question=part) for part in parts] if len(starts) > 1 else [self]


def sources(found: Found) -> tuple[Source, ...]:
    """The passages that were found, as sources."""
    return tuple(_source(one, found.question) for one in found.quoted)


def name_words(name: str) -> list[str]:
    """The words of a name such as ``max_items`` or ``maxItems``, in lower case."""
    return [word.lower() for part in _WORD.findall(name) for word in _CAMEL.split(part)]


def roots(text: str) -> Iterator[str]:
    """The roots of all words of a text: stems, so that ``add`` and ``adding`` are one."""
    for word in name_words(text):
        yield re.sub(r"([^\W\d_])\1$", r"\1", stem(word))


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph of plain text."""
    return [sentence.strip() for sentence in _SENTENCE.split(text) if sentence.strip()]


def plain_text(markdown: str) -> str:
    """Markdown without its marks."""
    text = _MARKS.sub("", _LINK.sub(r"\1", markdown))
    return " ".join(_ESCAPED.sub(r"\1", text).split())


def _source(ranked: Ranked, question: Question) -> Source:
    passage = ranked.passage
    prose: list[str] = []
    spoken: list[float] = []
    codes: list[str] = []
    for block in passage.blocks:
        for fence in _FENCE.finditer(block):
            code = fence[3].rstrip()
            if fence[2] != "text" and not _GRAMMAR.search(code):
                codes.append(code)
        for sentence in _prose(block):
            plain = plain_text(sentence)
            if len(plain) > 15 and plain[-1] in ".!?)”" and not plain.endswith("as follows."):
                prose.append(plain)
                spoken.append(_spoken_of(sentence, question))
    title = plain_text(passage.title)
    best = max(range(len(prose)), key=lambda number: (spoken[number], -number), default=0)
    if prose and spoken[best] < 2 * spoken[0]:
        best = 0  # what a passage begins with tells most, unless the question is about something else in it
    summary = " ".join(prose[best : best + (2 if prose and len(prose[best]) < 120 else 1)])
    return Source(
        title,
        plain_text(passage.section) or passage.topic,
        tuple(prose),
        tuple(codes),
        tuple(_keywords([passage.title, *passage.blocks])),
        summary or title,
        passage.markdown,
        min(ranked.hit.coverage, 1.0),
    )


def _prose(block: str) -> Iterator[str]:
    """The sentences of a block, those of each item of a list by themselves."""
    for part in _ITEM.split(_TABLE.sub("", _FENCE.sub("", block))):
        yield from sentences(part)


def _spoken_of(sentence: str, question: Question) -> float:
    terms = set(text_terms(sentence))
    weights = ([weight for term, weight in sought.items() if term in terms] for sought in question.sought)
    return sum(max(each, default=0.0) for each in weights)


def _keywords(texts: Sequence[str]) -> list[str]:
    """Names of code first as they come, then the words that stand there most often."""
    joined = "\n".join(texts)
    prose = _FENCE.sub("", joined)
    names = [name for name in _CODE_SPAN.findall(prose) if re.fullmatch(r"[^\W\d][\w.]*(?:\(\))?", name)]
    words: dict[str, int] = {}
    for word in _WORD.findall(_CODE_SPAN.sub("", prose)):
        if len(word) > 3 and word.islower() and word not in STOP_WORDS and not word.isdigit():
            words[word] = words.get(word, 0) + 1
    by_count = sorted(words, key=lambda word: -words[word])
    return list(dict.fromkeys([*dict.fromkeys(names[:30]), *by_count]))[:_MOST_KEYWORDS]


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + "…"

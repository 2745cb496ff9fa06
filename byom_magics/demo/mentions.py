"""What a text mentions: numbers, quotations, names, dates, addresses, names of code. Read by rule, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from byom_magics.demo.terms import STOP_WORDS

__all__ = ["Mention", "Mentions", "number_of"]

Kind = Literal["url", "email", "quoted", "date", "time", "path", "code", "number", "name", "object"]

_READ = 20_000
_QUOTED = re.compile(
    r"```[^\n`]*\n(.{1,8000}?)```|(?<!`)`{1,3}([^`]{1,2000})`{1,3}|\"\"\"(.{1,8000}?)\"\"\"|\"([^\"]{1,2000})\"|“([^“”]{1,2000})”"
    r"|„([^„“”]{1,2000})[“”]|«([^«»]{1,2000})»|(?<!\w)'([^'\n]{1,2000})'(?!\w)|‘([^‘’\n]{1,2000})’",
    re.DOTALL,
)
_URL = re.compile(r"https?://[^\s<>\"'`)\]]{1,2000}(?<![.,;:!?])")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DATE = re.compile(
    r"(?<![\w-])\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\w-])"
)
_TIME = re.compile(r"(?<![\w:])(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m\b)?|\d{1,2}\s?[ap]m\b)(?![\w:])", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w/.])(?:[~.]{0,2}/)?(?:[\w-]{1,80}/){0,9}[\w-]{1,80}\.[A-Za-z]\w{1,7}(?![\w/])")
_CODE = re.compile(r"(?<![\w.])(?:[A-Za-z]\w*_\w*|_\w+|[a-z]+[A-Z]\w*|[A-Za-z]+\d\w*|\b[a-z]{1,3}\d)(?!\w)")
_NUMBER = re.compile(
    r"(?:(?<![\w.)])[-−+])?(?<![\w.])(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?)"
    r"(?!(?:st|nd|rd|th)\b)(?=[a-zA-Z°%€$£]{0,5}(?!\w))"
)
_OBJECT = re.compile(
    r"\b(in|for|of|at|from|to|into|about|on|near|by|named|called|than|with)\s+"
    r"((?:the |a |an |my |your )?[^\W\d_][\w'’-]*(?:[ ][\w'’-]+){0,7})",
    re.IGNORECASE,
)
_ENDS_AN_OBJECT = re.compile(
    r"\b(?:and|or|in|for|at|from|to|into|about|on|near|by|with|using|please|today|tomorrow|now|then|right|is|are|as"
    r"|of|named|called|than|if|when|there|here|like)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_][\w]*(?:['’-]\w+)*\.?")
_ENDS_A_SENTENCE = re.compile(r"(?:^|[.!?:;\n*#>-])[\s\"'“„*_>#-]*$")
# In this order: what is one kind is no other.
_PATTERNS: dict[Kind, re.Pattern[str]] = {
    "url": _URL,
    "email": _EMAIL,
    "quoted": _QUOTED,
    "date": _DATE,
    "time": _TIME,
    "path": _PATH,
    "code": _CODE,
    "number": _NUMBER,
}
_WORDS_FOR_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_IN_WORDS = re.compile(rf"(?<![\w-])(?:{'|'.join(_WORDS_FOR_NUMBERS)})(?![\w-])", re.IGNORECASE)

# Words with which a sentence begins, and which are no name for that.
_OPENERS = STOP_WORDS | set(
    """
    add ask book build calculate call check classify compare compute convert count create define delete divide draw
    extract fetch fill find generate hey list look lookup make mean move multiply name open order pick plan play plot
    print put question read remind remove reverse roll round run search send set sort sort start stop subtract
    summarise summarize sum switch tell then today tomorrow translate turn weather write yes yesterday i
    """.split()  # noqa: SIM905 - as words they can be read
)
_OPENER = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(_OPENERS)))}|\w+n['’]t)(?:['’]\w+)?\.?", re.IGNORECASE)
_SHORTENED = re.compile(r"(?:Dr|Mr|Mrs|Ms|St|Prof|Jr|Sr|[^\W\d_])\.")
_NO_NAMES = frozenset({"I", "I'm", "I’m", "I'd", "I'll", "OK", "JSON", "AND", "OR", "NOT"})


@dataclass(frozen=True)
class Mention:
    """
    Something that a text mentions.

    Attributes:
        kind: What it is; ``object`` is what follows a preposition.
        text: Itself, without quotation marks.
        start: Where it begins.
        end: Where it ends.
        sure: Whether it is clear. A lone capitalised word at the beginning of a sentence is not clearly a name.
        after: The word before it in lower case, such as ``from``.
    """

    kind: Kind
    text: str
    start: int
    end: int
    sure: bool = True
    after: str = ""


class Mentions:
    """
    What a text mentions, by kind, each in order.

    Args:
        text: The text. Of a long one only the first 20,000 characters are read.
    """

    def __init__(self, text: str) -> None:
        self.text = text[:_READ]
        left = self.text
        found: dict[Kind, tuple[Mention, ...]] = {}
        for kind, pattern in _PATTERNS.items():
            found[kind] = tuple(self._mention(kind, match) for match in pattern.finditer(left))
            left = pattern.sub(lambda match: _blank(match.group()), left)
        if not found["number"]:
            found["number"] = tuple(self._mention("number", match) for match in _IN_WORDS.finditer(left))
        self._found = found
        self.plain = left
        """The text with all that was found blanked out, so that places stay what they are."""

    def of(self, kind: Kind) -> tuple[Mention, ...]:
        """The mentions of a kind."""
        if kind == "name":
            return self._names
        return self._objects if kind == "object" else self._found[kind]

    @cached_property
    def _names(self) -> tuple[Mention, ...]:
        return tuple(self._read_names())

    @cached_property
    def _objects(self) -> tuple[Mention, ...]:
        found = []
        start = 0
        while match := _OBJECT.search(self.plain, start):
            text = _ENDS_AN_OBJECT.sub("", match[2]).strip()
            text = re.sub(r"^(?:the|a|an|my|your)\b\s*", "", text, flags=re.IGNORECASE)
            begin = self.plain.find(text, match.start(2)) if text else match.start(2)
            if text:
                found.append(Mention("object", text, begin, begin + len(text), after=match[1].lower()))
            start = max(begin + len(text), match.start(2))
        return tuple(found)

    def _mention(self, kind: Kind, match: re.Match[str]) -> Mention:
        text = next((group for group in match.groups() if group is not None), match.group())
        return Mention(kind, text.strip("\n"), match.start(), match.end(), after=self._before(match.start()))

    def _before(self, start: int) -> str:
        words = re.findall(r"[^\W\d_]+", self.text[max(0, start - 40) : start])
        return words[-1].lower() if words else ""

    def _read_names(self) -> Iterator[Mention]:
        run: list[re.Match[str]] = []
        for word in _WORD.finditer(self.plain):
            text = word.group()
            if text[0].islower() or text in _NO_NAMES:
                yield from self._name(run)
                run = []
                continue
            if run and not self._goes_on(run[-1], word):
                yield from self._name(run)
                run = []
            run.append(word)
        yield from self._name(run)

    def _goes_on(self, last: re.Match[str], word: re.Match[str]) -> bool:
        """Whether a capitalised word belongs to the name before it, as in "St. Moritz", and not in "Oslo. Rome"."""
        ended = last.group().endswith(".") and not _SHORTENED.fullmatch(last.group())
        return self.plain[last.end() : word.start()] == " " and not ended

    def _name(self, run: list[re.Match[str]]) -> Iterator[Mention]:
        if not run:
            return
        opens = bool(_ENDS_A_SENTENCE.search(self.plain[max(0, run[0].start() - 20) : run[0].start()]))
        if opens and _OPENER.fullmatch(run[0].group()):
            run, opens = run[1:], False
            if not run:
                return
        start, end = run[0].start(), run[-1].end()
        text = self.plain[start:end]
        if text.endswith(".") and not (len(run) > 1 and len(run[-1].group()) <= 3):
            text, end = text[:-1], end - 1
        text = re.sub(r"['’]s$", "", text)
        yield Mention("name", text, start, end, sure=len(run) > 1 or not opens, after=self._before(start))


def number_of(text: str) -> int | float:
    """The number that a mention of one says."""
    if text.lower() in _WORDS_FOR_NUMBERS:
        return _WORDS_FOR_NUMBERS.index(text.lower())
    text = text.replace(",", "").replace("−", "-")
    number = float(text)
    return int(number) if number.is_integer() and "." not in text and abs(number) < 1e15 else number


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)

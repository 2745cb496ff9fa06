"""The texts that a property may have, the fittest first: told by its name, its description and its format."""

from __future__ import annotations

import base64
import platform
import re
import uuid
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from byom_magics.demo.material import AT_A_PLACE, Material, Source, name_words, roots
from byom_magics.demo.terms import STOP_WORDS

if TYPE_CHECKING:
    from byom_magics.demo.mentions import Mention, Mentions

__all__ = ["Wording", "said_of"]

_DOCS = "https://docs.python.org/3/"
# What a property is for, by a word of its name. The first word that is known counts, the last word of a name first.
_ROLES = {
    "title": "title topic subject heading headline term concept keyword tag label theme caption entry header",
    "question": "question query prompt input request",
    "summary": "summary description definition meaning abstract gist overview takeaway explanation reason because why"
    " note comment short reasoning rationale purpose",
    "text": "answer text content body details detail paragraph passage response output result message story thought",
    "code": "code example snippet syntax usage sample",
    "section": "source reference citation origin section chapter category area module",
    "markdown": "markdown md",
    "place": "city country place location town capital where address region state venue destination street",
    "person": "name person people author who customer user speaker employee first last surname firstname lastname"
    " founder"
    " owner company organisation organization firm employer inventor artist actor director recipient sender",
    "language": "language lang",
    "version": "version",
    "slug": "id identifier slug key",
    "quote": "quote quotation excerpt evidence phrase",
    "url": "url link uri href website homepage",
    "email": "email mail",
    "date": "date day born birthday deadline created updated published",
    "time": "time hour",
    "path": "path file filename",
    "currency": "currency",
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in words.split()}
_FORMATS = {
    "uri": "url", "url": "url", "iri": "url", "uri-reference": "url", "email": "email", "idn-email": "email",
    "date": "date", "date-time": "date-time", "time": "time", "uuid": "uuid", "path": "path", "file-path": "path",
}  # fmt: skip
_EXAMPLES = {
    "url": _DOCS,
    "email": "someone@example.org",
    "date": "2025-01-01",
    "date-time": "2025-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "P1D",
    "hostname": "docs.python.org",
    "idn-hostname": "docs.python.org",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "json-pointer": "/0",
    "relative-json-pointer": "0",
    "uri-template": _DOCS,
    "regex": ".*",
    "decimal": "0",
    "path": "example.txt",
}
_TERMS = frozenset({"keyword", "keywords", "tag", "tags", "term", "terms", "label", "labels", "concepts", "concept"})
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")
_ENDS = re.compile(r"[,;.!?\n]|\s(?:and|with|in|for|to|then|but|or)\s")


class Wording:
    """
    Gives texts for properties, and remembers which names it has given, so that two properties have two.

    Args:
        material: What there is.
    """

    def __init__(self, material: Material) -> None:
        self._material = material
        self.used: set[str] = set()

    def texts(self, name: str, description: str, form: str, source: Source) -> Iterator[str]:
        """
        The texts that would do.

        Args:
            name: The name of the property; empty for a text without one.
            description: What is said of it.
            form: Its ``format``; empty for none.
            source: The passage that it is about.
        """
        seen = set()
        for text in chain(self._grounded(name, description, form, source), self._anything(source)):
            if text and text not in seen:
                seen.add(text)
                yield text

    def grounded(self, name: str, description: str, form: str, source: Source, *, loose: bool = True) -> Iterator[str]:
        """
        Only those texts that the question, the results or the reference have for it.

        With ``loose`` a name may be taken of which nothing tells that it is of this kind.
        """
        return (text for text in self._grounded(name, description, form, source, loose=loose) if text)

    def several(self, name: str, source: Source) -> Iterator[str]:
        """The texts of a list of that name, in order, each once."""
        material = self._material
        role = self.role(_singular(name))
        texts: Iterator[str]
        if role == "title" and not set(name_words(name)) & _TERMS and material.sources:
            texts = (other.title for other in material.sources)
        elif role == "title":
            texts = iter(source.keywords)
        elif role in ("person", "place"):
            texts = iter(sorted(self._names(role, name, loose=False), key=material.question.find))
        elif role in ("code", "quote", "url", "email", "date", "time", "path", "currency"):
            texts = self._of_role(role, _singular(name), source, loose=False)
        elif role == "section":
            texts = (f"{other.title} ({other.section})" for other in material.sources)
        else:
            quoted = [mention.text for mention in material.asked.of("quoted") if not material.sources]
            names = [mention.text for mention in material.asked.of("name") if not material.sources]
            texts = iter([*said_of(name, material.asked), *(done.result for done in material.done), *quoted, *names,
                          *source.sentences])  # fmt: skip
        return iter([text for text in dict.fromkeys(texts) if text])

    def role(self, name: str) -> str:
        """What a property is for; empty if its name does not tell."""
        return next((_ROLE_OF[word] for word in reversed(name_words(name)) if word in _ROLE_OF), "")

    def _grounded(self, name: str, description: str, form: str, source: Source, *, loose: bool = True) -> Iterator[str]:
        material = self._material
        yield from (_text(fact) for fact in material.facts.get(name, ()))
        yield from said_of(name, material.asked)
        if form and form not in ("markdown", "html", "text"):
            yield from self._formed(form)
            return
        role = self.role(name)
        if role == "title" and not material.sources and (quoted := material.asked.of("quoted")):
            yield from (mention.text for mention in quoted)
        yield from self._of_role(role, name, source, loose=loose)
        if not role or (loose and role in ("person", "place")):
            yield from self._about(name, description, source)

    def _of_role(self, role: str, name: str, source: Source, *, loose: bool) -> Iterator[str]:
        if role in ("url", "email", "date", "time", "path"):
            yield from self._mentioned(role)
            yield from self._page(source) if role == "url" else ()
        elif role in ("person", "place"):
            yield from self._names(role, name, loose=loose)
            yield from (source.title,) if self._material.sources and "name" in name_words(name) else ()
        elif role == "code":
            yield from (mention.text for mention in self._material.asked.of("quoted") if not self._material.sources)
            yield from source.codes
            yield from (code for other in self._material.sources for code in other.codes)
        elif role == "quote":
            yield from (mention.text for mention in self._material.asked.of("quoted"))
            yield from source.sentences
        elif role == "currency":
            yield from _CURRENCY.findall(self._material.question)
        elif role:
            yield from self._of_passage(role, source)

    def _of_passage(self, role: str, source: Source) -> Iterator[str]:
        """What a passage is, has and says; without passages, what tools said."""
        material = self._material
        if role in ("summary", "text"):
            if material.done:
                yield "\n".join(done.result for done in material.done)
            yield source.summary if role == "summary" or not material.sources else source.text
            return
        texts = {
            "question": material.question,
            "title": source.title,
            "markdown": source.markdown,
            "slug": "-".join(name_words(source.title)[:6]),
        }
        if material.sources:
            texts |= {"section": source.section, "language": "Python", "version": platform.python_version()}
        if role in texts:
            yield texts[role]

    def _page(self, source: Source) -> Iterator[str]:
        """Where the documentation speaks of a passage."""
        if self._material.sources:
            yield f"{_DOCS}search.html?q={quote(source.keywords[0] if source.keywords else source.title)}"

    def _formed(self, form: str) -> Iterator[str]:
        kind = _FORMATS.get(form, form)
        yield from self._mentioned("date" if kind == "date-time" else kind, whole=kind == "date-time")
        yield from self._page(self._material.best) if kind == "url" else ()

    def _mentioned(self, kind: str, *, whole: bool = False) -> Iterator[str]:
        if kind not in ("url", "email", "date", "time", "path"):
            return
        for mention in self._material.mentions.of(kind):  # type: ignore[arg-type]
            if kind != "date":
                yield mention.text
            elif not whole:
                yield mention.text[:10]
            elif len(mention.text) == 10:
                yield f"{mention.text}T00:00:00Z"
            else:
                text = mention.text.replace(" ", "T")
                text = text if len(text) > 16 else f"{text}:00"
                yield text if re.search(r"(Z|[+-]\d\d:?\d\d)$", text) else f"{text}Z"

    def _names(self, role: str, name: str, *, loose: bool) -> Iterator[str]:
        names = self._material.mentions.of("name")
        asked = [mention for mention in names if mention.sure] + [mention for mention in names if not mention.sure]
        at_place = [mention for mention in asked if mention.after in AT_A_PLACE]
        others = [mention for mention in asked if mention.after not in AT_A_PLACE]
        fit, unfit = (at_place, others) if role == "place" else (others, at_place)
        if role == "place":
            fit = fit or [mention for mention in self._material.asked.of("object") if mention.after in AT_A_PLACE]
        texts = [mention.text for mention in (*fit, *(unfit if loose else ()))]
        words = name_words(name)
        if "first" in words or "firstname" in words:
            texts = [text.split()[0] for text in texts]
        elif "last" in words or "surname" in words or "lastname" in words:
            texts = [text.split()[-1] for text in texts]
        return iter(sorted(texts, key=lambda text: text in self.used))

    def _about(self, name: str, description: str, source: Source) -> Iterator[str]:
        """The sentence that speaks most of what the property is called, and what a tool says of it."""
        words = set(roots(f"{name} {description}")) - set(map(str, STOP_WORDS)) - self._material.words
        places = [*(done.result for done in self._material.done), *source.sentences]
        spoken = [(len(words & set(roots(sentence))), sentence) for sentence in places]
        best = max((count for count, _ in spoken), default=0)
        if best:
            yield next(sentence for count, sentence in spoken if count == best)
        if not self._material.sources:
            names = (*self._material.asked.of("quoted"), *self._material.mentions.of("name"))
            yield from sorted((mention.text for mention in names), key=lambda text: text in self.used)

    def _anything(self, source: Source) -> Iterator[str]:
        """What is there for any text, without a reason."""
        if not self._material.sources:
            yield self._material.question
        yield source.summary
        yield source.title
        yield from source.keywords
        yield self._material.question
        yield "Python"

    def example(self, form: str, name: str) -> str:
        """A text of a format that stands for nothing; empty where the format is not known."""
        kind = _FORMATS.get(form, form)
        if kind in ("uuid", "uuid4"):
            seed = f"{name} {self._material.question}".encode(errors="surrogatepass")
            digits = uuid.uuid5(uuid.NAMESPACE_URL, seed.hex())
            return str(uuid.UUID(bytes=digits.bytes, version=4))
        if kind in ("byte", "base64", "base64url"):
            return base64.b64encode(self._material.best.title.encode(errors="replace")).decode()
        return _EXAMPLES.get(kind, "")


def said_of(name: str, mentions: Mentions) -> Iterator[str]:
    """
    What a text says of something by its name: ``city: Oslo``, ``the subject "Hi"``, ``named Anna`` for a name.

    Args:
        name: The name of a property or an argument.
        mentions: The text with what it mentions.
    """
    words = name_words(name)
    if not words or len(words) > 8:
        return
    called = r"[\s_-]*".join(map(re.escape, words))
    if words[-1] in ("name", "title"):
        called = rf"{called}|named|called"
    told = re.compile(rf"(?<!\w)(?:{called})(?!\w)\s*(=|:|\bis\b|\bas\b|\bto\b|\bof\b)?\s*", re.IGNORECASE)
    for match in told.finditer(mentions.text):
        mention = _at(mentions, match.end())
        sign = (match[1] or "").lower()
        if mention is not None and (sign or mention.kind != "date"):
            yield mention.text
        elif sign in ("=", ":") or match.group().lower().startswith(("named", "called")):
            rest = mentions.text[match.end() : match.end() + 200]
            yield _ENDS.split(rest, maxsplit=1)[0].strip()


def _at(mentions: Mentions, place: int) -> Mention | None:
    for kind in ("quoted", "url", "email", "path", "date", "code", "name"):
        for mention in mentions.of(kind):
            if mention.start == place:
                return mention
    return None


def _singular(name: str) -> str:
    return re.sub(r"ies$", "y", name) if name.endswith("ies") else name.rstrip("s")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

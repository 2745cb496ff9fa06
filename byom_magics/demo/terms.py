"""What a text or a question is about, as terms: stems of words, and names of code kept as they are."""

from __future__ import annotations

import keyword
import re

__all__ = ["STOP_WORDS", "code_terms", "named", "stem", "text_terms", "word_terms"]

STOP_WORDS = frozenset(
    """
    a about again all also an and any are as at be because been before being between both but by can cannot could
    describe did differ difference different do does doing done each etc exactly example examples explain few for
    from gets give given had happen happens has have having he hello help her hey hi him his how i if in into is it
    its itself just kind know let like looks made make makes many may me mean meaning means might more most much
    must my need needs no nor not now of off on once one only or other our out over please python python3 really
    same say seen shall she should show similar simple so some such take taken tell than thank thanks that the their
    them then there these they thing things this those through to too under until up us use used useful uses using
    various versus very vs want was way ways we well were what whats when where whether which who whose why will
    with without word work working works would write you your
    """.split()  # noqa: SIM905 - as words they can be read
)

_CODE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(`+) ?(.+?) ?\1(?!`)")
_LINK = re.compile(r"\]\([^)]*\)")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_OPERATOR = re.compile(r"[-+*/%@<>=!&|^~:.]{1,3}|\[\]|\{\}|\(\)")
_VOWEL = re.compile("[aeiouy]")


def stem(word: str) -> str:
    """A word without its common endings, so that ``slice``, ``slicing`` and ``slices`` are one term."""
    word = word.lower()
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word[: -len(ending)]
        if word.endswith(ending) and len(root) > 2 and _VOWEL.search(root):
            word = root[:-1] if root[-1] == root[-2] and root[-1] not in "lsz" else root
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def named(name: str) -> str:
    """The term for something that is code: a keyword, an operator, a dotted name."""
    return f"`{name}`"


def text_terms(markdown: str) -> list[str]:
    """The terms of a Markdown text. What stands in fenced code counts as words, keywords left out."""
    fenced = " ".join(match.group() for match in _CODE.finditer(markdown))
    prose = _LINK.sub("]", _CODE.sub(" ", markdown))
    terms = word_terms(_SPAN.sub(" ", prose)) + word_terms(fenced)
    for span in _SPAN.finditer(prose):
        terms += code_terms(span[2])
    return terms


def word_terms(text: str) -> list[str]:
    """The stems of the words that carry meaning; Python's keywords are not among them."""
    return [part for name in _NAME.findall(text) if name not in keyword.kwlist for part in _parts(name)]


def code_terms(code: str) -> list[str]:
    """The terms of a piece of code such as ``str.split()``: names, their parts, a lone operator."""
    if _OPERATOR.fullmatch(code):
        return [named(code)]
    terms: list[str] = []
    for name in _NAME.findall(code):
        terms.append(named(name))
        if "." in name:
            terms.append(named(name.rpartition(".")[2]))
        if name not in keyword.kwlist:
            terms += _parts(name)
    return terms


def _parts(name: str) -> list[str]:
    parts = re.split(r"[._]+", name)
    return [stem(part) for part in parts if len(part) > 1 and part.lower() not in STOP_WORDS]

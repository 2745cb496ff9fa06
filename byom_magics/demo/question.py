"""What a question asks about: its terms with weights, and the keywords and operators that it means as code."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from byom_magics.demo.terms import STOP_WORDS, code_terms, named, stem, word_terms

__all__ = ["Question", "read"]

_SIGN = r"!=|[-+*/%@<>=&|^~:]{1,3}|\.{3}"
_TOKEN = re.compile(
    r"`+[^`]+`+|\"[^\"]+\"|(?<!\w)'[^']+'(?!\w)"  # quoted
    r"|\[[^\]]*:[^\]]*\]"  # a slice
    r"|\*{0,2}[^\W\d]\w*(?:\.[^\W\d]\w*)*"  # a word, a dotted name, *args
    rf"|(?<!\S)(?:{_SIGN})(?![^\s?.,;])|[,?]"
)
_OPERATOR = re.compile(_SIGN)
_F_STRING = re.compile(r"\bf-(?=strings?\b)", re.IGNORECASE)

# Keywords that are words of everyday English, or no keywords outside their place: they count as code
# only where the question treats them so. All other keywords always do.
_EVERYDAY = frozenset({"and", "as", "for", "from", "if", "in", "is", "not", "or", "with", "match", "case", "type"})
_KEYWORDS = frozenset(keyword.kwlist) | _EVERYDAY
_KINDS = frozenset(
    f"{kind}{plural}"
    for kind in ("statement", "keyword", "operator", "loop", "clause", "block", "expression")
    for plural in ("", "s")
)
_DASHES = frozenset({"-", "--", "/", "&", ":", "~"})  # Operators in a question of nothing else.
_BEFORE_A_NAME = frozenset({"does", "do", "between", "of", "the", "use", "using", "keyword", "operator", "statement"})
_AFTER_A_NAME = frozenset({"", "?", "do", "does", "mean", "means", "work", "works", "vs", "versus"})
_PAIRS = frozenset({"and", "or", "vs", "versus", ","})
_BESIDE_ITS_KIND = 0.3
_SYNONYM = 0.5
_AS_CODE = 0.5

# What people say, and what the reference calls it.
_SYNONYMS = {
    "==": "value",
    "is": "identity",
    "in": "membership",
    "async": "asynchronous coroutine",
    "asyncio": "asynchronous coroutine await",
    "breakpoint": "pdb debugger",
    "breakpoints": "pdb debugger",
    "catch": "`except` exception handler",
    "closure": "free variables scope",
    "comparison": "comparisons",
    "comprehension": "comprehension displays",
    "constructor": "`__init__` `__new__`",
    "debug": "pdb debugger",
    "decorator": "function `@`",
    "decorators": "function `@`",
    "default": "default parameter values",
    "dict": "dictionary",
    "dicts": "dictionary",
    "dictionary": "dict",
    "dictionaries": "dict",
    "dunder": "special method names",
    "equality": "`==` value comparisons",
    "fstring": "formatted string literal",
    "fstrings": "formatted string literal",
    "hint": "annotation `__annotations__`",
    "hints": "annotation `__annotations__`",
    "identity": "`is` comparisons",
    "inherit": "inheritance base classes",
    "inheritance": "inherit base classes",
    "iterate": "`for` iterable",
    "args": "excess argument positional",
    "kwargs": "excess argument keyword",
    "loop": "`for` `while`",
    "loops": "`for` `while`",
    "magic": "special method",
    "null": "None",
    "overload": "emulating special method",
    "overloading": "emulating special method",
    "scope": "scope binding naming",
    "scopes": "scope binding naming",
    "switch": "`match` patterns",
    "ternary": "`if` `else` conditional expression",
    "unpack": "unpacking starred `*`",
    "unpacking": "starred `*`",
    "variable": "names binding",
    "variables": "names binding",
    "walrus": "`:=` assignment expression",
}


@dataclass(frozen=True)
class Question:
    """
    A question, understood.

    Attributes:
        sought: The things asked for, each as the terms that stand for it, with weights.
        named: Keywords and operators that it means as code, in their order.
    """

    sought: tuple[dict[str, float], ...] = ()
    named: tuple[str, ...] = ()


def read(text: str) -> Question:
    """Understand a question. Words that carry nothing are left out; keywords count when the question is about them."""
    tokens = _TOKEN.findall(_F_STRING.sub("f", text))
    words = [_bare(token) for token in tokens]
    meant = _meant(tokens, words)
    sought = []
    for number, word in enumerate(words):
        if number in meant:
            terms = dict.fromkeys(code_terms(word) or [named(word)], 1.0)
        elif word.lower() in STOP_WORDS or word.lower() in _KEYWORDS:
            continue
        else:
            terms = dict.fromkeys(word_terms(word), _BESIDE_ITS_KIND if meant and word.lower() in _KINDS else 1.0)
            for term in code_terms(word) if len(word) > 1 and word not in _DASHES else ():
                terms.setdefault(term, _AS_CODE)
        for other in _SYNONYMS.get(word.lower(), "").split():
            terms.setdefault(other if other.startswith("`") else stem(other), _SYNONYM)
        if terms and terms not in sought:
            sought.append(terms)
    return Question(tuple(sought), tuple(words[number] for number in sorted(meant)))


def _bare(token: str) -> str:
    if token[0] in "`\"'":
        return token.strip("`\"'")
    if token[0] == "[":
        return "slice"
    return token.lstrip("*") or token


def _meant(tokens: list[str], words: list[str]) -> set[int]:
    """The places of what is meant as code."""
    lower = [word if word in _KEYWORDS else word.lower() for word in words]
    keywords = {number for number, word in enumerate(lower) if word in _KEYWORDS}
    if keywords and len(keywords) == len([word for word in lower if word not in ("?", ",")]):
        return keywords
    said = any(map(_says_something, lower))
    meant = {
        number
        for number, token in enumerate(tokens)
        if token[0] in "`\"'"
        or (_OPERATOR.fullmatch(token) and not (token in _DASHES and said))
        or (number in keywords and lower[number] not in _EVERYDAY)
    }
    meant |= {number for number in keywords - meant if _is_named(lower, number)}
    meant |= {number for number in keywords - meant if _is_paired(lower, number, meant)}
    last = max((number for number, word in enumerate(lower) if word != "?"), default=-1)
    if not meant and last in keywords and not said:
        return {last}
    return meant


def _says_something(word: str) -> bool:
    return word.isidentifier() and word not in _KEYWORDS and word not in STOP_WORDS


def _is_named(words: list[str], number: int) -> bool:
    """Whether the words around it name it: "the with statement", "the not in operator", "what does in do"."""
    end = number + 1
    while end < len(words) and words[end] in _KEYWORDS:
        end += 1
    after = words[end] if end < len(words) else ""
    start = number
    while start and words[start - 1] in _KEYWORDS:
        start -= 1
    before = words[start - 1] if start else ""
    if words[number] in _PAIRS and end - start > 1:
        return number + 1 < len(words) and words[number + 1] in _KINDS
    return after in _KINDS or before == "between" or (before in _BEFORE_A_NAME and after in _AFTER_A_NAME)


def _is_paired(words: list[str], number: int, meant: set[int]) -> bool:
    """Whether it stands beside code as its equal: "is and ==", "for vs while"."""
    return words[number] not in _PAIRS and any(
        words[near] in _PAIRS and far in meant
        for near, far in ((number + 1, number + 2), (number - 1, number - 2))
        if 0 <= near < len(words)
    )

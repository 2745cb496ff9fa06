"""Which function a text means: by the words of its name, of its description and of its parameters."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.demo.material import name_words, roots
from byom_magics.demo.mentions import Mentions
from byom_magics.demo.parameters import parameters_of
from byom_magics.demo.terms import STOP_WORDS

if TYPE_CHECKING:
    from byom_magics.demo.functions import Function

__all__ = ["Match", "Matcher"]

_BY_NAME = 3.0
_WHOLE_NAME = 2.0
_CALLED = 10.0
_BESIDE = 0.5
_ENOUGH_BESIDE = 2
_READ = 600

_SAY_LITTLE = frozenset(
    roots(
        """
        get set do make fetch my the a an to of for in by on and or is are be with from at into as it its this that not
        tool function func fn call run use api demo value values given return returns argument arguments parameter
        parameters string str int float one any some current please what how which who when where
        """
    )
)
_STOPPED = frozenset(roots(" ".join(STOP_WORDS))) - frozenset(roots("describe explain show help difference python"))
_PYTHON = frozenset(roots(" ".join(name for name in dir(builtins) if name.islower())))

# What people say, and how functions for it are called.
_SAID = {
    "plus": "add sum addition",
    "add": "sum addition",
    "sum": "add addition",
    "total": "sum add",
    "minus": "subtract difference subtraction",
    "multiplied": "multiply product multiplication",
    "product": "multiply",
    "divided": "divide quotient division",
    "squared": "square power",
    "cubed": "cube power",
    "power": "exponent pow",
    "average": "mean",
    "mean": "average",
    "biggest": "max largest maximum",
    "largest": "max biggest maximum",
    "highest": "max maximum",
    "smallest": "min minimum lowest",
    "lowest": "min minimum smallest",
    "forecast": "weather",
    "temperature": "weather forecast",
    "rain": "weather forecast",
    "raining": "weather forecast",
    "sunny": "weather forecast",
    "cold": "weather temperature",
    "warm": "weather temperature",
    "today": "date day now",
    "clock": "time now",
    "hour": "time",
    "mail": "email",
    "email": "mail",
    "find": "search lookup",
    "search": "find lookup",
    "lookup": "search find",
    "picture": "image",
    "image": "picture",
    "chart": "plot",
    "plot": "chart draw",
    "dice": "roll die",
    "die": "roll dice",
    "calculate": "calculator compute evaluate calc",
    "compute": "calculator calculate evaluate calc",
    "evaluate": "calculator calculate compute calc",
    "many": "count number",
    "reversed": "reverse",
    "backwards": "reverse",
    "uppercase": "upper",
    "lowercase": "lower",
}
_MEANT: Mapping[str, frozenset[str]] = {
    root: frozenset(roots(said)) for word, said in _SAID.items() for root in roots(word)
}
_OPERATORS = (
    (r"\+", "add sum plus addition"),
    (r"[-−]", "subtract minus difference subtraction"),
    (r"[*×]|times", "multiply times product multiplication"),
    (r"[/÷]|over", "divide quotient division"),
    (r"\*\*|\^", "power exponent pow"),
    (r"%", "modulo remainder"),
)
_ANY_OPERATOR = "calculate calculator compute evaluate calc"
_PHRASES = (
    (re.compile(r"\bwhat (?:time|day|date)\b|\bhow late\b", re.IGNORECASE), "current now time"),
    (re.compile(r"\bsquare root\b|√", re.IGNORECASE), "sqrt root"),
    (re.compile(r"\blook(?:ing)? up\b", re.IGNORECASE), "lookup search find"),
    (re.compile(r"\bhow (?:long|many)\b", re.IGNORECASE), "count length number"),
)


@dataclass(frozen=True)
class Match:
    """
    How well a function fits a text.

    Attributes:
        function: The function.
        score: How well; only comparable for one text.
        words: The words of the text that tell it, those for its name first.
        enough: Whether they tell that it is meant, not merely that it could be.
    """

    function: Function
    score: float
    words: tuple[str, ...]
    enough: bool


class Matcher:
    """
    Finds the function that a text means.

    Args:
        functions: The functions that there are.
    """

    def __init__(self, functions: Iterable[Function]) -> None:
        self._known = [_Known(function) for function in functions]

    def matches(self, text: str) -> list[Match]:
        """How well each function fits a text, the best first; of equals the one that is offered first."""
        said = _said(text)
        found = [known.match(text, said) for known in self._known]
        return sorted(found, key=lambda match: (not match.enough, -match.score))

    def best(self, text: str) -> Match | None:
        """The function that a text means, if it means one."""
        found = self.matches(text)
        return found[0] if found and found[0].enough else None


class _Known:
    """A function with the roots of the words that tell it."""

    def __init__(self, function: Function) -> None:
        self._function = function
        name = set(roots(function.name))
        self._telling = name - _SAY_LITTLE or name
        parameters = parameters_of(function)
        self._bare = not parameters
        about = [function.description[:_READ], *(each.name for each in parameters)]
        about += [str(value) for each in parameters for value in each.node.get("enum", ()) if isinstance(value, str)]
        self._beside = set(roots(" ".join(about))) - self._telling - _SAY_LITTLE - _STOPPED
        self._called = re.compile(rf"(?<!\w){re.escape(function.name)}(?!\w)")

    def match(self, text: str, said: Mapping[str, str]) -> Match:
        """How well it fits a text that says those roots, each told with its word."""
        by_name = [root for root in said if root in self._telling]
        besides = [root for root in said if root in self._beside]
        called = self._is_called(text, said)
        enough = called or bool(by_name) or len(besides) >= _ENOUGH_BESIDE
        if self._bare and not called and len(by_name) < len(self._telling) and set(by_name) <= _PYTHON:
            # Nothing but words that every question about Python has: "list" in list_files.
            enough = len(besides) >= _ENOUGH_BESIDE
        score = len(by_name) * (_BY_NAME + _WHOLE_NAME / len(self._telling)) + _BESIDE * len(besides) + _CALLED * called
        words = [f"`{self._function.name}`"] * called + [said[root] for root in (*by_name, *besides)]
        return Match(self._function, score, tuple(dict.fromkeys(words)), enough)

    def _is_called(self, text: str, said: Mapping[str, str]) -> bool:
        """Whether a text has its very name, and as a name: "sum" is a word, too."""
        name = self._function.name
        if not self._called.search(text):
            return False
        return "_" in name or "tool" in said or f"`{name}" in text or f"{name}(" in text


def _said(text: str) -> dict[str, str]:
    """The roots of what a text says outside quotations and of how functions for it may be called, with its words."""
    mentions = Mentions(text)
    said: dict[str, str] = {}
    for word in name_words(mentions.plain):
        for root in roots(word):
            said.setdefault(root, word)
    for root, word in list(said.items()):
        for meant in _MEANT.get(root, ()):
            said.setdefault(meant, word)
    for phrase, words in _PHRASES:
        if found := phrase.search(mentions.plain):
            for root in roots(words):
                said.setdefault(root, found.group())
    for sign, words in _OPERATORS:
        if found := re.search(rf"[\d)]\s?({sign})\s?[-+(]?\s?\d", mentions.text):
            for root in roots(f"{words} {_ANY_OPERATOR}"):
                said.setdefault(root, found[1])
    return said

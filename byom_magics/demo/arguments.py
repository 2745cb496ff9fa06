"""The arguments of a function, filled from what a text says: by their names, their kinds, and the order of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from byom_magics.demo.checking import fits
from byom_magics.demo.figures import chosen, number_for, yes_or_no
from byom_magics.demo.functions import Function
from byom_magics.demo.literals import json_or_text, jsons, number_in
from byom_magics.demo.material import Material, name_words
from byom_magics.demo.mentions import Mention, number_of
from byom_magics.demo.parameters import Parameter, item_kind, parameters_of
from byom_magics.demo.schema import Schema
from byom_magics.demo.supply import Supply
from byom_magics.demo.terms import STOP_WORDS
from byom_magics.demo.wording import said_of

__all__ = ["Filling", "filled"]

_MOST_AT_ONCE = 8
_FROM = frozenset({"from", "source", "origin", "start", "departure", "begin", "src"})
_TO = frozenset({"to", "target", "destination", "end", "arrival", "dest", "into", "recipient", "receiver", "goal"})
_SUMS = frozenset({"expression", "expr", "formula", "calculation", "equation", "sum"})
_SUM = re.compile(r"[-+(]?\s*\d[\d\s.,()+\-*/×÷^%]*[\d)]")
_OPERATOR = re.compile(r"[\d)]\s*(?:\*\*|[-+*/×÷^%])\s*[-+(\d]")
_REFERS = re.compile(
    r"\b(?:the|that|this|its|their)\s+(?:result|results|sum|product|difference|quotient|total|answer|output|value|number)\b"
    r"|\b(?:it|that|them|this|those|these|there|both|result)\b(?!['’])",
    re.IGNORECASE,
)
_FORMED = frozenset({"date", "time", "url", "email", "day"})
_FORMS = frozenset({"date", "date-time", "uri", "email", "time"})
_DATES = frozenset({"date", "day", "when"})
_LOOKS = {
    "url": frozenset({"url", "link", "uri", "website"}),
    "email": frozenset({"email", "mail"}),
    "date": _DATES,
    "time": frozenset({"time"}),
    "path": frozenset({"path", "file", "filename", "filepath"}),
}
_DAY = re.compile(
    r"\b(?:today|tomorrow|yesterday|tonight|(?:next |on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b", re.IGNORECASE
)
_UNIT = re.compile(r"\d\s?([^\W\d_]{1,20})")
_FROM_WHAT = re.compile(r"\b(?:subtract|deduct)\w*\s(?:\S+\s){1,4}?from\b", re.IGNORECASE)
_READ = 2_000
_LIST = re.compile(r"\s*(?:,\s*(?:and\b|or\b)?|\band\b|\bor\b)\s*", re.IGNORECASE)
_COLON = re.compile(r":\s+(\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Filling:
    """
    Arguments as far as a text has them.

    Attributes:
        calls: The arguments of one call, or of several where the text has several of the same kind.
        missing: The names of required parameters for which there is nothing.
        used: Whether results of earlier calls were put in.
        refers: Whether the text points at something earlier ("the result", "it").
    """

    calls: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...] = ()
    used: bool = False
    refers: bool = False


def filled(function: Function, text: str, results: Sequence[str] = ()) -> Filling:
    """
    Fill the parameters of a function from a text.

    Args:
        function: The function.
        text: What is asked for, or the part of it that is for this function.
        results: Results of earlier calls, the last one last, for what the text does not say.
    """
    return _Filler(function, text, results).fill()


class _Filler:
    def __init__(self, function: Function, text: str, results: Sequence[str]) -> None:
        self._document = Schema(function.parameters)
        self._parameters = parameters_of(function)
        self._supply = Supply(function, text)
        self._material = Material(text)
        self._results = list(results)
        self._refers = list(_REFERS.finditer(self._supply.mentions.plain))
        self._swapped = bool(_FROM_WHAT.search(self._supply.mentions.text))
        self._found: dict[str, Any] = {}
        self._in_order: list[tuple[Parameter, Mention]] = []
        self._used = False

    def fill(self) -> Filling:
        steps = (
            *(self._by_name, self._choices, self._spelled, self._looks, self._directions),
            *(self._lists, self._numbers, self._texts),
        )
        for step in steps:
            for parameter in self._parameters:
                if parameter.name not in self._found:
                    step(parameter)
        ordered = {parameter.name: self._found[parameter.name] for parameter in self._parameters
                   if parameter.name in self._found}  # fmt: skip
        missing = tuple(each.name for each in self._parameters if each.required and each.name not in ordered)
        calls = (ordered,) if missing else tuple(self._spread(ordered))
        return Filling(calls, missing, self._used, bool(self._refers))

    def _put(self, parameter: Parameter, value: object, mention: Mention | None = None) -> bool:
        value = parameter.suited(value)
        if value is None or not fits(value, parameter.node, self._document):
            return False
        self._found[parameter.name] = value
        if mention is not None:
            self._supply.take(mention)
        return True

    # One step for each way to know a value, the surest first

    def _by_name(self, parameter: Parameter) -> None:
        if parameter.kind in ("number", "integer"):
            for mention in number_for(parameter.name, self._supply.mentions):
                if self._supply.free(mention) and self._put(parameter, number_of(mention.text), mention):
                    return
        elif parameter.kind == "boolean":
            self._put(parameter, yes_or_no(parameter.name, "", self._material))
        elif parameter.kind in ("string", "choice"):
            for text in said_of(parameter.name, self._supply.mentions):
                meant = next((one for one in self._supply.everything() if one.text == text), None)
                quoted = meant is not None and meant.kind == "quoted"
                if text and (quoted or not parameter.free) and self._put(parameter, text, meant):
                    return
            if parameter.kind == "string" and (word := self._word_after(parameter)):
                self._put(parameter, word.text, word)
                return
        for result in self._results[::-1]:
            told = json_or_text(result)
            if isinstance(told, dict) and parameter.name in told and self._put(parameter, told[parameter.name]):
                self._used = True
                return

    def _word_after(self, parameter: Parameter) -> Mention | None:
        """The word after the name of a parameter: "column price" is a column, "the letters r" is a letter."""
        called = r"[\s_-]*".join(map(re.escape, name_words(parameter.name)))
        for match in re.finditer(rf"(?<!\w){called}s?\s(\w[\w-]*)", self._supply.mentions.plain[:_READ], re.IGNORECASE):
            word = match[1]
            if word.lower() not in STOP_WORDS and word.islower() and not self._supply.is_tool_word(word):
                return Mention("object", word, match.start(1), match.end(1))
        return None

    def _choices(self, parameter: Parameter) -> None:
        values: Sequence[Any]
        if parameter.kind == "choice":
            values = parameter.node["enum"] if "enum" in parameter.node else [parameter.node["const"]]
        elif parameter.kind == "string" and not parameter.required:
            values = parameter.options
        else:
            return
        named = chosen(values, self._material, self._material.best, parameter.name, sure=True)
        for value in named:
            if self._put(parameter, value):
                self._supply.take(*(one for one in self._supply.everything() if one.text.lower() == str(value).lower()))
                return
        if len(values) == 1 and parameter.required:
            self._put(parameter, values[0])

    def _spelled(self, parameter: Parameter) -> None:
        """JSON that stands in the text, and objects whose members are told."""
        if parameter.kind not in ("object", "array"):
            return
        for value in jsons(self._supply.mentions.text):
            if self._put(parameter, value):
                return
        if parameter.kind == "object" and parameter.node.get("properties"):
            inside = Function("", "", {**parameter.node, **_definitions(self._document)})
            inner = _Filler(inside, self._supply.mentions.text, self._results).fill()
            if not inner.missing and inner.calls[0]:
                self._put(parameter, inner.calls[0])

    def _looks(self, parameter: Parameter) -> None:
        """What is known by its look: addresses, dates, files, calculations, units."""
        if parameter.kind != "string":
            return
        form, words = parameter.node.get("format"), parameter.words
        for kind, told in _LOOKS.items():
            if words & told or form in (kind, f"{kind}-time") or (kind == "url" and form == "uri"):
                for mention in self._supply.left(kind):
                    if self._put(parameter, mention.text, mention):
                        return
        if words & _DATES and form is None and (day := _DAY.search(self._supply.mentions.plain)):
            self._put(parameter, day.group())
        elif words & {"unit", "units"} and not words & _TO and (unit := _UNIT.search(self._supply.mentions.text)):
            self._put(parameter, unit[1])
        elif words & _SUMS and (found := self._sum()):
            self._put(parameter, found)

    def _sum(self) -> str:
        for match in _SUM.finditer(self._supply.mentions.text):
            if _OPERATOR.search(match.group()):
                self._supply.take_all(match.start(), match.end())
                return match.group().strip()
        return ""

    def _directions(self, parameter: Parameter) -> None:
        if parameter.kind != "string":
            return
        for ways, told in ((_FROM, ("from",)), (_TO, ("to", "into"))):
            if parameter.words & ways:
                for kind in ("quoted", "name", "object"):
                    for mention in self._supply.left(kind):
                        if mention.after in told and self._put(parameter, mention.text, mention):
                            return

    def _lists(self, parameter: Parameter) -> None:
        if parameter.kind != "array":
            return
        items = parameter.node.get("items", {})
        kind = item_kind(items, self._document)
        values: list[Any] = []
        if kind in ("number", "integer"):
            values = [number_of(one.text) for one in self._supply.left("number")]
            values = [int(each) if kind == "integer" and float(each).is_integer() else each for each in values]
        elif kind == "choice":
            node = self._document.node(items)
            values = [*dict.fromkeys(chosen(node["enum"], self._material, self._material.best, sure=True))]
        elif kind == "string":
            found = self._supply.left("quoted") or self._supply.names() or self._supply.left("code")
            values = [one.text for one in found] or self._listed()
        if not values and self._results:
            told = [json_or_text(result) for result in self._results]
            single = [each for each in told if not isinstance(each, (list, dict))]
            values = told[-1] if isinstance(told[-1], list) else single
            self._used = bool(values)
        if values and self._put(parameter, values):
            self._supply.take(
                *(one for name in ("number", "quoted", "name", "code") for one in self._supply.left(name))
            )

    def _listed(self) -> list[str]:
        """The members of a list in words: after a colon, or what is joined by commas and "and"."""
        text = self._supply.mentions.text.strip().rstrip(".?!")
        if after := _COLON.search(text):
            return [part for part in _LIST.split(after[1]) if part]
        if "," not in text and " and " not in text:
            return []
        first, *rest = _LIST.split(text)
        return [part for part in (first.split()[-1], *rest) if part]

    def _numbers(self, parameter: Parameter) -> None:
        """In the order in which they stand; a result stands where the text points at it, or before all."""
        if parameter.kind not in ("number", "integer"):
            return
        numbers = self._supply.left("number")[:: -1 if self._swapped else 1]
        wanting = [each for each in self._parameters if each.required and each.name not in self._found]
        lacking = len([each for each in wanting if each.kind in ("number", "integer")]) - len(numbers)
        pointed = self._refers[0].start() if self._refers else -1
        if lacking > 0 and (not numbers or self._swapped or pointed < numbers[0].start):
            for number in range(max(0, len(self._results) - lacking), len(self._results)):
                value = number_in(self._results[number])
                if value is not None and self._put(parameter, value):
                    del self._results[number]
                    self._used = True
                    return
        for mention in numbers:
            if self._put(parameter, number_of(mention.text), mention):
                self._in_order.append((parameter, mention))
                return

    def _texts(self, parameter: Parameter) -> None:
        if parameter.kind != "string" or parameter.words & _FORMED or parameter.node.get("format") in _FORMS:
            return
        named = parameter.named
        free = parameter.free
        if not parameter.required:
            open_ones = [each for each in self._parameters if each.name not in self._found]
            wanting = any(each.required and each.kind == "string" for each in open_ones)
            quoted = self._supply.left("quoted")
            if quoted and not named and not wanting:
                self._put(parameter, quoted[0].text, quoted[0])
            return
        for mention in self._candidates(named=named, free=free):
            if self._put(parameter, mention.text, mention):
                self._in_order.append((parameter, mention))
                return
        if self._results and (self._refers or free or not named):
            text = self._results[-1]
            if self._put(parameter, text if free or not named or len(text) < 60 else ""):
                self._used = True
                return
        rest = self._supply.rest()
        if free or not named or ("name" in parameter.words and rest.isidentifier()):
            self._put(parameter, rest)

    def _candidates(self, *, named: bool, free: bool) -> Iterator[Mention]:
        names = self._supply.names()
        if named:
            yield from names
            yield from self._supply.left("quoted")
            yield from (one for one in self._supply.left("code") if not self._supply.is_tool_word(one.text))
            yield from self._supply.objects()
            return
        yield from self._supply.left("quoted")
        if free and (after := _COLON.search(self._supply.mentions.text)):
            yield Mention("object", after[1].strip(), after.start(1), after.end(1))
        if free and self._results and self._refers:
            return
        for kind in ("url", "email", "path", "code") if not free else ():
            yield from (one for one in self._supply.left(kind) if not self._supply.is_tool_word(one.text))
        if free:
            yield from self._supply.subject()
        yield from names
        if not free:
            yield from self._supply.objects()

    def _spread(self, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Further calls for further mentions of the same kinds: two cities are two calls."""
        yield arguments
        kinds = {mention.kind for _, mention in self._in_order}
        if len(kinds) != 1 or any(each.kind == "array" for each in self._parameters):
            return
        size = len(self._in_order)
        kind = next(iter(kinds))
        left = self._supply.names() if kind == "name" else self._supply.left(kind)
        if kind == "object":
            left = [one for one in left if one.after == self._in_order[0][1].after]
        if len(left) % size:
            return
        for start in range(0, min(len(left), size * (_MOST_AT_ONCE - 1)), size):
            values = {}
            for (parameter, _), mention in zip(self._in_order, left[start : start + size], strict=True):
                value = parameter.suited(number_of(mention.text) if kind == "number" else mention.text)
                if value is None or not fits(value, parameter.node, self._document):
                    return
                values[parameter.name] = value
            yield {**arguments, **values}


def _definitions(document: Schema) -> dict[str, Any]:
    whole = document.document if isinstance(document.document, Mapping) else {}
    return {name: whole[name] for name in ("$defs", "definitions") if name in whole}

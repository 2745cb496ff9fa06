"""The parameters of a function, and what kind of value each of them takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.demo.literals import number_in
from byom_magics.demo.material import name_words
from byom_magics.demo.schema import Node, Schema, SchemaProblem, types_of

if TYPE_CHECKING:
    from byom_magics.demo.functions import Function

__all__ = ["Parameter", "item_kind", "parameters_of"]

_OPTIONS = re.compile(r"(?:[\"'`]?[\w-]{2,30}[\"'`]?,\s){0,9}[\"'`]?[\w-]{2,30}[\"'`]?,? or [\"'`]?[\w-]{2,30}")
_FREE = frozenset(
    """
    query question text prompt topic term q search subject message content sentence body words keyword keywords phrase
    input string note description title task statement quote what paragraph document
    """.split()  # noqa: SIM905 - as words they can be read
)
_NAMED = frozenset(
    """
    city name country location place town person user who where author customer capital region state symbol ticker
    company address destination origin currency language animal product item
    """.split()  # noqa: SIM905 - as words they can be read
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function, with its schema, null left out of it."""

    name: str
    node: Node
    required: bool

    @property
    def kind(self) -> str:
        """``choice``, or its JSON type; a text where nothing tells."""
        if isinstance(self.node.get("enum"), list) or "const" in self.node:
            return "choice"
        return next(iter(types_of(self.node)), "string")

    @property
    def named(self) -> bool:
        """Whether it takes a name: of a city, a person, a currency."""
        return self.kind == "string" and bool(self.words & _NAMED) and not self.words & _FREE

    @property
    def free(self) -> bool:
        """Whether it takes any text: a question, a message."""
        return bool(self.words & _FREE)

    @property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return frozenset(name_words(self.name))

    @property
    def options(self) -> tuple[str, ...]:
        """The values that its description names: "celsius or fahrenheit"."""
        told = _OPTIONS.search(str(self.node.get("description", "")))
        return tuple(re.findall(r"[\w-]+", told.group().replace(" or ", " "))) if told else ()

    def suited(self, value: object) -> object:
        """A value as its kind has it; None if it cannot be."""
        if self.kind == "integer" and isinstance(value, float):
            return int(value) if value.is_integer() else None
        if self.kind in ("number", "integer") and isinstance(value, str):
            return number_in(value)
        if self.kind == "string" and isinstance(value, str):
            return value.strip() or None
        return value


def parameters_of(function: Function) -> tuple[Parameter, ...]:
    """The parameters of a function, in order. One that cannot be read is left out."""
    schema = Schema(function.parameters)
    node = schema.node(function.parameters)
    required = node.get("required", ())
    found = []
    for name, each in node.get("properties", {}).items():
        try:
            forms = [form for form in schema.forms(schema.node(each)) if types_of(form) != ("null",)]
        except SchemaProblem:
            continue
        if forms:
            form = next((form for form in forms if types_of(form) != ("string",)), forms[0])
            found.append(Parameter(name, form, name in required))
    return tuple(found)


def item_kind(items: object, document: Schema) -> str:
    """The kind of the items of a list, as `Parameter.kind` tells it; empty if it cannot be read."""
    try:
        node = document.node(items)
    except SchemaProblem:
        return ""
    return "choice" if isinstance(node.get("enum"), list) else next(iter(types_of(node)), "string")

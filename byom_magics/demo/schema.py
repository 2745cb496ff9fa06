"""Reading a JSON Schema: where its references lead, what its parts say together, and which forms it leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Union
from urllib.parse import unquote

__all__ = ["Document", "Node", "Schema", "SchemaProblem", "types_of"]

Node = Mapping[str, Any]
"""One schema inside a schema, references and ``allOf`` taken care of."""

Document = Union[Mapping[str, Any], bool]
"""A whole schema."""

_FARTHEST = 64
_MOST_NESTED = 8
_HIGHEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_LOWEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_KINDS = ("object", "array", "string", "number", "integer", "boolean", "null")
_TELLS = {
    "object": ("properties", "additionalProperties", "required", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("pattern", "format", "minLength", "maxLength"),
}


class SchemaProblem(ValueError):  # noqa: N818 - the schema's problem, not ours
    """A schema that cannot be read, or that no value fits."""


class Schema:
    """
    A schema with the document that its references point into.

    Args:
        document: The whole schema.
    """

    def __init__(self, document: Document) -> None:
        self.document = document

    def node(self, schema: object, depth: int = 0) -> Node:
        """
        A schema with its references followed and its ``allOf`` put together.

        Raises:
            SchemaProblem: It is no schema, a reference leads nowhere or in a circle, or nothing fits (``false``).
        """
        if schema is True:
            return {}
        if not isinstance(schema, Mapping):
            problem = "nothing fits false" if schema is False else "a schema must be an object"
            raise SchemaProblem(problem)
        if depth > _FARTHEST:
            raise SchemaProblem("its references go round in a circle")
        found: Node = schema
        if isinstance(found.get("$ref"), str):
            beside = {name: value for name, value in found.items() if name != "$ref"}
            found = _together(self.node(self._at(found["$ref"]), depth + 1), beside)
        parts = found.get("allOf")
        if isinstance(parts, list):
            found = {name: value for name, value in found.items() if name != "allOf"}
            for part in parts:
                found = _together(found, self.node(part, depth + 1))
        return found

    def forms(self, node: Node, depth: int = 0) -> Iterator[Node]:
        """The forms that a node leaves open by ``anyOf``, ``oneOf`` or several types; itself if there is only one."""
        for choice in ("anyOf", "oneOf"):
            given = node.get(choice)
            if isinstance(given, list) and given:
                rest = {name: value for name, value in node.items() if name != choice}
                for each in given:
                    try:
                        form = _together(rest, self.node(each))
                    except SchemaProblem:
                        continue
                    if depth < _MOST_NESTED:  # deeper, a form is one of itself
                        yield from self.forms(form, depth + 1)
                return
        types = types_of(node)
        if len(types) < 2:
            yield node
            return
        for each in types:
            yield {**node, "type": each}

    def _at(self, reference: str) -> object:
        if not reference.startswith("#"):
            raise SchemaProblem(f"'{reference}' leads out of the schema")
        place: object = self.document
        for part in unquote(reference[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(place, Mapping) and name in place:
                place = place[name]
            elif isinstance(place, list) and name.isdigit() and int(name) < len(place):
                place = place[int(name)]
            else:
                raise SchemaProblem(f"'{reference}' leads nowhere")
        if not reference.startswith("#/") and reference != "#":
            raise SchemaProblem(f"'{reference}' leads nowhere")
        return place


def types_of(node: Node) -> tuple[str, ...]:
    """The JSON types that a node allows, told by ``type`` or by what it asks for; none if it leaves them all open."""
    given = node.get("type")
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list):
        return tuple(each for each in given if isinstance(each, str))
    if "const" in node or "enum" in node:
        return ()
    return tuple(kind for kind, words in _TELLS.items() if any(word in node for word in words))[:1]


def _together(one: Node, other: Node) -> Node:
    """What both ask for."""
    both = {**one, **other}
    for name in one.keys() & other.keys():
        first, second = one[name], other[name]
        if name in _HIGHEST and _numbers(first, second):
            both[name] = max(first, second)
        elif name in _LOWEST and _numbers(first, second):
            both[name] = min(first, second)
        elif name in ("properties", "$defs", "definitions") and isinstance(first, Mapping):
            shared = {at: _both(first[at], second[at]) for at in first.keys() & second.keys()}
            both[name] = {**first, **second, **shared}
        elif name == "required" and isinstance(first, list):
            both[name] = list(dict.fromkeys([*first, *second]))
        elif name == "enum" and isinstance(first, list):
            both[name] = [each for each in first if each in second]
        elif name == "type":
            both[name] = _shared(types_of(one), types_of(other))
        elif name in ("anyOf", "oneOf", "pattern", "not") and first != second:
            # Both count: one of them is asked for beside the other, and checked at the end.
            both[name] = first
            both["allOf"] = [*both.get("allOf", []), {name: second}]
    return both


def _both(one: object, other: object) -> object:
    return one if one == other else {"allOf": [one, other]}


def _numbers(*values: object) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> list[str] | str:
    shared = [each for each in one if each in other]
    if not shared and "integer" in (*one, *other) and "number" in (*one, *other):
        shared = ["integer"]
    if not shared:
        raise SchemaProblem("its parts ask for different types")
    return shared[0] if len(shared) == 1 else shared

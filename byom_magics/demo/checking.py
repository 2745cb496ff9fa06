"""Whether a value is valid against a JSON Schema: the keywords that say something about one document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from byom_magics.demo.pattern import compiled
from byom_magics.demo.schema import Node, Schema, SchemaProblem

__all__ = ["fits"]

_COMPARED = 300
_CHECKED = 4_000
"""How much of a text a pattern is tried on; a longer one is taken to fit no pattern."""


def fits(value: object, schema: object, document: Schema, depth: int = 0) -> bool:
    """
    Whether a value is valid against a schema.

    Args:
        value: JSON as Python has it.
        schema: The schema.
        document: Where its references point into.
        depth: How deep in the document it stands.

    Returns:
        Whether all keywords that are known here hold. ``format`` is not one of them, as in JSON Schema itself.
    """
    if depth > 200:
        return False
    try:
        node = document.node(schema)
    except SchemaProblem:
        return False
    if not (_type(value, node) and _listed(value, node) and _chosen(value, node, document, depth + 1)):
        return False
    if isinstance(value, str):
        return _string(value, node)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value, node)
    if isinstance(value, list):
        return _array(value, node, document, depth + 1)
    return not isinstance(value, Mapping) or _object(value, node, document, depth + 1)


def _type(value: object, node: Node) -> bool:
    given = node.get("type")
    if given is None:
        return True
    return any(_is(value, each) for each in ([given] if isinstance(given, str) else given))


def _is(value: object, kind: object) -> bool:
    if isinstance(value, bool) or value is None:
        return kind == ("null" if value is None else "boolean")
    if isinstance(value, (int, float)):
        return kind == "number" or (kind == "integer" and float(value).is_integer())
    if isinstance(value, str):
        return kind == "string"
    return kind == ("array" if isinstance(value, list) else "object")


def _same(one: object, other: object) -> bool:
    """Equality of JSON, where 1 is 1.0 and no true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return one == other


def _listed(value: object, node: Node) -> bool:
    if "const" in node and not _same(value, node["const"]):
        return False
    return not isinstance(node.get("enum"), list) or any(_same(value, each) for each in node["enum"])


def _chosen(value: object, node: Node, document: Schema, depth: int) -> bool:
    if "allOf" in node and not all(fits(value, each, document, depth) for each in node["allOf"]):
        return False
    if "anyOf" in node and not any(fits(value, each, document, depth) for each in node["anyOf"]):
        return False
    if "oneOf" in node and sum(fits(value, each, document, depth) for each in node["oneOf"]) != 1:
        return False
    if "not" in node and fits(value, node["not"], document, depth):
        return False
    if "if" in node:
        then = "then" if fits(value, node["if"], document, depth) else "else"
        return then not in node or fits(value, node[then], document, depth)
    return True


def _string(value: str, node: Node) -> bool:
    if not node.get("minLength", 0) <= len(value) <= node.get("maxLength", math.inf):
        return False
    pattern = node.get("pattern")
    if not isinstance(pattern, str):
        return True
    expression = compiled(pattern)
    return expression is not None and len(value) <= _CHECKED and expression.search(value) is not None


def _number(value: float, node: Node) -> bool:
    if not node.get("minimum", -math.inf) <= value <= node.get("maximum", math.inf):
        return False
    if value <= node.get("exclusiveMinimum", -math.inf) or value >= node.get("exclusiveMaximum", math.inf):
        return False
    step = node.get("multipleOf")
    if not step:
        return True
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    return float(value / step).is_integer()


def _array(value: list[Any], node: Node, document: Schema, depth: int) -> bool:
    if not node.get("minItems", 0) <= len(value) <= node.get("maxItems", math.inf):
        return False
    if node.get("uniqueItems") and not _unique(value):
        return False
    first = node.get("prefixItems", [])
    items = node.get("items", True)
    if isinstance(items, list):  # before 2020-12
        first, items = items, node.get("additionalItems", True)
    schemas = [*first, *[items] * (len(value) - len(first))]
    if not all(fits(each, schema, document, depth) for each, schema in zip(value, schemas, strict=False)):
        return False
    if "contains" not in node:
        return True
    count = sum(fits(each, node["contains"], document, depth) for each in value)
    return bool(node.get("minContains", 1) <= count <= node.get("maxContains", math.inf))


def _matches(name: str, pattern: str) -> bool:
    expression = compiled(pattern)
    return expression is None or expression.search(name) is not None


def _unique(values: list[Any]) -> bool:
    if len(values) > _COMPARED:
        return len({json.dumps(each, sort_keys=True) for each in values}) == len(values)
    return not any(_same(one, other) for one, other in combinations(values, 2))


def _object(value: Mapping[str, Any], node: Node, document: Schema, depth: int) -> bool:
    if not node.get("minProperties", 0) <= len(value) <= node.get("maxProperties", math.inf):
        return False
    if not all(name in value for name in node.get("required", ())):
        return False
    properties, patterns = node.get("properties", {}), node.get("patternProperties", {})
    for name, each in value.items():
        schemas = [properties[name]] if name in properties else []
        schemas += [schema for pattern, schema in patterns.items() if _matches(name, pattern)]
        schemas = schemas or [node.get("additionalProperties", True)]
        if not all(fits(each, schema, document, depth) for schema in schemas):
            return False
        if "propertyNames" in node and not fits(name, node["propertyNames"], document, depth):
            return False
    needed = node.get("dependentRequired", {})
    return all(name in value for each in needed if each in value for name in needed[each])

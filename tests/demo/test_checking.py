from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.demo.checking import fits
from byom_magics.demo.schema import Schema

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 2.0, "", "a", "abc", "foo-1"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
    "enum": st.lists(VALUES, min_size=1, max_size=3),
    "const": VALUES,
    "minimum": st.integers(-2, 2),
    "exclusiveMaximum": st.integers(-2, 4),
    "multipleOf": st.sampled_from([1, 2, 0.5]),
    "minLength": st.integers(0, 3),
    "maxLength": st.integers(0, 3),
    "pattern": st.sampled_from(["^a", "o+", r"\d$"]),
    "minItems": st.integers(0, 2),
    "maxItems": st.integers(0, 2),
    "uniqueItems": st.booleans(),
    "minProperties": st.integers(0, 2),
    "maxProperties": st.integers(0, 2),
    "required": st.lists(st.sampled_from("ab"), unique=True),
    "dependentRequired": st.just({"a": ["b"]}),
    "propertyNames": st.just({"pattern": "a"}),
}


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["a", "^b"]), inner, max_size=1),
            "additionalProperties": inner,
            "items": inner,
            "prefixItems": several,
            "contains": inner,
            "anyOf": several,
            "oneOf": several,
            "allOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
        },
    )


SCHEMAS = st.recursive(st.booleans() | st.fixed_dictionaries({}, optional=KEYWORDS), nested, max_leaves=4)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, VALUES)
def test_what_fits_is_valid(schema: Any, value: Any) -> None:
    valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    # Parts that contradict one another are refused as a whole, and then nothing fits: never the other way round.
    assert valid or not fits(value, schema, Schema(schema))


@settings(max_examples=150, deadline=None)
@given(st.booleans() | st.fixed_dictionaries({}, optional=KEYWORDS), VALUES)
def test_what_is_valid_fits(schema: Any, value: Any) -> None:
    assert fits(value, schema, Schema(schema)) == jsonschema.Draft202012Validator(schema).is_valid(value)


def test_references_are_followed() -> None:
    schema = {"$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}, "$ref": "#/$defs/A"}
    assert fits([[], [[]]], schema, Schema(schema))
    assert not fits([[], [5]], schema, Schema(schema))


@pytest.mark.parametrize("schema", [{"pattern": "("}, {"$ref": "#/no"}])
def test_nothing_fits_what_cannot_be_read(schema: dict[str, Any]) -> None:
    assert not fits("x", schema, Schema(schema))


def test_a_value_nested_too_deep_does_not_fit() -> None:
    schema = {"items": {"$ref": "#"}}
    value: list[Any] = []
    for _ in range(500):
        value = [value]
    assert not fits(value, schema, Schema(schema))


def test_many_items_are_compared_in_linear_time() -> None:
    schema = {"uniqueItems": True}
    assert fits(list(range(50_000)), schema, Schema(schema))
    assert not fits([*range(50_000), 7], schema, Schema(schema))

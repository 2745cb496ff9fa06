from __future__ import annotations

from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.talk.json_schema import checked, closed, hoisted, rooted


def refused(schema: Any) -> str:
    with pytest.raises(OptionError) as caught:
        checked(schema)
    assert caught.value.hint
    return caught.value.what


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


# Checked


def test_a_valid_schema_is_copied_as_it_is() -> None:
    given = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "integer"}}}
    made = checked(given)
    assert made == given
    assert made["properties"] is not given["properties"]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"properties": {"a": {"type": "objekt"}}}, "The schema is not valid at properties.a.type: 'objekt' is not"),
        ({"required": "a"}, "The schema is not valid at required: 'a' is not of type 'array'"),
        ({"pattern": "("}, "The schema is not valid at pattern: '(' is not a 'regex'"),
        ({"enum": {1, 2}}, "The schema is no JSON: Object of type set is not JSON serializable"),
        ({"const": float("nan")}, "The schema is no JSON: Out of range float values"),
        (nested(5_000), "The schema is nested too deep."),
        ({"$schema": "https://example.org/own"}, "The schema is of an unknown draft: 'https://example.org/own'."),
    ],
)
def test_what_is_no_schema_is_told_with_its_place(schema: Any, problem: str) -> None:
    assert refused(schema).startswith(problem)


def test_the_draft_is_the_one_that_the_schema_names() -> None:
    tuples = {"type": "array", "items": [{"type": "integer"}]}
    assert checked({"$schema": "http://json-schema.org/draft-07/schema#", **tuples})
    assert refused(tuples).startswith("The schema is not valid at items")


@pytest.mark.parametrize(
    "target", ["https://example.org/a.json", "other.json", "file:///etc/passwd", "//example.org/x", "other.json#/a"]
)
def test_a_reference_that_leads_out_of_the_schema_is_refused(target: str) -> None:
    what = refused({"properties": {"a": {"$ref": target}}})
    assert what == f"The schema refers at properties.a[\"$ref\"] to '{target}', which is not in it."


@pytest.mark.parametrize("target", ["#/$defs/B", "#/$defs/A/x", "#b", "#/items/0", "#/$defs/A/enum/7"])
def test_a_reference_that_leads_nowhere_is_refused(target: str) -> None:
    schema = {"$ref": target, "$defs": {"A": {"enum": [1]}}}
    assert refused(schema) == f"The schema refers at [\"$ref\"] to '{target}', which is not there."


@pytest.mark.parametrize("target", ["#", "#/$defs/A", "#/$defs/a~1b%20c", "#here", "#/prefixItems/0", "urn:a:b"])
def test_a_reference_inside_the_schema_is_kept(target: str) -> None:
    definitions = {"A": {"$anchor": "here"}, "a/b c": {}, "D": {"$id": "urn:a:b"}}
    schema = {"properties": {"x": {"$ref": target}}, "$defs": definitions, "prefixItems": [{"type": "null"}]}
    assert checked(schema) == schema


def test_a_field_or_a_value_that_is_called_ref_is_no_reference() -> None:
    schema = {"properties": {"$ref": {"type": "string"}, "default": {"const": {"$ref": "https://example.org"}}}}
    assert checked(schema) == schema


# Closed


def test_objects_are_closed_wherever_they_stand() -> None:
    one = {"properties": {"a": {"type": "integer"}}}
    made = closed({"anyOf": [one, {"items": one}], "$defs": {"A": one}, "default": one})
    shut = {**one, "additionalProperties": False}
    assert made == {"anyOf": [shut, {"items": shut}], "$defs": {"A": shut}, "default": one}


def test_objects_that_say_otherwise_and_free_ones_stay_open() -> None:
    schemas: list[dict[str, Any]] = [
        {"properties": {}, "additionalProperties": True},
        {"properties": {}, "additionalProperties": {"type": "integer"}},
        {"type": "object"},
        {"properties": {}, "unevaluatedProperties": False},
    ]
    assert [closed(each) for each in schemas] == schemas


def test_a_field_of_the_name_properties_is_no_keyword() -> None:
    made = closed({"properties": {"properties": {"type": "object"}}})
    assert made == {"properties": {"properties": {"type": "object"}}, "additionalProperties": False}


# Rooted


def test_a_schema_that_only_refers_has_the_definition_as_its_root() -> None:
    schema = {"$ref": "#/$defs/A", "description": "d", "$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {}}}
    assert rooted(schema) == {"items": {"$ref": "#/$defs/B"}, "description": "d", "$defs": {"B": {}}}


def test_a_definition_that_refers_to_itself_stays_a_definition_too() -> None:
    tree = {"items": {"$ref": "#/$defs/Tree"}}
    assert rooted({"$ref": "#/$defs/Tree", "$defs": {"Tree": tree}}) == {**tree, "$defs": {"Tree": tree}}


# Hoisted


def test_definitions_move_to_the_root_and_the_same_one_moves_once() -> None:
    definitions: dict[str, Any] = {}
    one = {"items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"type": "integer"}}}
    assert hoisted(one, definitions) == hoisted(one, definitions) == {"items": {"$ref": "#/$defs/A"}}
    assert definitions == {"A": {"type": "integer"}}


def test_two_definitions_of_one_name_get_two() -> None:
    definitions: dict[str, Any] = {}
    hoisted({"$ref": "#/$defs/A", "$defs": {"A": {"type": "integer"}}}, definitions)
    other = {"$ref": "#/$defs/A", "$defs": {"A": {"items": {"$ref": "#/$defs/A"}}}}
    assert hoisted(other, definitions) == {"$ref": "#/$defs/A_2"}
    assert definitions == {"A": {"type": "integer"}, "A_2": {"items": {"$ref": "#/$defs/A_2"}}}

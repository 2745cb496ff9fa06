from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.schema import Schema, SchemaProblem, types_of

DOCUMENT = Schema(
    {
        "$defs": {
            "Name": {"type": "string", "minLength": 2},
            "a/b~c": {"type": "integer"},
            "Round": {"$ref": "#/$defs/Round"},
            "Nested": {"anyOf": [{"$ref": "#/$defs/Nested"}, {"type": "null"}]},
        },
        "items": [{"type": "boolean"}],
    }
)


def test_a_reference_is_followed_and_what_stands_beside_it_counts() -> None:
    assert DOCUMENT.node({"$ref": "#/$defs/Name", "maxLength": 5}) == {"type": "string", "minLength": 2, "maxLength": 5}
    assert DOCUMENT.node({"$ref": "#/$defs/a~1b~0c"}) == {"type": "integer"}
    assert DOCUMENT.node({"$ref": "#/items/0"}) == {"type": "boolean"}
    assert DOCUMENT.node({"$ref": "#"}) == DOCUMENT.document


@pytest.mark.parametrize("reference", ["#/$defs/No", "#/items/7", "#Name", "other.json#/a", "#/$defs/Round"])
def test_a_reference_that_leads_nowhere_is_told(reference: str) -> None:
    with pytest.raises(SchemaProblem):
        DOCUMENT.node({"$ref": reference})


def test_all_parts_of_all_of_count() -> None:
    node = DOCUMENT.node(
        {
            "allOf": [
                {"type": "object", "properties": {"a": {"minimum": 1}}, "required": ["a"], "minProperties": 1},
                {"properties": {"a": {"maximum": 5}, "b": True}, "required": ["b"], "minProperties": 2},
            ]
        }
    )
    assert node["required"] == ["a", "b"]
    assert node["minProperties"] == 2
    assert DOCUMENT.node(node["properties"]["a"]) == {"minimum": 1, "maximum": 5}
    assert DOCUMENT.node({"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 2]}]})["enum"] == [2, 3]
    assert DOCUMENT.node({"allOf": [{"type": "number"}, {"type": "integer"}]})["type"] == "integer"
    with pytest.raises(SchemaProblem):
        DOCUMENT.node({"allOf": [{"type": "string"}, {"type": "integer"}]})


def test_true_is_anything_and_false_is_nothing() -> None:
    assert DOCUMENT.node(True) == {}
    for wrong in (False, 5, None):
        with pytest.raises(SchemaProblem):
            DOCUMENT.node(wrong)


@pytest.mark.parametrize(
    ("node", "types"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["string", "null"]),
        ({"oneOf": [{"$ref": "#/$defs/Name"}, {"type": ["integer", "null"]}]}, ["string", "integer", "null"]),
        ({"type": ["string", "null"], "maxLength": 3}, ["string", "null"]),
        ({"type": "string"}, ["string"]),
        ({"anyOf": [{"$ref": "#/$defs/No"}, {"type": "null"}]}, ["null"]),
    ],
)
def test_the_forms_that_are_open_are_told_one_by_one(node: dict[str, Any], types: list[str]) -> None:
    assert [types_of(form)[0] for form in DOCUMENT.forms(node)] == types


def test_forms_that_hold_themselves_end() -> None:
    assert len(list(DOCUMENT.forms({"$ref": "#/$defs/Nested"}))) == 1
    assert len(list(DOCUMENT.forms(DOCUMENT.node({"$ref": "#/$defs/Nested"})))) < 20


def test_a_type_is_told_by_what_is_asked_for() -> None:
    assert types_of({"properties": {}}) == ("object",)
    assert types_of({"items": {}}) == ("array",)
    assert types_of({"minimum": 1}) == ("number",)
    assert types_of({"pattern": "x"}) == ("string",)
    assert types_of({"enum": [1], "minimum": 1}) == ()
    assert types_of({}) == ()

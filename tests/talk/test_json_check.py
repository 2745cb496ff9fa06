from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from byom_magics.talk.described import Misfit
from byom_magics.talk.json_check import checker, misfits, told

CITY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["name", "population"],
    "additionalProperties": False,
}
COUNTRY = {"type": "object", "properties": {"cities": {"type": "array", "items": CITY}, "note": {"type": "string"}}}


def test_what_fits_has_no_problems_and_is_given_back() -> None:
    value = {"cities": [{"name": "Bern", "population": 134_000}]}
    assert misfits(COUNTRY, value) == ()
    assert checker(COUNTRY)(value) is value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "at the top: [] is not of type 'object'"),
        (
            {"cities": [{"name": "Bern", "population": "many"}]},
            "at cities[0].population: 'many' is not of type 'integer'",
        ),
        ({"cities": [{"name": "Bern"}]}, "at cities[0]: 'population' is a required property"),
        (
            {"cities": [{"name": "B", "population": 1, "mayor": "x"}]},
            "at cities[0]: Additional properties are not allowed ('mayor' was unexpected); the names are name, population",
        ),
        ({"note": 1}, "at note: 1 is not of type 'string'"),
    ],
)
def test_a_problem_is_told_with_its_path(value: Any, problem: str) -> None:
    assert misfits(COUNTRY, value) == (problem,)
    with pytest.raises(Misfit) as caught:
        checker(COUNTRY)(value)
    assert str(caught.value) == problem


def test_of_a_choice_it_is_told_what_the_value_is_not() -> None:
    optional = {"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
    assert misfits(optional, {"a": "x"}) == ("at a: 'x' is not of type 'integer' or 'null'",)


def test_of_a_choice_the_member_that_was_meant_is_told_about() -> None:
    optional = {"properties": {"city": {"anyOf": [CITY, {"type": "null"}]}}}
    problems = misfits(optional, {"city": {"name": "Bern", "population": "many"}})
    assert problems == ("at city.population: 'many' is not of type 'integer'",)


def test_of_many_problems_five_are_told() -> None:
    problems = misfits({"items": {"type": "integer"}}, ["a"] * 100_000)
    assert problems == (*(f"at [{at}]: 'a' is not of type 'integer'" for at in range(5)), "and more")


def test_problems_are_told_once_each() -> None:
    assert told(["a", "b", "a"]) == ("a", "b")
    assert told(list("abcdef")) == ("a", "b", "c", "d", "e", "and more")


def test_a_problem_is_bounded_and_visible() -> None:
    (problem,) = misfits({"type": "integer"}, "\x1b[2J" + "x" * 1_000_000)
    assert problem.startswith(r"at the top: '\x1b[2Jxxx")
    assert problem.endswith("… is not of type 'integer'")
    assert len(problem) < 150
    assert len(misfits({"enum": ["x" * 50_000]}, "a")[0]) < 700
    assert len(misfits({"properties": {"n" * 9_000: {"type": "null"}}}, {"n" * 9_000: 1})[0]) < 700


# In bounded time


def test_items_that_are_objects_are_compared_in_one_pass() -> None:
    items = [{"a": number} for number in range(40_000)]
    assert misfits({"uniqueItems": True}, items) == ()
    assert "non-unique" in misfits({"uniqueItems": True}, [*items, {"a": 7}])[0]


@pytest.mark.parametrize("items", [[1, 1.0], [{"a": 1, "b": 2}, {"b": 2, "a": 1.0}], [[1], [1]], ["a", "a"]])
def test_what_json_holds_for_equal_is_not_unique(items: list[Any]) -> None:
    assert "non-unique" in misfits({"uniqueItems": True}, items)[0]


@pytest.mark.parametrize("items", [[1, True], [0, False], [1, "1"], [[], {}], [None, "null"]])
def test_what_only_python_holds_for_equal_is_unique(items: list[Any]) -> None:
    assert misfits({"uniqueItems": True}, items) == ()
    assert misfits({"uniqueItems": False}, [1, 1]) == ()


def test_unions_inside_one_another_end() -> None:
    either = [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}, {"type": "integer"}]
    node = {"type": "object", "properties": {"left": {"anyOf": either}}}
    schema = {"anyOf": either, "$defs": {"A": node, "B": node}}
    value = json.loads('{"left":' * 40 + '"x"' + "}" * 40)
    assert misfits(schema, value) == ("at the top: there is too much in it to be checked",)


def test_a_schema_that_refers_to_itself_without_end_ends() -> None:
    assert misfits({"$ref": "#"}, 1) == ("at the top: it is nested too deep to be checked",)
    draft_7 = {"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#"}
    assert misfits(draft_7, 1) == ("at the top: it is nested too deep to be checked",)


def test_a_number_that_jsonschema_cannot_take_is_a_problem_like_others() -> None:
    assert misfits({"multipleOf": 0.1}, 10**900) == ("at the top: it could not be checked: OverflowError",)


def test_a_long_text_is_not_tried_against_a_pattern() -> None:
    assert misfits({"pattern": "^a+$"}, "a" * 10_000) == ()
    (problem,) = misfits({"pattern": "^a+$"}, "a" * 10_001)
    assert problem == "at the top: a text of 10,001 characters is too long for the pattern '^a+$'"
    assert misfits({"pattern": "^b"}, "a") == ("at the top: 'a' does not match '^b'",)


def test_nothing_is_fetched() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # jsonschema warns where it fetches
        (problem,) = misfits({"$ref": "http://127.0.0.1:9/schema.json"}, 1)
    assert problem.startswith("at the top: it could not be checked")

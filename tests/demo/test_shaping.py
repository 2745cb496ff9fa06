from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union

import jsonschema
import msgspec
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.demo.conversation import Done
from byom_magics.demo.material import Material
from byom_magics.demo.schema import SchemaProblem
from byom_magics.demo.shaping import shaped
from tests.demo.reading import ANNA, WITH, material


@dataclass
class Topic:
    title: str
    keywords: list[str]
    summary: str
    difficulty: Literal["easy", "medium", "hard"]


@dataclass
class Passage:
    title: str
    summary: str
    score: float
    example: str | None = None


@dataclass
class Card:
    question: str
    passages: list[Passage]
    found: bool


@dataclass
class Person:
    name: str
    age: int | None
    city: str | None
    born: int | None = None


@dataclass
class Tree:
    title: str
    children: list[Tree] = field(default_factory=list)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    name: str


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    id: uuid.UUID
    when: dt.datetime
    day: dt.date
    hours: dt.timedelta
    price: decimal.Decimal
    url: pydantic.HttpUrl
    code: Annotated[str, pydantic.Field(pattern=r"^[A-Z]{3}-\d{4}$")]
    short: Annotated[str, pydantic.Field(max_length=12)]
    long: Annotated[str, pydantic.Field(min_length=400)]
    percent: Annotated[float, pydantic.Field(ge=0, le=100)]
    even: Annotated[int, pydantic.Field(gt=2, multiple_of=2)]
    choices: Annotated[list[str], pydantic.Field(min_length=4, max_length=4)]
    pair: tuple[int, str]
    unique: set[Literal["a", "b", "c"]]
    colour: Colour
    scores: dict[str, float]
    anything: Any
    nothing: None
    either: Union[int, list[str], None]
    tree: Nested | None = None


class Nested(pydantic.BaseModel):
    value: int
    left: Nested | None = None
    right: Nested | None = None


def valid(schema: Any, found: Material) -> Any:
    value = shaped(schema, found)
    jsonschema.Draft202012Validator(schema).validate(value)
    return value


def of(kind: Any, found: Material) -> Any:
    """A value for a type, valid against its schema from both libraries and readable as the type."""
    value = valid(pydantic.TypeAdapter(kind).json_schema(), found)
    pydantic.TypeAdapter(kind).validate_python(value)
    other = valid(msgspec.json.schema(kind), found)
    msgspec.convert(other, kind)
    return value


def test_a_topic_is_filled_with_what_the_reference_says() -> None:
    value = of(Topic, WITH)
    assert value["title"] == "The with statement"
    assert value["keywords"][0] == "with"
    assert value["summary"].startswith("The with statement is used to wrap the execution of a block")
    assert value["difficulty"] in ("easy", "medium", "hard")


def test_a_list_of_objects_has_one_for_each_passage() -> None:
    value = of(Card, material("slices"))
    assert value["question"] == "slices"
    assert value["found"] is True
    assert len(value["passages"]) == 3
    assert len({passage["title"] for passage in value["passages"]}) == 3
    assert all(passage["summary"] != passage["title"] for passage in value["passages"])


def test_what_is_said_of_people_is_put_to_each_of_them() -> None:
    value = of(list[Person], material("Anna is 30 years old and lives in Oslo, Bob, age 25, was born in 1999."))
    assert value == [
        {"name": "Anna", "age": 30, "city": "Oslo", "born": None},
        {"name": "Bob", "age": 25, "city": None, "born": 1999},
    ]


def test_what_is_not_known_is_null_or_left_out_where_it_may_be() -> None:
    schema = {
        "type": "object",
        "properties": {"age": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "born": {"type": "integer"}},
        "required": ["age"],
    }
    assert valid(schema, WITH) == {"age": None}


def test_results_of_tools_are_put_into_the_form() -> None:
    found = material("The weather in Oslo?", Done("get_weather", {"city": "Oslo"}, '{"degrees": 3, "sky": "rain"}'))
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}, "sky": {"enum": ["sun", "rain"]}},
        "required": ["city", "degrees", "sky"],
    }
    assert valid(schema, found) == {"city": "Oslo", "degrees": 3, "sky": "rain"}


def test_what_is_given_by_name_is_taken_where_it_fits() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
    }
    assert valid(schema, Material("5", given={"a": 7, "b": "no"})) == {"a": 7, "b": 5}


@pytest.mark.parametrize("found", [WITH, ANNA, material(""), material("AB, ABC-1234, 7 and red")])
def test_all_that_pydantic_can_ask_for_is_valid(found: Material) -> None:
    value = valid(Strict.model_json_schema(), found)
    Strict.model_validate(value)


def test_a_pattern_is_met_by_the_word_that_has_it() -> None:
    assert valid(Strict.model_json_schema(), material("Ticket ABC-1234 is red"))["code"] == "ABC-1234"
    assert valid(Strict.model_json_schema(), material("Ticket ABC-1234 is blue"))["colour"] == "blue"


def test_the_kind_that_the_question_names_is_chosen() -> None:
    assert valid(msgspec.json.schema(Union[Cat, Dog]), material("My dog is named Rex")) == {
        "type": "dog",
        "name": "Rex",
    }
    assert valid(msgspec.json.schema(Union[Cat, Dog]), material("A cat has 9 lives")) == {"type": "cat", "lives": 9}


def test_a_form_that_holds_itself_ends() -> None:
    value = of(Tree, material("slices"))
    assert [child["title"] for child in value["children"]] == [
        "Slicings",
        "Slice objects",
        "slice.indices(self, length)",
    ]
    assert all(not child.get("children") for child in value["children"])
    valid(pydantic.TypeAdapter(Nested).json_schema(), WITH)


def test_mappings_are_filled_by_titles_or_by_names() -> None:
    assert list(valid({"type": "object", "additionalProperties": {"type": "string"}}, WITH)) == ["The with statement"]
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert valid(counts, material("Anna 3, Bob 5")) == {"Anna": 3, "Bob": 5}


def test_numbers_and_words_of_the_question_become_lists() -> None:
    assert valid({"type": "array", "items": {"type": "integer"}}, material("sort 5, 3 and 9")) == [5, 3, 9]
    colours = {"type": "array", "items": {"enum": ["red", "green", "blue"]}}
    assert valid(colours, material("green and red")) == ["green", "red"]


def test_lists_are_as_long_as_they_have_to_be_and_their_items_differ() -> None:
    for items in ({"type": "string"}, {"type": "integer"}, {"enum": list("abcdefgh")}):
        schema = {"type": "array", "items": items, "minItems": 8, "maxItems": 8, "uniqueItems": True}
        assert len(valid(schema, WITH)) == 8
    assert valid({"type": "array", "items": {"type": "boolean"}, "minItems": 3}, WITH).count(False) >= 1


def test_exactly_one_of_one_of_fits() -> None:
    valid({"oneOf": [{}, {"type": "null"}]}, WITH)
    valid({"oneOf": [{"type": "integer"}, {"type": "number"}]}, material("2.5"))


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"$ref": "#/no"},
        {"$ref": "#"},
        {"type": "nothing"},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#"}] * 10}}, "required": ["a"]},
        {"type": "array", "items": {"enum": [1]}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "items": {}, "minItems": 10**9},
        {"type": "string", "minLength": 10**9},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "object", "required": [f"r{n}" for n in range(10_000)], "additionalProperties": {"type": "null"}},
        {"enum": []},
    ],
)
def test_what_no_value_fits_is_told_and_ends(schema: Any) -> None:
    with pytest.raises(SchemaProblem):
        shaped(schema, WITH)


def test_a_great_many_values_take_no_great_time() -> None:
    values = [f"value {number}" for number in range(100_000)]
    assert valid({"enum": values}, WITH) == "value 0"


NAMES = st.sampled_from(
    ["title", "name", "summary", "score", "year", "city", "tags", "count", "url", "date", "is_ok", "age", "items", "id"]
)
SCALARS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 30),
            "maxLength": st.integers(30, 60),
            "format": st.sampled_from(["date", "uri", "uuid"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": st.integers(-9, 5), "maximum": st.integers(6, 20)},
    ),
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": "null"},
            {"enum": ["easy", 1, None]},
            {"const": "x"},
            {},
            {"pattern": r"^[a-z]+\d$"},
        ]
    ),
)


def _nested(inner: st.SearchStrategy[Mapping[str, Any]]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(NAMES, inner, max_size=4).flatmap(
        lambda properties: st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.just(properties),
                "required": st.lists(st.sampled_from(list(properties)), unique=True) if properties else st.just([]),
            },
            optional={"additionalProperties": st.booleans()},
        )
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner},
        optional={"minItems": st.integers(0, 3), "maxItems": st.integers(3, 5)},
    )
    nullable = inner.map(lambda one: {"anyOf": [one, {"type": "null"}]})
    mapping = st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner})
    return st.one_of(objects, objects, arrays, nullable, mapping, st.just({"$ref": "#/$defs/Node"}))


SCHEMAS = st.recursive(SCALARS, _nested, max_leaves=12)
NODE = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "items": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
}


@settings(max_examples=200, deadline=None)
@given(SCHEMAS, st.sampled_from([WITH, ANNA, material("slices and 7 'quoted' words")]))
def test_every_sensible_schema_gets_a_valid_value(schema: Any, found: Material) -> None:
    valid({**schema, "$defs": {"Node": NODE}}, found)

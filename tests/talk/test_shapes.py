# ruff: noqa: UP045 - Optional is what people write
from __future__ import annotations

import dataclasses
import enum
import sys
import typing
from typing import Any, Literal, NamedTuple, Optional, Union

import jsonschema
import pydantic
import pytest

from byom_magics.errors import OptionError
from byom_magics.messages import Schema
from byom_magics.talk.shapes import Shape, ShapeProblem, shape_of
from byom_magics.wire.dialects.openai_chat import strict_schema


@dataclasses.dataclass
class City:
    name: str
    population: int


@dataclasses.dataclass
class Tree:
    value: int
    branches: list[Tree] = dataclasses.field(default_factory=list)


class Movie(typing.TypedDict):
    title: str


class Point(NamedTuple):
    x: int


class Colour(enum.Enum):
    RED = "red"


class Country(pydantic.BaseModel):
    name: str
    cities: list[City]


SCHEMA = {"title": "a city!", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
BERN = '{"name": "Bern", "population": 1}'


def problem(given: object, text: str) -> str:
    with pytest.raises(ShapeProblem) as caught:
        shape_of(given).parsed(text)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return str(caught.value)


def refused(given: object) -> OptionError:
    with pytest.raises(OptionError) as caught:
        shape_of(given)
    return caught.value


@pytest.mark.parametrize(
    ("given", "name", "text", "parsed"),
    [
        (City, "City", BERN, City("Bern", 1)),
        (Movie, "Movie", '{"title": "M"}', {"title": "M"}),
        (Point, "Point", '{"x": 1}', Point(1)),
        (Country, "Country", f'{{"name": "CH", "cities": [{BERN}]}}', Country(name="CH", cities=[City("Bern", 1)])),
        (pydantic.TypeAdapter(Country), "Country", '{"name": "CH", "cities": []}', Country(name="CH", cities=[])),
        (SCHEMA, "a_city", '{"name": "Bern", "more": 1}', {"name": "Bern", "more": 1}),
        (Schema("mine", SCHEMA), "mine", '{"name": "Bern"}', {"name": "Bern"}),
        ('{"type": "integer"}', "answer", "3", 3),
        ({"type": "array", "items": {"type": "integer"}}, "answer", "[1]", [1]),
    ],
    ids=str,
)
def test_a_shape_has_a_name_and_makes_the_object(given: object, name: str, text: str, parsed: object) -> None:
    shape = shape_of(given)
    jsonschema.Draft202012Validator.check_schema(shape.schema)
    assert (shape.name, shape.inside) == (name, None)
    assert shape.parsed(text) == parsed


@pytest.mark.parametrize(
    ("given", "name", "text", "parsed"),
    [
        (list[City], "list_City", f"[{BERN}]", [City("Bern", 1)]),
        (Optional[City], "Optional_City", "null", None),
        (Union[int, str], "Union_int_str", '"a"', "a"),
        (Colour, "Colour", '"red"', Colour.RED),
        (Literal["a", "b"], "Literal_a_b", '"a"', "a"),
        (int, "int", "3", 3),
        (list[Country], "list_Country", "[]", []),
    ],
    ids=str,
)
def test_what_is_no_object_is_asked_for_inside_one(given: object, name: str, text: str, parsed: object) -> None:
    shape = shape_of(given)
    jsonschema.Draft202012Validator.check_schema(shape.schema)
    assert (shape.name, shape.inside) == (name, "answer")
    assert shape.schema["type"] == "object"
    assert shape.parsed(f'{{"answer": {text}}}') == parsed
    assert shape.parsed(text) == parsed


@pytest.mark.parametrize("given", [City, Movie, list[City], Country, Optional[City], Literal["a"]])
def test_shapes_of_classes_keep_the_rules_of_strict_mode(given: object) -> None:
    assert strict_schema(shape_of(given).schema)


def test_a_schema_of_the_person_is_sent_as_it_is() -> None:
    assert shape_of(SCHEMA).schema == SCHEMA


def test_a_name_may_be_given_and_services_can_take_it() -> None:
    assert shape_of(City, "my cities").name == "my_cities"
    assert shape_of(shape_of(City), "other").name == "other"
    assert shape_of(shape_of(City)).name == "City"
    assert shape_of(SCHEMA, "ü").name == "answer"
    assert len(shape_of(City, "x" * 200).name) == 64


def test_two_shapes_of_one_class_are_equal() -> None:
    assert shape_of(City) == shape_of(City)
    assert isinstance(shape_of(City), Shape)


def test_the_json_may_stand_in_a_fence_or_among_words() -> None:
    assert shape_of(City).parsed(f"Here it is [1]:\n```json\n{BERN}\n```\nAnything else?") == City("Bern", 1)
    assert shape_of(City).parsed(f"As [1] and {{}} say, it is {BERN}.") == City("Bern", 1)


def test_what_does_not_fit_is_told_with_its_path() -> None:
    told = problem(Country, '{"cities": [{"name": "Bern", "population": "many"}]}')
    assert told.splitlines() == [
        "at name: Field required",
        "at cities[0].population: Input should be a valid integer, unable to parse string as an integer",
    ]
    assert problem(City, '{"name": 1, "population": "many"}').splitlines() == [
        "at name: 1 is not of type 'string'",
        "at population: 'many' is not of type 'integer'",
    ]
    assert problem(SCHEMA, "[]") == "at the top: [] is not of type 'object'"


def test_an_answer_that_is_broken_off_is_no_answer_though_a_part_of_it_fits() -> None:
    told = problem(Tree, 'It is {"value": 1, "branches": [{"value": 2}, {"val')
    assert told.startswith("the answer is no JSON value that can be read: it is no whole JSON: it breaks off at line 1")


def test_checking_is_not_harsher_than_a_pydantic_model() -> None:
    shape = shape_of(Country)
    assert shape.schema["additionalProperties"] is False
    assert shape.parsed('{"name": "CH", "cities": [], "more": 1}') == Country(name="CH", cities=[])


@pytest.mark.parametrize("given", [City, list[City], Country, SCHEMA, Tree], ids=str)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot.",
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"branches":' * 100_000 + "1" + "}" * 100_000,
        '{"branches":[' * 45 + "1" + "]}" * 45,
        "[" + "{}," * 30_000 + "{}]",
        '{"name": NaN}',
        '{"name": "a", "name": "b"}',
        r'{"name": "\ud800", "population": 1}',
        '{"name": "a", "population": 1' + "0" * 100_000 + "}",
        "x" * 50_000_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_answer_is_a_problem_and_nothing_worse(given: object, text: str) -> None:
    told = problem(given, text)
    assert told
    assert len(told) < 2_500


# What is no shape


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (5, "A schema cannot be int 5."),
        (None, "A schema cannot be NoneType None."),
        ("City", "A schema cannot be the text 'City': it is no JSON; it begins with 'City'."),
        ("[1]", "A schema cannot be list [1]."),
        ([City], "A schema cannot be list [<class"),
        (len, "A schema cannot be builtin_function_or_method <built-in function len>."),
    ],
)
def test_what_is_no_schema_is_refused_with_what_may_be_given(given: object, what: str) -> None:
    error = refused(given)
    assert error.what.startswith(what)
    assert (error.hint or "").startswith("give a pydantic model, a dataclass, a TypedDict or a JSON Schema as a dict")


@pytest.mark.parametrize("given", [City("Bern", 1), Country(name="CH", cities=[])])
def test_of_an_instance_the_class_is_asked_for(given: object) -> None:
    assert refused(given).hint == f"give the class itself: {type(given).__name__}"


def test_an_object_whose_repr_fails_is_refused_like_any_other() -> None:
    class Bad:
        def __repr__(self) -> str:
            raise RuntimeError

    assert refused(Bad()).what == "A schema cannot be Bad."


def test_a_class_that_cannot_be_described_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic")
    error = refused(list[complex])
    assert error.what == "There is no JSON Schema for 'list[complex]': there is no JSON for type <class 'complex'>"
    assert "import pydantic" in (error.hint or "")


def test_an_invalid_schema_is_refused_with_its_place() -> None:
    schema: dict[str, Any] = {"properties": {"a": {"$ref": "https://example.org/a.json"}}}
    assert "properties.a" in refused(schema).what

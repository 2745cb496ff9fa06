# ruff: noqa: UP045 - Optional is what people write
# Classes stand here as in a notebook: at the top of a module whose annotations are texts.
from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import sys
import typing
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import jsonschema
import msgspec
import pytest

from byom_magics.talk.described import Misfit, Undescribable
from byom_magics.talk.typed import described, is_annotation


@dataclasses.dataclass
class City:
    """A city."""

    name: str
    population: int
    founded: Optional[dt.date] = None


@dataclasses.dataclass
class Tree:
    value: int
    branches: list[Tree] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number == 0:
            raise KeyError("zero")
        if self.number % 2:
            raise ValueError("it is odd")


class Movie(typing.TypedDict):
    title: str
    year: int


class Draft(typing.TypedDict, total=False):
    title: str


class Point(NamedTuple):
    """A point."""

    x: float
    y: float = 0


class Line(NamedTuple):
    start: Point
    end: Point


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Record(msgspec.Struct):
    id: int
    tags: list[str] = []


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    id: int


@dataclasses.dataclass
class Lost:
    other: Nowhere  # type: ignore[name-defined]  # noqa: F821 - that is the point


@pytest.fixture(autouse=True)
def without_pydantic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic", raising=False)


CASES: list[tuple[Any, object, object]] = [
    (City, {"name": "Bern", "population": 1, "founded": "1191-01-01"}, City("Bern", 1, dt.date(1191, 1, 1))),
    (City, {"name": "Bern", "population": 1}, City("Bern", 1)),
    (Tree, {"value": 1, "branches": [{"value": 2}]}, Tree(1, [Tree(2)])),
    (Movie, {"title": "M", "year": 1931}, {"title": "M", "year": 1931}),
    (Draft, {}, {}),
    (Point, {"x": 1}, Point(1.0, 0)),
    (list[Point], [{"x": 1, "y": 2}], [Point(1.0, 2.0)]),
    (Line, {"start": {"x": 1}, "end": {"x": 2}}, Line(Point(1), Point(2))),
    (dict[str, tuple[Point, ...]], {"a": [{"x": 1}]}, {"a": (Point(1),)}),
    (Record, {"id": 1, "tags": ["a"]}, Record(1, ["a"])),
    (Strict, {"id": 1}, Strict(1)),
    (Colour, "red", Colour.RED),
    (Number, 2, Number.TWO),
    (Literal["a", "b"], "a", "a"),
    (list[City], [{"name": "Bern", "population": 1}], [City("Bern", 1)]),
    (dict[str, City], {"a": {"name": "Bern", "population": 1}}, {"a": City("Bern", 1)}),
    (dict[int, str], {"1": "a"}, {1: "a"}),
    (Optional[City], None, None),
    (Union[int, str, None], "a", "a"),
    (Annotated[int, "how many"], 3, 3),
    (Annotated[int, msgspec.Meta(ge=3)], 3, 3),
    (set[int], [1, 2], {1, 2}),
    (tuple[int, str], [1, "a"], (1, "a")),
    (Iterable[int], [1], [1]),
    (Sequence[Point], [{"x": 1}], [Point(1)]),
    (Mapping[str, int], {"a": 1}, {"a": 1}),
    (Path, "a/b", Path("a/b")),
    (Optional[PurePosixPath], "a", PurePosixPath("a")),
    (Union[str, Path], "a", "a"),
    (Any, [1, {"a": None}], [1, {"a": None}]),
    (object, [1], [1]),
    (float, 3, 3.0),
    (None, None, None),
    (dt.datetime, "2020-01-02T03:04:05Z", dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)),
    (decimal.Decimal, "1.50", decimal.Decimal("1.50")),
    (uuid.UUID, "12345678-1234-5678-1234-567812345678", uuid.UUID("12345678123456781234567812345678")),
    (typing.NewType("Age", int), 3, 3),
]


@pytest.mark.parametrize(("annotation", "value", "made"), CASES, ids=str)
def test_a_type_has_a_schema_and_its_values_are_built(annotation: Any, value: object, made: object) -> None:
    it = described(annotation)
    jsonschema.Draft202012Validator.check_schema(it.schema)
    built = it.build(value)
    assert built == made
    assert type(built) is type(made)


@pytest.mark.parametrize(
    ("annotation", "value", "problem"),
    [
        (City, {"name": "Bern"}, "at the top: 'population' is a required property"),
        (City, {"name": "B", "population": 1, "founded": "1191"}, "at founded: Invalid RFC3339 encoded date"),
        (list[City], [{"name": 1, "population": 1}], "at [0].name: 1 is not of type 'string'"),
        (Colour, "green", "at the top: 'green' is not one of ['blue', 'red']"),
        (Movie, {"title": "M", "year": "x"}, "at year: 'x' is not of type 'integer'"),
        (
            Point,
            {"x": 1, "z": 2},
            "at the top: Additional properties are not allowed ('z' was unexpected); the names are x, y",
        ),
        (
            Record,
            {"id": 1, "x": 2},
            "at the top: Additional properties are not allowed ('x' was unexpected); the names are id, tags",
        ),
        (list[Even], [{"number": 2}, {"number": 3}], "at [1]: it is odd"),
        (Even, {"number": 0}, "at the top: KeyError: 'zero'"),
        (decimal.Decimal, "one", "at the top: Invalid decimal string"),
    ],
)
def test_what_does_not_fit_is_told_with_its_path(annotation: Any, value: object, problem: str) -> None:
    with pytest.raises(Misfit) as caught:
        described(annotation).build(value)
    assert caught.value.problems == (problem,)


def test_the_schema_of_a_class_is_an_object_that_is_closed() -> None:
    assert described(City).schema == {
        "title": "City",
        "description": "A city.",
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "population": {"type": "integer"},
            "founded": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
        },
        "required": ["name", "population"],
        "additionalProperties": False,
    }


def test_a_class_that_holds_itself_refers_to_itself() -> None:
    schema = described(Tree).schema
    assert schema["properties"]["branches"] == {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "default": []} or (
        schema["properties"]["branches"] == {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    )
    assert schema["$defs"]["Tree"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (complex, "there is no JSON for type <class 'complex'>"),
        (list[range], "there is no JSON for type <class 'range'>"),
        (Lost, "name 'Nowhere' is not defined"),
        (Union[City, Tree], "Type unions may not contain more than one"),
    ],
)
def test_a_type_that_json_cannot_express_is_refused_with_the_reason(annotation: Any, reason: str) -> None:
    with pytest.raises(Undescribable) as caught:
        described(annotation)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("given", [int, City, list[int], Optional[int], Literal["a"], Any, typing.NewType("A", int)])
def test_a_type_is_told_from_a_value(given: object) -> None:
    assert is_annotation(given)


@pytest.mark.parametrize("given", [5, "City", City("Bern", 1), None, [City], {"type": "object"}, len])
def test_a_value_is_no_type(given: object) -> None:
    assert not is_annotation(given)

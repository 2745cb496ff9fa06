# ruff: noqa: UP045 - Optional is what people write
from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import sys
import typing
from typing import Annotated, Any, Literal, Optional, Union

import annotated_types
import jsonschema
import msgspec
import pydantic
import pydantic.dataclasses
import pytest
import typing_extensions

from byom_magics.talk.described import Misfit, Undescribable
from byom_magics.talk.pydantic_types import is_adapter, is_loaded, is_needed
from byom_magics.talk.typed import described


class City(pydantic.BaseModel):
    """A city."""

    name: str
    population: int = pydantic.Field(ge=0, description="people")
    twin: Optional[City] = None


class Open(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    x: int


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=True)
    pair: tuple[int, int]
    day: dt.date


class Picky(pydantic.BaseModel):
    x: int

    @pydantic.field_validator("x")
    @classmethod
    def not_seven(cls, x: int) -> int:
        if x == 7:
            raise ValueError("seven is taken")
        if x == 8:
            raise KeyError("eight")
        return x


@pydantic.dataclasses.dataclass
class Place:
    x: int


@dataclasses.dataclass
class Trip:
    to: City


@dataclasses.dataclass
class Bounded:
    x: int = pydantic.Field(default=1, ge=1)


class Visit(typing.TypedDict):
    city: City
    note: typing_extensions.NotRequired[str]


@dataclasses.dataclass
class Add:
    left: Term


@dataclasses.dataclass
class Multiply:
    left: Term


Term = Union[Add, Multiply, int]


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    friend: Optional[Pet] = None


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    friend: Optional[Pet] = None


Pet = Annotated[Union[Cat, Dog], pydantic.Field(discriminator="kind")]
Cat.model_rebuild()
Dog.model_rebuild()


class Mixed(enum.Enum):
    A = 1
    B = "b"


class Early(pydantic.BaseModel):
    later: Later


class Later(pydantic.BaseModel):
    x: int


class Lost(pydantic.BaseModel):
    other: Nowhere  # type: ignore[name-defined]  # noqa: F821 - that is the point


class Held(msgspec.Struct):
    city: City


BERN = {"name": "Bern", "population": 1}

CASES: list[tuple[Any, object, object]] = [
    (City, BERN, City(name="Bern", population=1)),
    (City, {**BERN, "unknown": 1}, City(name="Bern", population=1)),
    (City, {**BERN, "population": "5"}, City(name="Bern", population=5)),
    (Open, {"x": 1, "y": 2}, Open(x=1, y=2)),  # type: ignore[call-arg]
    (Strict, {"pair": [1, 2], "day": "2020-01-02"}, Strict(pair=(1, 2), day=dt.date(2020, 1, 2))),
    (Place, {"x": 1}, Place(1)),
    (Trip, {"to": BERN}, Trip(City(name="Bern", population=1))),
    (Bounded, {}, Bounded(1)),
    (list[City], [BERN], [City(name="Bern", population=1)]),
    (pydantic.TypeAdapter(list[City]), [BERN], [City(name="Bern", population=1)]),
    (Visit, {"city": BERN}, {"city": City(name="Bern", population=1)}),
    (Optional[Visit], {"city": BERN, "note": "n"}, {"city": City(name="Bern", population=1), "note": "n"}),
    (Annotated[int, pydantic.Field(ge=3)], 3, 3),
    (Annotated[int, annotated_types.Ge(3)], 3, 3),
    (Early, {"later": {"x": 1}}, Early(later=Later(x=1))),
    (Pet, {"kind": "dog", "friend": {"kind": "cat"}}, Dog(kind="dog", friend=Cat(kind="cat"))),
    (pydantic.PositiveInt, 3, 3),
    # What msgspec does not know:
    (Mixed, "b", Mixed.B),
    (Union[Add, Multiply], {"left": 3}, Add(3)),
]


@pytest.mark.parametrize(("annotation", "value", "made"), CASES, ids=str)
def test_pydantic_describes_and_builds_what_is_of_its_kind(annotation: Any, value: object, made: object) -> None:
    it = described(annotation)
    jsonschema.Draft202012Validator.check_schema(it.schema)
    assert it.build(value) == made


@pytest.mark.parametrize(
    ("annotation", "value", "problems"),
    [
        (
            City,
            {"name": 1, "population": -1},
            ("at name: Input should be a valid string", "at population: Input should be greater than or equal to 0"),
        ),
        (City, {**BERN, "twin": {"name": "x"}}, ("at twin.population: Field required",)),
        (list[City], [BERN, 3], ("at [1]: Input should be an object",)),
        (Strict, {"pair": [1, "2"], "day": "2020-01-02"}, ("at pair[1]: Input should be a valid integer",)),
        (
            Strict,
            {"pair": [1, 2], "day": "2020-01-02", "z": 1},
            ("at z: Extra inputs are not permitted",),
        ),
        (Picky, {"x": 7}, ("at x: Value error, seven is taken",)),
        (Picky, {"x": 8}, ("at the top: KeyError: 'eight'",)),
        (Annotated[int, pydantic.Field(ge=3)], 2, ("at the top: Input should be greater than or equal to 3",)),
        (Mixed, 2, ("at the top: Input should be 1 or 'b'",)),
        (list[int], [[]], ("at [0]: [] is not of type 'integer'",)),
    ],
)
def test_what_does_not_fit_is_told_in_its_words_with_the_path(
    annotation: Any, value: object, problems: tuple[str, ...]
) -> None:
    with pytest.raises(Misfit) as caught:
        described(annotation).build(value)
    assert caught.value.problems == problems


def test_of_many_problems_five_are_told() -> None:
    with pytest.raises(Misfit) as caught:
        described(list[City]).build([{}] * 10_000)
    assert len(caught.value.problems) == 6
    assert caught.value.problems[-1] == "and more"


@pytest.mark.parametrize(
    "annotation",
    [City, list[City], Trip, Bounded, Visit, Place, Held, Annotated[int, annotated_types.Ge(3)], Optional[Pet],
     dict[str, tuple[City, ...]], pydantic.SecretStr],
)  # fmt: skip
def test_pydantic_is_needed_where_something_of_it_is_inside(annotation: Any) -> None:
    assert is_needed(annotation)


@pytest.mark.parametrize("annotation", [int, list[int], Mixed, Add, Literal["a"], Annotated[int, "text"], Any, None])
def test_it_is_not_needed_elsewhere(annotation: Any) -> None:
    assert not is_needed(annotation)


def test_it_is_not_looked_for_where_the_notebook_has_not_imported_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic")
    assert not is_loaded()
    assert not is_needed(City)
    with pytest.raises(Undescribable, match="Type unions may not contain"):
        described(Union[Add, Multiply])


def test_an_adapter_is_told_from_a_model() -> None:
    assert is_adapter(pydantic.TypeAdapter(int))
    assert not is_adapter(City)


@pytest.mark.parametrize(
    ("annotation", "reason"), [(Lost, "Nowhere"), (Held, "Unable to generate"), (range, "no JSON")]
)
def test_what_it_cannot_describe_is_refused_with_the_reason(annotation: Any, reason: str) -> None:
    with pytest.raises(Undescribable, match=reason):
        described(annotation)


# In bounded time: pydantic tries every member of a union, and cannot be interrupted


def test_unions_inside_one_another_are_refused_before_pydantic_tries_them() -> None:
    it = described(Term)
    assert it.build(json.loads('{"left":' * 6 + "3" + "}" * 6))
    for leaf in ("3", '"x"'):
        with pytest.raises(Misfit, match="too long to check"):
            it.build(json.loads('{"left":' * 40 + leaf + "}" * 40))


def test_unions_that_a_field_tells_apart_may_be_deep() -> None:
    deep = json.loads('{"kind": "dog", "friend":' * 60 + "null" + "}" * 60)
    assert described(Pet).build(deep).kind == "dog"


def test_many_values_of_a_union_are_not_too_many() -> None:
    assert len(described(list[Union[City, Place, None]]).build([BERN, {"x": 1}, None] * 5_000)) == 15_000

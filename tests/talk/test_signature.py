# ruff: noqa: UP045 - Optional is what people write
# Functions stand here as in a notebook: at the top of a module whose annotations are texts.
from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import enum
import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Optional

import jsonschema
import pydantic
import pytest

from byom_magics.errors import OptionError
from byom_magics.messages import Tool
from byom_magics.talk.arguments import ArgumentsProblem, arguments_of
from byom_magics.talk.signature import tool_of, tools_of


@dataclasses.dataclass
class City:
    name: str
    founded: dt.date


class Mood(enum.Enum):
    GOOD = "good"


class Person(pydantic.BaseModel):
    name: str
    friend: Optional[Person] = None


def weather(city: str, days: int = 3, unit: Annotated[str, "celsius or kelvin"] = "celsius") -> Nowhere:  # type: ignore[name-defined]  # noqa: F821
    """
    Tell the weather of a city.

    It is a guess.

    Args:
        city: Its name.
        days: How many days ahead.
    """
    return city, days, unit


def many(  # noqa: PLR0917
    city: City, cities: list[City], mood: Mood, day: dt.date, path: Path | str, where: Path, maybe: int = None  # type: ignore[assignment]  # noqa: RUF013
) -> tuple[Any, ...]:  # fmt: skip
    return city, cities, mood, day, path, where, maybe


def untyped(a, b=object()):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, B008
    return a, b


def first(a: int, b: int = 2, c: int = 3, /, d: int = 4, *, e: int = 5) -> tuple[int, ...]:
    return a, b, c, d, e


def more(a: int, /, **others: float) -> tuple[Any, ...]:
    return a, others


async def later(x: int) -> int:
    await asyncio.sleep(0)
    return x + 1


def star(*names: str) -> None: ...


def lost(x: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def number(x: complex) -> None: ...


def größe(x: int) -> None: ...  # noqa: PLC2401 - as people write it


def people(boss: Person, others: list[Person]) -> tuple[Any, ...]:
    return boss, others


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return "wrapped", function(*args, **kwargs)

    return wrapper


class Shop:
    """A shop."""

    def price(self, of: str) -> tuple[str, str]:
        """Tell a price."""
        return "price", of

    @classmethod
    def open(cls, day: int = 1) -> tuple[str, int]:
        return cls.__name__, day

    @staticmethod
    def closed(day: int) -> int:
        return day

    def __call__(self, x: int) -> int:
        return x


def ran(function: object, text: str) -> Any:
    tool = tool_of(function)
    jsonschema.Draft202012Validator.check_schema(tool.parameters)
    assert tool.run is not None
    return tool.run(**arguments_of(tool, text))


def refused(given: object) -> OptionError:
    with pytest.raises(OptionError) as caught:
        tool_of(given)
    assert caught.value.hint
    return caught.value


# What a model is told


def test_a_function_is_told_by_its_signature_and_docstring() -> None:
    assert tool_of(weather) == Tool(
        "weather",
        "Tell the weather of a city.\n\nIt is a guess.",
        {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Its name."},
                "days": {"type": "integer", "description": "How many days ahead.", "default": 3},
                "unit": {"type": "string", "description": "celsius or kelvin", "default": "celsius"},
            },
            "required": ["city"],
            "additionalProperties": False,
        },
    )


def test_without_annotations_any_value_will_do() -> None:
    assert tool_of(untyped).parameters["properties"] == {"a": {}, "b": {}}
    assert ran(untyped, '{"a": [1], "b": {"c": null}}') == ([1], {"c": None})


def test_definitions_stand_once_at_the_root() -> None:
    parameters = tool_of(people).parameters
    assert list(parameters["$defs"]) == ["Person"]
    assert parameters["properties"]["others"]["items"] == {"$ref": "#/$defs/Person"}


def test_a_default_that_is_none_may_be_given() -> None:
    assert tool_of(many).parameters["properties"]["maybe"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]


def test_pydantics_descriptions_and_bounds_are_told() -> None:
    def bounded(x: Annotated[int, pydantic.Field(gt=3, description="how many")]) -> int:
        return x

    told = {"type": "integer", "exclusiveMinimum": 3, "description": "how many"}
    assert tool_of(bounded).parameters["properties"]["x"] == told


def test_other_names_are_told_where_the_function_takes_them() -> None:
    assert tool_of(more).parameters["additionalProperties"] == {"type": "number"}

    def any_others(**others) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN003

    assert tool_of(any_others).parameters["additionalProperties"] is True


def test_what_is_bound_is_not_told() -> None:
    assert list(tool_of(functools.partial(weather, "Bern", unit="kelvin")).parameters["properties"]) == ["days"]
    assert list(tool_of(Shop().price).parameters["properties"]) == ["of"]
    assert tool_of(Shop().price).description == "Tell a price."


def test_what_it_uses_of_a_function_around_it_is_known() -> None:
    @dataclasses.dataclass
    class Inner:
        x: int

    def tool(inner: Inner) -> int:
        return Inner(inner.x).x

    assert ran(tool, '{"inner": {"x": 3}}') == 3


# How it runs


def test_arguments_become_what_the_annotations_say() -> None:
    text = (
        '{"city": {"name": "Bern", "founded": "1191-01-01"}, "cities": [{"name": "Ulm", "founded": "1181-01-01"}],'
        ' "mood": "good", "day": "2020-01-02", "path": "a", "where": "b"}'
    )
    assert ran(many, text) == (
        City("Bern", dt.date(1191, 1, 1)),
        [City("Ulm", dt.date(1181, 1, 1))],
        Mood.GOOD,
        dt.date(2020, 1, 2),
        "a",
        Path("b"),
        None,
    )


def test_models_of_pydantic_are_built() -> None:
    made = ran(people, '{"boss": {"name": "A", "friend": {"name": "B"}}, "others": [{"name": "C", "unknown": 1}]}')
    assert made == (Person(name="A", friend=Person(name="B")), [Person(name="C")])


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ('{"a": 1}', (1, 2, 3, 4, 5)),
        ('{"a": 1, "c": 9}', (1, 2, 9, 4, 5)),
        ('{"e": 7, "d": 8, "a": 1}', (1, 2, 3, 8, 7)),
    ],
)
def test_positional_parameters_are_filled_in_by_their_names(text: str, given: tuple[int, ...]) -> None:
    assert ran(first, text) == given


def test_other_names_reach_the_function_whatever_they_are() -> None:
    assert ran(more, '{"a": 1, "function": 2, "self": 3}') == (1, {"function": 2.0, "self": 3.0})


@pytest.mark.parametrize(
    ("function", "text", "result"),
    [
        (functools.partial(weather, "Bern", unit="kelvin"), '{"days": 1}', ("Bern", 1, "kelvin")),
        (wrapped(first), '{"a": 1, "b": 0}', ("wrapped", (1, 0, 3, 4, 5))),
        (functools.lru_cache(first), '{"a": 1}', (1, 2, 3, 4, 5)),
        (Shop().price, '{"of": "tea"}', ("price", "tea")),
        (Shop.open, "", ("Shop", 1)),
        (Shop.closed, '{"day": 7}', 7),
        (len, '{"obj": [1, 2]}', 2),
    ],
    ids=repr,
)
def test_functions_of_every_kind_run(function: object, text: str, result: object) -> None:
    assert ran(function, text) == result


def test_an_async_function_gives_what_is_to_be_awaited() -> None:
    coming = ran(later, '{"x": 1}')
    assert inspect.isawaitable(coming)

    async def wait() -> Any:
        return await coming

    assert asyncio.run(wait()) == 2


def test_an_object_with_a_name_that_can_be_called_is_a_tool() -> None:
    shop = Shop()
    shop.__name__ = "shop"  # type: ignore[attr-defined]
    assert ran(shop, '{"x": 3}') == 3
    assert tool_of(shop).name == "shop"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"city": {"name": "Bern", "founded": "1191-13-01"}}, "at city.founded: Invalid RFC3339 encoded date"),
        ({"cities": [{"name": "Bern", "founded": "x"}]}, "at cities[0].founded: Invalid RFC3339 encoded date"),
        ({"day": "x"}, "at day: Invalid RFC3339 encoded date"),
        ({}, "at the top: 'city' is missing"),
    ],
)
def test_what_cannot_be_made_of_an_argument_is_told_with_its_path(given: dict[str, Any], told: str) -> None:
    run = tool_of(many).run
    assert run is not None
    with pytest.raises(ArgumentsProblem) as caught:
        run(**given)
    assert str(caught.value) == told


def test_what_the_function_raises_is_its_own() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ran(fails, "")


# What is refused


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (lambda x: x, "A lambda has no name that a model could call it by."),
        (Shop(), "An object of the class Shop has no name that a model could call it by."),
        (Shop, "A tool cannot be the class <class"),
        (5, "A tool cannot be int 5."),
        ("weather", "A tool cannot be str 'weather'."),
        (star, "The tool star takes any number of arguments without names (*names): a model gives names."),
        (lost, "The annotation of x in the tool lost cannot be understood: name 'Nowhere' is not defined"),
        (größe, "A tool cannot have the name 'größe'."),
    ],
    ids=str,
)
def test_what_cannot_be_a_tool_is_refused_with_the_reason(given: object, what: str) -> None:
    assert refused(given).what.startswith(what)


def test_a_function_without_a_signature_is_refused() -> None:
    assert refused(max).what == "What the tool max takes is not known to Python."


def test_a_type_that_json_cannot_express_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic")
    what = "The model cannot be told what x in the tool number is: there is no JSON for type <class 'complex'>"
    assert refused(number).what == what


# Several


def test_functions_and_ready_tools_may_be_mixed() -> None:
    ready = Tool("ready", "It is.", {"type": "object", "properties": {}})
    assert tools_of([weather, ready]) == (tool_of(weather), ready)
    assert tools_of(weather) == (tool_of(weather),)  # type: ignore[arg-type]
    assert tools_of(()) == ()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([weather, weather], "Two tools have the name 'weather'."),
        ([Tool("two words", "", {})], "A tool cannot have the name 'two words'."),
        ([Tool("a", "", {"type": "array"})], "The schema of the tool a is of no object."),
        ([Tool("a", "", {"type": "objekt"})], "The schema of the tool a is not valid at type"),
        ("weather", "A tool cannot be str 'weather'."),
        ({"weather": weather}, "A tool cannot be dict"),
        (None, "A tool cannot be NoneType None."),
    ],
    ids=str,
)
def test_what_makes_no_set_of_tools_is_refused(given: Any, what: str) -> None:
    with pytest.raises(OptionError) as caught:
        tools_of(given)
    assert caught.value.what.startswith(what)
    assert caught.value.hint

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.demo.arguments import filled
from tests.demo.offers import ADD, COUNT, MULTIPLY, WEATHER, function

if TYPE_CHECKING:
    from byom_magics.demo.functions import Function

UNITS = function(
    "get_weather", "", ["city"], city="string", unit={"enum": ["celsius", "fahrenheit"], "default": "celsius"}
)
EMAIL = function("send_email", "Send an email", ["to", "body"], to="string", subject="string", body="string")
TOLD = function(
    "get_weather", "", ["city"], city="string", unit={"type": "string", "description": "celsius or fahrenheit"}
)
ROLL = function("roll_dice", "Roll dice", [], times={"type": "integer"}, sides={"type": "integer"})
NUMBERS = {"type": "array", "items": {"type": "number"}}
WORDS = {"type": "array", "items": {"type": "string"}}
POINT = {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}, "required": ["x", "y"]}


@pytest.mark.parametrize(
    ("called", "text", "arguments"),
    [
        (ADD, "Add 2 and 3", {"a": 2, "b": 3}),
        (ADD, "call add with b=7 and a = 5", {"a": 5, "b": 7}),
        (function("subtract", "", a="number", b="number"), "subtract 3 from 10", {"a": 10, "b": 3}),
        (function("square", "", n="integer"), "the square of 7", {"n": 7}),
        (
            function("bmi", "", weight_kg="number", height_m="number"),
            "1.80 m and 80 kg",
            {"weight_kg": 80, "height_m": 1.8},
        ),
        (WEATHER, "weather in oslo?", {"city": "oslo"}),
        (WEATHER, "Oslo weather please", {"city": "Oslo"}),
        (UNITS, "in Oslo in Fahrenheit", {"city": "Oslo", "unit": "fahrenheit"}),
        (UNITS, "in Oslo", {"city": "Oslo"}),
        (TOLD, "in Oslo in Fahrenheit", {"city": "Oslo", "unit": "fahrenheit"}),
        (ROLL, "Roll 2 dice with 20 sides", {"times": 2, "sides": 20}),
        (ROLL, "Roll a dice", {}),
        (
            EMAIL,
            "Email Anna with the subject 'Hi' and body \"All is well\"",
            {"to": "Anna", "subject": "Hi", "body": "All is well"},
        ),
        (COUNT, "Count the words of this text: Quick. Brown.", {"text": "Quick. Brown."}),
        (COUNT, "How many words are in 'a b c'?", {"text": "a b c"}),
        (
            function("translate", "", text="string", language="string"),
            "'good day' to French",
            {"text": "good day", "language": "French"},
        ),
        (
            function("convert", "", amount="number", from_currency="string", to_currency="string"),
            "100 USD to EUR",
            {"amount": 100, "from_currency": "USD", "to_currency": "EUR"},
        ),
        (
            function("convert", "", value="number", unit_from="string", unit_to="string"),
            "5 km to miles",
            {"value": 5, "unit_from": "km", "unit_to": "miles"},
        ),
        (
            function("distance", "", origin="string", destination="string"),
            "to Rome from Oslo",
            {"origin": "Oslo", "destination": "Rome"},
        ),
        (function("search", "", query="string"), "Search for the with statement", {"query": "with statement"}),
        (function("calculator", "", expression="string"), "What is 2 * (3 + 4)?", {"expression": "2 * (3 + 4)"}),
        (function("mean", "", numbers=NUMBERS), "the mean of 3, 4 and 8.5", {"numbers": [3, 4, 8.5]}),
        (function("total", "", numbers=NUMBERS), "the total of [1, 2]", {"numbers": [1, 2]}),
        (function("sort", "", words=WORDS), "Sort pear, apple and fig", {"words": ["pear", "apple", "fig"]}),
        (function("read", "", path="string"), "Read data.csv", {"path": "data.csv"}),
        (function("days", "", start={"type": "string", "format": "date"}), "since 2024-01-01", {"start": "2024-01-01"}),
        (
            function("book", "", people="integer", date="string", time="string"),
            "for 4 people tomorrow at 19:30",
            {"people": 4, "date": "tomorrow", "time": "19:30"},
        ),
        (
            function("light", "Switch the light", room="string", on="boolean"),
            "Light off in the kitchen",
            {"room": "kitchen", "on": False},
        ),
        (
            function("mean", "", df="string", column="string"),
            "the mean of column price in df",
            {"df": "df", "column": "price"},
        ),
        (function("draw", "Draw", point=POINT), "Draw at 3, 4", {"point": {"x": 3, "y": 4}}),
        (function("draw", "Draw", point=POINT), 'Draw {"x": 1, "y": 2}', {"point": {"x": 1, "y": 2}}),
    ],
)
def test_arguments_are_filled_from_the_words_of_a_person(
    called: Function, text: str, arguments: dict[str, Any]
) -> None:
    filling = filled(called, text)
    assert filling.calls == (arguments,)
    assert filling.missing == ()


@pytest.mark.parametrize(
    ("called", "text", "calls"),
    [
        (WEATHER, "in Oslo, Rome and New York", [{"city": "Oslo"}, {"city": "Rome"}, {"city": "New York"}]),
        (
            UNITS,
            "in Oslo and Rome in celsius",
            [{"city": "Oslo", "unit": "celsius"}, {"city": "Rome", "unit": "celsius"}],
        ),
        (function("is_prime", "", n="integer"), "Is 7 prime? And 9?", [{"n": 7}, {"n": 9}]),
        (ADD, "Add 1 and 2, and 3 and 4", [{"a": 1, "b": 2}, {"a": 3, "b": 4}]),
        (ADD, "Add 1, 2 and 3", [{"a": 1, "b": 2}]),
    ],
)
def test_more_mentions_of_the_same_kind_are_more_calls(
    called: Function, text: str, calls: list[dict[str, Any]]
) -> None:
    assert list(filled(called, text).calls) == calls


def test_what_nobody_said_is_missing_and_not_made_up() -> None:
    assert filled(WEATHER, "What is the weather?").missing == ("city",)
    assert filled(ADD, "Add 2").missing == ("b",)
    assert filled(function("f", "", n={"type": "integer", "maximum": 5}), "of 7").missing == ("n",)
    assert filled(function("switch", "", on="boolean"), "Switch it").missing == ("on",)


def test_results_stand_where_the_text_points_at_them() -> None:
    assert filled(MULTIPLY, "multiply the result by 4", ["5"]).calls == ({"a": 5, "b": 4},)
    assert filled(MULTIPLY, "multiply them", ["5", "It is 2."]).calls == ({"a": 5, "b": 2},)
    assert filled(function("subtract", "", a="number", b="number"), "subtract 4 from it", ["9"]).calls == (
        {"a": 9, "b": 4},
    )
    assert filled(WEATHER, "the weather there", ["Oslo"]).calls == ({"city": "Oslo"},)
    assert filled(COUNT, "count the words in it", ["long text"]).calls == ({"text": "long text"},)
    assert filled(function("mean", "", numbers=NUMBERS), "the mean of them", ["1", "2"]).calls == ({"numbers": [1, 2]},)
    assert filled(WEATHER, "the weather there", ['{"city": "Bergen", "x": 1}']).calls == ({"city": "Bergen"},)


def test_it_is_told_whether_results_were_used_and_pointed_at() -> None:
    filling = filled(MULTIPLY, "multiply the result by 4", ["5"])
    assert (filling.used, filling.refers) == (True, True)
    filling = filled(ADD, "Add 2 and 3", ["5"])
    assert (filling.used, filling.refers) == (False, False)

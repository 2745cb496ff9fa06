from __future__ import annotations

from typing import Any

import pytest

from byom_magics.messages import Tool
from byom_magics.talk.arguments import ArgumentsProblem, arguments_of

PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = Tool("weather", "Tells the weather.", PARAMETERS)
CLOCK = Tool("clock", "Tells the time.", {"type": "object", "properties": {}})


def problem(text: str, tool: Tool = WEATHER) -> str:
    with pytest.raises(ArgumentsProblem) as caught:
        arguments_of(tool, text)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    ['{"city": "Bern", "days": 3}', ' {"city":"Bern","days":3}\n', r'"{\"city\": \"Bern\", \"days\": 3}"'],
)
def test_arguments_are_read_also_where_they_are_written_twice(text: str) -> None:
    assert arguments_of(WEATHER, text) == {"city": "Bern", "days": 3}


@pytest.mark.parametrize("text", ["", "  ", "{}", "null", '"{}"'])
def test_none_are_no_arguments(text: str) -> None:
    assert arguments_of(CLOCK, text) == {}
    assert problem(text) == "at the top: 'city' is a required property"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("city=Bern", "the arguments are no JSON that can be read: it is no JSON; it begins with 'city=Bern'"),
        (
            '{"city": "Be',
            "the arguments are no JSON that can be read: it is no whole JSON: it breaks off at line 1, column 10",
        ),
        ('["Bern"]', 'the arguments have to be one JSON object, not ["Bern"], with the names city, days'),
        ('"Bern"', 'the arguments have to be one JSON object, not "Bern", with the names city, days'),
        ('{"city": 3}', "at city: 3 is not of type 'string'"),
        ('{"city": "Bern", "days": "three"}', "at days: 'three' is not of type 'integer'"),
        (
            '{"city": "Bern", "hours": 3}',
            "at the top: Additional properties are not allowed ('hours' was unexpected); the names are city, days",
        ),
    ],
)
def test_what_does_not_fit_is_told_so_that_the_model_can_mend_it(text: str, told: str) -> None:
    assert problem(text) == told


def test_several_problems_are_told_at_once() -> None:
    assert problem('{"days": "x"}').splitlines() == [
        "at days: 'x' is not of type 'integer'",
        "at the top: 'city' is a required property",
    ]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '{"city": ' + "9" * 100_000 + "}", "x" * 50_000_000, r'{"city": "\ud800"}',
     '{"city": "a", "city": "b"}', '{"city": NaN}'],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_hostile_arguments_are_a_problem_and_nothing_worse(text: str) -> None:
    assert len(problem(text)) < 300

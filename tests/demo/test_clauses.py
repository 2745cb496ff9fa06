from __future__ import annotations

import pytest

from byom_magics.demo.clauses import clauses
from byom_magics.demo.matching import Matcher
from tests.demo.offers import ADD, COUNT, MULTIPLY, TIME, WEATHER

MATCHER = Matcher([WEATHER, ADD, MULTIPLY, TIME, COUNT])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Add 2 and 3, then multiply the result by 4.",
            [("add", "Add 2 and 3, then"), ("multiply", "multiply the result by 4.")],
        ),
        ("What is the weather in Oslo? And in Rome?", [("get_weather", "What is the weather in Oslo? And in Rome?")]),
        ("Hello! What time is it?", [("current_time", "Hello! What time is it?")]),
        ("weather and time in Oslo", [("get_weather", "weather and"), ("current_time", "time in Oslo")]),
        ("Add 1 and 2. Add 3 and 4.", [("add", "Add 1 and 2."), ("add", "Add 3 and 4.")]),
        (
            "Count the words in 'add this. Then multiply'",
            [("word_count", "Count the words in 'add this. Then multiply'")],
        ),
        ("Nothing of that kind, and nothing else", []),
        ("", []),
    ],
)
def test_each_part_belongs_to_the_function_that_it_asks_for(text: str, found: list[tuple[str, str]]) -> None:
    assert [(clause.match.function.name, clause.text) for clause in clauses(text, MATCHER)] == found


@pytest.mark.parametrize("text", ["add, " * 10_000, "." * 20_000 + "x", " " * 20_000, "then " * 5_000])
def test_a_text_of_many_parts_is_read_up_to_some_number(text: str) -> None:
    assert len(clauses(text, MATCHER)) <= 60

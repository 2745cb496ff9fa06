from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from byom_magics.demo.matching import Matcher
from tests.demo.offers import ADD, COUNT, MULTIPLY, TIME, WEATHER, function

if TYPE_CHECKING:
    from byom_magics.demo.functions import Function

FILES = function("list_files", "The files of the folder.")
CALCULATOR = function("calculator", "Evaluates arithmetic.", expression="string")
DOCS = function("search_docs", "Search the Python documentation for a topic.", query="string")


def best(text: str, *functions: Function) -> str | None:
    match = Matcher(functions).best(text)
    return match.function.name if match else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("What is the weather in Oslo?", "get_weather"),
        ("How warm is it in Oslo?", "get_weather"),
        ("What is 2 + 3?", "add"),
        ("2 plus 3", "add"),
        ("Adding 2 and 3", "add"),
        ("4 × 5", "multiply"),
        ("4 times 5", "multiply"),
        ("What time is it?", "current_time"),
        ("How many words are in this?", "word_count"),
        ("Please use the add tool", "add"),
        ("Use `get_weather`", "get_weather"),
        ("How does the with statement work?", None),
        ("Who is the king?", None),
        ("Say 'weather' aloud", None),
        ("", None),
    ],
)
def test_the_words_of_a_person_tell_the_function(text: str, name: str | None) -> None:
    assert best(text, WEATHER, ADD, MULTIPLY, TIME, COUNT) == name


def test_arithmetic_means_a_calculator_where_there_is_one() -> None:
    assert best("What is 2 * (3 + 4)?", WEATHER, CALCULATOR) == "calculator"


def test_words_that_every_question_about_python_has_call_nothing() -> None:
    assert best("How do I slice a list?", FILES) is None
    assert best("List the files", FILES) == "list_files"


def test_two_words_of_a_description_are_enough_and_one_is_not() -> None:
    assert best("The documentation of that topic", DOCS) == "search_docs"
    assert best("That topic", DOCS) is None


def test_the_one_with_more_words_of_its_name_is_meant() -> None:
    now, later = function("weather_now", city="string"), function("weather_tomorrow", city="string")
    assert best("The weather tomorrow in Oslo", now, later) == "weather_tomorrow"


def test_the_words_that_told_it_are_the_words_of_the_text() -> None:
    (match, *_) = Matcher([ADD]).matches("Adding 2 plus 3")
    assert match.words[:2] == ("adding", "plus") or set(match.words) == {"adding"}
    (match,) = Matcher([WEATHER]).matches("Will it rain?")
    assert match.words == ("rain",)

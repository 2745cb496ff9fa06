from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.conversation import Done
from byom_magics.demo.figures import Figures, chosen, number_for, yes_or_no
from byom_magics.demo.mentions import Mentions
from tests.demo.reading import ANNA, WITH, material


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("n", "n = 3 and 5", ["3"]),
        ("sides", "2 dice with 20 sides", ["20"]),
        ("weight_kg", "1.8 m and 80 kg", ["80"]),
        ("age", "aged 36", ["36"]),
        ("age", "36 years old", ["36"]),
        ("age", "Bob is 25.", ["25"]),
        ("age", "It is 25 km", []),
        ("max_items", "max items of 5", ["5"]),
        ("city", "3 and 4", []),
    ],
)
def test_a_number_belongs_to_the_name_beside_it(name: str, text: str, found: list[str]) -> None:
    assert [mention.text for mention in number_for(name, Mentions(text))] == found


def test_numbers_without_a_name_come_in_order_each_once() -> None:
    figures = Figures(material("4 of 7 and 9"))
    source = WITH.best
    assert next(figures.numbers("a", "", {}, source)) == 4
    figures.use(4)
    assert next(figures.numbers("b", "", {}, source)) == 7
    assert list(figures.numbers("c", "", {}, source, loose=False)) == []
    assert figures.all() == [4, 7, 9]


def test_a_score_is_how_well_the_passage_fits_on_the_scale_of_the_schema() -> None:
    figures = Figures(WITH)
    assert next(figures.numbers("score", "", {"type": "number"}, WITH.best)) == 1.0
    assert next(figures.numbers("rating", "", {"type": "integer", "minimum": 1, "maximum": 5}, WITH.best)) == 5
    nothing = material("Who is the king?")
    assert next(Figures(nothing).numbers("confidence", "", {}, nothing.best)) == 0.0


def test_counts_are_counted() -> None:
    count = material("How long is 'one two three'?")
    assert next(Figures(count).numbers("word_count", "", {}, count.best)) == 3
    assert next(Figures(count).numbers("number_of_characters", "", {}, count.best)) == 13
    assert next(Figures(WITH).numbers("n_passages", "", {}, WITH.best)) == 1


def test_what_a_tool_said_comes_first() -> None:
    done = material("7?", Done("f", {}, '{"degrees": 3}'))
    assert next(Figures(done).numbers("degrees", "", {}, done.best)) == 3


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("loud", "Greet Anna, loud", True),
        ("loud", "Greet Anna, not loud", False),
        ("include_code", "Explain it without code", False),
        ("verbose", "verbose=false please", False),
        ("on", "turn the light off", False),
        ("enabled", "activate it", True),
        ("loud", "Greet Anna", None),
        ("found", "How does the with statement work?", True),
        ("found", "Who is the king?", False),
        ("is_positive", "I love it", True),
        ("is_positive", "I hate it", False),
    ],
)
def test_a_truth_value_is_what_the_question_says(name: str, text: str, told: bool | None) -> None:
    assert yes_or_no(name, "", material(text)) is told


@pytest.mark.parametrize(
    ("values", "text", "value"),
    [
        (["celsius", "fahrenheit"], "in Fahrenheit", "fahrenheit"),
        (["new_york", "york"], "in New York", "new_york"),
        (["a", "b"], "something else", "a"),
        ([1, 2, 3], "level 2", 2),
        (["positive", "negative", "neutral"], "I love it", "positive"),
        (["positive", "negative", "neutral"], "It was terrible", "negative"),
        (["positive", "negative", "neutral"], "It was Monday", "neutral"),
    ],
)
def test_the_value_that_is_meant_comes_first(values: list[Any], text: str, value: object) -> None:
    found = material(text)
    assert next(chosen(values, found, found.best)) == value


def test_a_scale_is_told_by_the_length_of_the_passage() -> None:
    levels = ["easy", "medium", "hard"]
    assert next(chosen(levels, WITH, WITH.best)) == "hard"
    slices = material("slice objects").best
    assert next(chosen(levels, WITH, slices)) == "easy"


def test_only_what_is_grounded_is_sure() -> None:
    assert list(chosen(["a", "b"], ANNA, ANNA.best, sure=True)) == []
    assert list(chosen(["x", "y"], ANNA, ANNA.best)) == ["x", "y"]

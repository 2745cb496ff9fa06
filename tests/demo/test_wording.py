from __future__ import annotations

from itertools import islice

import pytest

from byom_magics.demo.conversation import Done
from byom_magics.demo.mentions import Mentions
from byom_magics.demo.wording import Wording, said_of
from tests.demo.reading import ANNA, WITH, material


def first(found: object, name: str, form: str = "", description: str = "") -> str:
    return next(iter(Wording(found).texts(name, description, form, found.best)), "")  # type: ignore[arg-type,attr-defined]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title", "The with statement"),
        ("topic", "The with statement"),
        ("question", "How does the with statement work?"),
        ("example_code", "with EXPRESSION as TARGET:\n    SUITE"),
        ("id", "the-with-statement"),
        ("language", "Python"),
        ("section", "with"),
        ("url", "https://docs.python.org/3/search.html?q=with"),
    ],
)
def test_the_name_of_a_property_tells_what_it_gets_from_a_passage(name: str, text: str) -> None:
    assert first(WITH, name) == text


def test_an_unknown_name_gets_the_sentence_that_speaks_of_it() -> None:
    assert "exception" in first(WITH, "exception_handling")
    assert first(WITH, "foo") == WITH.best.summary


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", "Anna"),
        ("city", "Oslo"),
        ("email", "anna@example.org"),
        ("date", "2024-05-01"),
    ],
)
def test_what_the_question_mentions_is_taken_by_kind(name: str, text: str) -> None:
    assert first(ANNA, name) == text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("date", "2024-05-01"),
        ("date-time", "2024-05-01T00:00:00Z"),
        ("email", "anna@example.org"),
    ],
)
def test_a_format_is_kept(form: str, text: str) -> None:
    assert first(ANNA, "x", form) == text


def test_a_format_without_a_mention_has_an_example() -> None:
    wording = Wording(WITH)
    assert wording.example("date", "x") == "2025-01-01"
    assert wording.example("uuid", "x") == wording.example("uuid", "x") != wording.example("uuid", "y")
    assert wording.example("weird", "x") == ""
    assert list(wording.grounded("x", "", "date", WITH.best)) == []


def test_a_name_is_split_into_first_and_last() -> None:
    ada = material("Ada Lovelace was born in London")
    assert (first(ada, "first_name"), first(ada, "last_name"), first(ada, "city")) == ("Ada", "Lovelace", "London")


def test_a_name_of_another_kind_is_only_taken_where_there_has_to_be_one() -> None:
    wording = Wording(material("Anna, 30"))
    assert list(wording.grounded("city", "", "", ANNA.best, loose=False)) == []
    assert next(wording.grounded("city", "", "", ANNA.best)) == "Anna"


def test_what_tools_said_is_the_answer() -> None:
    done = material("The weather in Oslo?", Done("get_weather", {"city": "Oslo"}, "3 degrees"))
    assert first(done, "answer") == "3 degrees"
    assert first(done, "city") == "Oslo"


def test_lists_are_filled_by_their_names() -> None:
    wording = Wording(WITH)
    assert list(wording.several("keywords", WITH.best))[:2] == ["with", "try"]
    assert list(wording.several("titles", WITH.best)) == ["The with statement"]
    assert next(wording.several("examples", WITH.best)).startswith("with EXPRESSION")
    assert list(islice(wording.several("steps", WITH.best), 1)) == [WITH.best.sentences[0]]
    assert list(Wording(material("Anna and Bob, in Oslo")).several("people", ANNA.best)) == ["Anna", "Bob"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("subject", 'the subject "Hi there" and', ["Hi there"]),
        ("city", "city: Oslo", ["Oslo"]),
        ("city", "city = new york, now", ["new york"]),
        ("first_name", "a girl named Anna", ["Anna"]),
        ("city", "the city of Oslo", ["Oslo"]),
        ("city", "the city is big", []),
        ("", "anything", []),
    ],
)
def test_what_is_said_of_a_name_is_found(name: str, text: str, said: list[str]) -> None:
    assert list(said_of(name, Mentions(text))) == said

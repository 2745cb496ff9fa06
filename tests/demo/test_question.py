from __future__ import annotations

import pytest

from byom_magics.demo.question import read


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("How does the with statement work?", ["with"]),
        ("What is a lambda?", ["lambda"]),
        ("difference between is and ==", ["is", "=="]),
        ("is vs ==", ["is", "=="]),
        ("try except finally", ["try", "except", "finally"]),
        ("what does yield do", ["yield"]),
        ("what does in do", ["in"]),
        ("what does not in mean?", ["not", "in"]),
        ("How do for loops work", ["for"]),
        ("if else", ["if", "else"]),
        ("and or not", ["and", "or", "not"]),
        ("for or while", ["for", "or", "while"]),
        ("What does `is` mean?", ["is"]),
        ("what does `**` mean", ["**"]),
        ("The `not in` operator", ["not in"]),
        ("What is if?", ["if"]),
        ("for", ["for"]),
        ("What is None?", ["None"]),
        ("what does or mean", ["or"]),
        ("what does - do", ["-"]),
    ],
)
def test_keywords_and_operators_count_when_the_question_is_about_them(text: str, named: list[str]) -> None:
    assert list(read(text).named) == named


@pytest.mark.parametrize(
    "text",
    [
        "how do I slice a list",
        "What is a decorator for?",
        "Is there a way to sort a list with a key?",
        "what is the type of an integer or a float",
        "hello and thanks",
        "dict - what is it?",
        "what's the difference between Python's list and tuple's",
        "explain: generators!",
    ],
)
def test_keywords_that_are_mere_english_do_not_count(text: str) -> None:
    assert read(text).named == ()


def test_what_carries_no_meaning_is_not_sought() -> None:
    assert read("Hello, can you help me please?").sought == ()
    assert [next(iter(terms)) for terms in read("how do I slice a list").sought] == ["slic", "list"]


def test_a_slice_is_understood_as_such() -> None:
    assert "slic" in read("what is a[1:2]").sought[0]


def test_peoples_words_also_stand_for_those_of_the_reference() -> None:
    (sought,) = read("f-strings").sought
    assert {"format", "literal"} <= sought.keys()


def test_nothing_is_understood_from_nothing() -> None:
    assert read("").sought == ()
    assert read("?!").named == ()

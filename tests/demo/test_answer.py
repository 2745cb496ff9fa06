from __future__ import annotations

import re
import sys

import pytest

from byom_magics.demo.answer import BUDGET, Reference, shipped_reference
from byom_magics.demo.tokens import split
from byom_magics.demo.topics import Passage

PASSAGES = [
    Passage("with", "The `with` statement", "", ("It wraps a block.", "```python\nwith a: ...\n```")),
    Passage("with", "Footnotes", "", ("- [1] About the `with` statement, and nothing else, at some length it is.",)),
    Passage("long", "Metaclasses", "", tuple(f"Metaclass number {n} is described here." for n in range(200))),
    Passage(
        "str", "`str.split(sep)`", "String Methods", ("Return a list of the words in the string, split at *sep*.",)
    ),
]
TOPICS = {"with": ("with",), "METACLASSES": ("long",)}
REFERENCE = Reference(PASSAGES, TOPICS, "3.99")


def titles(question: str) -> list[str]:
    return re.findall(r"^## (.*)", shipped_reference().answer(question), re.MULTILINE)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How does the with statement work?", "The `with` statement"),
        ("What is a lambda?", "Lambdas"),
        ("how do I slice a list", "Slicings"),
        ("difference between is and ==", "Identity comparisons"),
        ("try except finally", "The `try` statement"),
        ("what does yield do", "The `yield` statement"),
        ("decorators", "Function definitions"),
        ("async generators", "Asynchronous generator functions"),
        ("for", "The `for` statement"),
        ("if else", "The `if` statement"),
        ("what does not in mean", "Membership test operations"),
        ("How do for loops work?", "The `for` statement"),
        ("list comprehension", "List displays"),
        ("how do I catch exceptions?", "Exceptions"),
        ("context managers", "With Statement Context Managers"),
        ("operator precedence", "Operator precedence"),
        ("global variables", "The `global` statement"),
        ("raise from", "The `raise` statement"),
        ("metaclass", "Metaclasses"),
        ("what does ** mean?", "The power operator"),
        ("+=", "Augmented assignment statements"),
        ("and or not", "Boolean operations"),
        ("pattern matching", "OR Patterns"),
        ("pdb", "`pdb` — The Python Debugger"),
    ],
)
def test_the_right_passage_of_the_shipped_reference_comes_first(question: str, title: str) -> None:
    assert titles(question)[0] == title


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("how does str.split work?", "str.split("),
        ("what is __init__", "object.__init__("),
        ("join strings", "str.join("),
    ],
)
def test_a_method_is_found_by_its_name(question: str, name: str) -> None:
    assert titles(question)[0].startswith(f"`{name}")


def test_the_answer_begins_with_what_it_is() -> None:
    first = shipped_reference().answer("lambda").split("\n")[0]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert first == f"*Built-in demo: quotes the Python {version} reference, is not a language model.*"


def test_the_answer_has_headings_and_fenced_code() -> None:
    answer = shipped_reference().answer("How does the with statement work?")
    assert "\n## The `with` statement\n" in answer
    assert "```python\nwith EXPRESSION as TARGET:\n    SUITE\n```" in answer
    assert answer.endswith("\n")


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "pandas groupby", "Hello!", "", "\ud800", "*" * 999]
)
def test_an_answer_that_is_not_there_is_not_made_up(question: str) -> None:
    answer = shipped_reference().answer(question)
    assert "I found nothing about that" in answer
    assert "- The `with` statement\n" in answer


def test_the_same_question_has_the_same_answer() -> None:
    assert shipped_reference().answer("decorators") == shipped_reference().answer("decorators")


def test_a_long_passage_is_cut_between_blocks_and_says_how_to_read_on() -> None:
    answer = REFERENCE.answer("metaclass")
    assert BUDGET * 0.9 < len(split(answer)) < BUDGET * 1.3
    assert re.search(r"number \d+ is described here\.\n\n\*… and more: `help\('METACLASSES'\)`\.\*\n$", answer)


def test_a_long_passage_is_opened_where_it_speaks_of_the_question() -> None:
    answer = shipped_reference().answer("format numbers with thousands separator")
    assert ">>> '{:,}'.format(1234567890)" in answer


def test_a_definition_says_where_it_stands() -> None:
    assert "## `str.split(sep)`\n\n*From “String Methods”*\n\nReturn a list" in REFERENCE.answer("str.split")


def test_footnotes_answer_nothing() -> None:
    assert "Footnotes" not in REFERENCE.answer("with")


def test_what_was_looked_for_and_found_can_be_told() -> None:
    found = shipped_reference().look("How does the with statement work?")
    assert found.question.named == ("with",)
    assert [one.passage.title for one in found.quoted] == ["The `with` statement"]
    assert found.ranked[0] == found.quoted[0]
    assert found.ranked[0].favoured
    scores = [one.hit.score for one in found.ranked]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > len(found.quoted)


def test_terms_about_the_form_can_be_left_aside() -> None:
    assert shipped_reference().look("metaclass zzzz qqqq").quoted == ()
    assert shipped_reference().look("metaclass zzzz qqqq", {"zzzz", "qqqq"}).quoted

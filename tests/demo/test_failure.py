from __future__ import annotations

import pytest

from byom_magics.demo.failure import Failure, is_failure, told_failure
from tests.demo.failing import prompt, told


def test_a_failing_cell_is_read_with_what_it_raised_and_where() -> None:
    failure, _ = told("prices = {'a': 1}\nprices['b']", "prices = 1")
    assert (failure.cell, failure.error, failure.message) == ("prices = {'a': 1}\nprices['b']", "KeyError", "'b'")
    assert (failure.lines, failure.here) == ((2,), True)
    assert failure.listed["prices"].startswith("dict, len 1")


def test_of_functions_in_the_cell_the_innermost_line_comes_first() -> None:
    failure, _ = told("def half(x):\n    return x / 0\n\nhalf(1)")
    assert (failure.lines, failure.here) == ((2, 4), True)
    assert failure.listed["x"] == "int = 1"


def test_what_a_library_raised_was_not_raised_here() -> None:
    failure, _ = told("import json\njson.loads('{')")
    assert (failure.error, failure.lines, failure.here) == ("JSONDecodeError", (2,), False)


def test_of_several_exceptions_the_last_one_counts() -> None:
    failure, _ = told("try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('a') from error")
    assert (failure.error, failure.message, failure.lines) == ("KeyError", "'a'", (4,))


def test_a_caret_is_told_as_a_place_in_the_line() -> None:
    failure, _ = told("if True:\n    while True print(1)")
    assert failure.error == "SyntaxError"
    assert failure.caret == len("    while True ")


def test_fences_in_the_cell_end_nothing() -> None:
    failure, _ = told('text = """\n```python\n```\n"""\n1 / 0')
    assert failure.cell.endswith("1 / 0")
    assert failure.error == "ZeroDivisionError"


def test_code_that_is_not_finished_is_a_syntax_error_in_every_python() -> None:
    failure = told_failure(prompt("x = (", error=type("_IncompleteInputError", (Exception,), {})("incomplete input")))
    assert failure is not None
    assert (failure.error, failure.message) == ("SyntaxError", "incomplete input")


def test_a_message_of_several_lines_is_read_whole() -> None:
    assert told("raise ValueError('one\\ntwo')")[0].message == "one\ntwo"


def test_code_whose_source_is_not_known_has_no_cell() -> None:
    failure = told_failure(prompt("", error=ValueError("a")))
    assert failure is not None
    assert (failure.cell, failure.error, failure.message) == ("", "ValueError", "a")


@pytest.mark.parametrize("cell", ["x = 1\n" * 100_000, "a\rb", "a\fb"])
def test_of_a_cell_that_cannot_be_counted_in_lines_nothing_is_looked_at(cell: str) -> None:
    failure = told_failure(
        f"This cell of my notebook failed:\n\n```python\n{cell}\n```\n\nIt raised:\n\n```\nA: b\n```"
    )
    assert failure == Failure("", "A", "b")


@pytest.mark.parametrize(
    "end", ["", "x", "x\n```", "x\n```\n\nIt raised:\n\n```\n", "\n```\n\nIt raised:\n\n```\n \n```"]
)
def test_a_prompt_that_ends_anywhere_is_read_as_far_as_it_goes(end: str) -> None:
    failure = told_failure(f"This script failed (at line 3):\n\n```python\n{end}")
    assert failure is not None
    assert failure.error == ""


@pytest.mark.parametrize("question", ["", "What is a slice?", "Why? This cell of my notebook failed:\n\n```python\n"])
def test_other_questions_are_no_failures(question: str) -> None:
    assert not is_failure(question)
    assert told_failure(question) is None

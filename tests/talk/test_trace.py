from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import pytest

from byom_magics.talk.trace import Trace, traced


def cell_of(file: str) -> str | None:
    return "Cell In[1]" if file == "<cell 1>" else None


def raised(code: str, names: dict[str, Any] | None = None) -> BaseException:
    """What a cell raises."""
    linecache.cache["<cell 1>"] = (len(code), None, code.splitlines(keepends=True), "<cell 1>")
    try:
        exec(compile(code, "<cell 1>", "exec"), names if names is not None else {})
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    pytest.fail("nothing was raised")


def read(code: str, names: dict[str, Any] | None = None) -> Trace:
    return traced(raised(code, names), cell_of)


def test_a_traceback_begins_in_the_cell_and_calls_it_by_its_name() -> None:
    trace = read("x = 1\n1 / 0")
    assert (trace.error_type, trace.message) == ("ZeroDivisionError", "division by zero")
    assert 'File "Cell In[1]", line 2, in <module>' in trace.text
    assert "test_trace" not in trace.text
    assert [(each.function, each.line) for each in trace.own] == [("", 2)]


def test_own_functions_are_told_with_their_variables() -> None:
    trace = read("def half(x):\n    y = x\n    return y / 0\nhalf(3)")
    assert [(each.function, each.line, dict(each.values)) for each in trace.own[1:]] == [("half", 3, {"x": 3, "y": 3})]


def test_causes_are_kept() -> None:
    text = read("try:\n    {}['k']\nexcept KeyError as e:\n    raise ValueError('bad') from e").text
    assert "KeyError: 'k'" in text
    assert "direct cause" in text
    assert text.endswith("ValueError: bad")


def test_code_that_is_no_python_shows_where() -> None:
    text = read("for x in [1, 2)\n    pass").text
    assert '  File "Cell In[1]", line 1\n    for x in [1, 2)\n' in text
    assert "SyntaxError" in text


def test_frames_of_what_runs_cells_are_left_out() -> None:
    called: dict[str, Any] = {}
    exec(compile("def run(f): f()", "/x/IPython/core/magic.py", "exec"), called)
    trace = read("def f(): 1 / 0\nrun(f)", called)
    assert "IPython" not in trace.text
    assert [each.function for each in trace.own] == ["", "f"]


def test_the_files_of_libraries_are_told_without_the_way_to_them() -> None:
    called: dict[str, Any] = {}
    exec(compile("def run(): 1 / 0", "/home/me/site-packages/lib/a.py", "exec"), called)
    text = read("run()", called).text
    assert 'File "lib/a.py", line 1, in run' in text
    assert "/home/me" not in text


def test_a_long_message_keeps_both_ends() -> None:
    trace = read("raise ValueError('begin' + 'm' * 5_000_000 + 'end')")
    assert len(trace.text) < 7_000
    assert trace.text.endswith("end")
    assert "left out" in trace.text


@pytest.mark.parametrize(
    "code",
    [
        "def f(n): f(n + 1)\nf(0)",
        "def f(n): g(n + 1)\ndef g(n): f(n)\nf(0)",
    ],
)
def test_an_endless_recursion_takes_few_lines(code: str) -> None:
    trace = read(code)
    assert trace.error_type == "RecursionError"
    assert len(trace.text) < 7_000


def errors_that_are_hard_to_tell() -> list[Callable[[], BaseException]]:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def in_circles() -> BaseException:
        one, two = ValueError(1), ValueError(2)
        one.__cause__, two.__cause__ = two, one
        return one

    return [SilentError, in_circles, lambda: ValueError("\ud800\x1b[2J")]


@pytest.mark.parametrize("number", range(3))
def test_an_error_of_any_making_is_told(number: int) -> None:
    error = errors_that_are_hard_to_tell()[number]()
    assert type(error).__name__ in traced(error, cell_of).text


def test_an_error_that_was_never_raised_is_told_by_its_message() -> None:
    trace = traced(ValueError("x"), cell_of)
    assert trace.text == "ValueError: x"
    assert trace.own == ()

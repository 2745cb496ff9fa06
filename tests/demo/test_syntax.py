from __future__ import annotations

import pytest

from byom_magics.demo.cell import Cell, as_tree
from byom_magics.demo.failure import Failure
from byom_magics.demo.syntax import broken_code
from tests.demo.failing import told


def mended(cell: str, message: str | None = None, line: int = 1) -> str:
    """The repaired cell; empty if there is none."""
    if message is None:
        repair = broken_code(*told(cell))
    else:
        repair = broken_code(Failure(cell, "SyntaxError", message, (line,)), Cell(cell))
    assert repair is None or as_tree(repair.cell) is not None
    return repair.cell if repair else ""


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        ("for x in [1, 2]\n    print(x)", "for x in [1, 2]:\n    print(x)"),
        ("def f(x)  # of x:\n    return x", "def f(x):  # of x:\n    return x"),
        ("if True:\n    x = 1\nelse\n    x = 2", "if True:\n    x = 1\nelse:\n    x = 2"),
        ("while True print(1)", "while True: print(1)"),
        ("class A\n    pass", "class A:\n    pass"),
        ("if '#' in 'a'\n    pass", "if '#' in 'a':\n    pass"),
    ],
)
def test_a_missing_colon_is_put_where_the_block_opens(cell: str, right: str) -> None:
    assert mended(cell) == right


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        ("print((1, 2)", "print((1, 2))"),
        ("x = [1, 2  # two (\nprint(x)", "x = [1, 2]  # two (\nprint(x)"),
        ("x = {'a': 1,\n     'b': 2\nprint(x)", "x = {'a': 1,\n     'b': 2}\nprint(x)"),
        ("print(len([1)", "print(len([1]))"),
        ("for x in range(3:\n    pass", "for x in range(3):\n    pass"),
        ("for x in range(3\n    print(x)", "for x in range(3):\n    print(x)"),
        ("print('a'))", "print('a')"),
        ("x = (1, 2]", "x = (1, 2)"),
        ("f([1, 2)", "f([1, 2])"),
        ("x = ')' + str(1", "x = ')' + str(1)"),
        ('x = """(\n""" + str(1', 'x = """(\n""" + str(1)'),
    ],
)
def test_brackets_are_closed_and_those_that_close_nothing_go(cell: str, right: str) -> None:
    assert mended(cell) == right


def test_what_ipython_says_of_an_open_bracket_is_enough() -> None:
    assert mended("print((1, 2)", "incomplete input") == "print((1, 2))"


@pytest.mark.parametrize(
    ("cell", "message", "right"),
    [
        ("print 'a', 1\nx = 1\nprint x", "Missing parentheses in call to 'print'. Did you mean print(...)?",
         "print('a', 1)\nx = 1\nprint(x)"),
        ("if x = 1 and y == 2:\n    pass", "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
         "if x == 1 and y == 2:\n    pass"),
        ("s = 'it\\'s\nprint(s)", "unterminated string literal (detected at line 1)", "s = 'it\\'s'\nprint(s)"),
        ('print("a)', "unterminated string literal (detected at line 1)", 'print("a")'),
        ("retrun = 1\ndef f():\n    retrun 1", None, "retrun = 1\ndef f():\n    return 1"),
        ("improt math", None, "import math"),
    ],
)  # fmt: skip
def test_other_small_slips_are_mended(cell: str, message: str | None, right: str) -> None:
    assert mended(cell, message) == right


@pytest.mark.parametrize("cell", ["else\n    pass", "x ==== 1", "a b c", "f'{1 +'", "x = 1 +", "'''a"])
def test_what_no_small_change_makes_python_is_left_alone(cell: str) -> None:
    assert mended(cell) == ""


def test_a_cell_that_is_python_already_is_left_alone() -> None:
    assert mended("x = 1", "invalid syntax") == ""


@pytest.mark.parametrize(
    "cell",
    [
        "(" * 30_000,
        ")" * 30_000,
        "([{" * 10_000,
        "'" * 29_999,
        "for x in y\n" * 2_000,
        "x = (1\n" * 2_000,
        "if = = = = = =\n" + "x\n" * 1_000,
        "print " * 5_000,
        "p" * 30_000 + " x",
        "f(" + "'a' " * 7_000,
    ],
)
def test_hostile_cells_are_tried_a_few_times_only(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(text: str) -> None:
        read.append(len(text))

    monkeypatch.setattr("byom_magics.demo.syntax.as_tree", counted)
    broken = Cell(cell)
    broken.tree = None
    for message in ("expected ':'", "unterminated '=='", "call to 'print'"):
        assert broken_code(Failure(cell, "SyntaxError", message, (1,), caret=3), broken) is None
    assert sum(read) < 3_000_000

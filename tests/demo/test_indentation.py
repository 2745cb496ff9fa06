from __future__ import annotations

import pytest

from byom_magics.demo.cell import Cell
from byom_magics.demo.failure import Failure
from byom_magics.demo.indentation import wrong_indentation
from tests.demo.failing import told


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        ("for x in y:\nprint(x)", "for x in y:\n    print(x)"),
        ("for x in y:\nprint(x)\ntotal = 1", "for x in y:\n    print(x)\ntotal = 1"),
        ("for x in y:\nif x:\n    print(x)\nz", "for x in y:\n    if x:\n        print(x)\nz"),
        ("def f():\n    if x:\n    return 1\n\n    return 2", "def f():\n    if x:\n        return 1\n\n    return 2"),
        ("x = 1\n  y = 2\n\n  z = 3", "x = 1\ny = 2\n\nz = 3"),
        ("if x:\n\ty = 1\n    z = 2", "if x:\n    y = 1\n    z = 2"),
        ("if x:\n    y = 1\n   z = 2", "if x:\n    y = 1\n    z = 2"),
        ("if x:\n    y = 1\n z = 2", "if x:\n    y = 1\nz = 2"),
        ("if x:\n\ty = 1\n        z = '\t'", "if x:\n        y = 1\n        z = '\t'"),
    ],
)
def test_a_line_is_indented_as_python_needs_it(cell: str, right: str) -> None:
    repair = wrong_indentation(*told(cell))
    assert repair is not None
    assert repair.cell == right


def test_an_indentation_that_mends_nothing_is_not_proposed() -> None:
    assert wrong_indentation(*told("for x in y:\nprint(x")) is None
    for message in ("expected an indented block", "unexpected indent", "unindent does not match", "tab"):
        for lines in ((), (1,), (2,), (99,)):
            for cell in ("for", "(\n(", "\n\n", "  " * 10_000 + "(\n" + "(\n" * 1_900):
                assert wrong_indentation(Failure(cell, "IndentationError", message, lines), Cell(cell)) is None


def test_lines_are_not_moved_to_anywhere() -> None:
    cell = "if x:\n" + " " * 5_000 + "y\n" + "\n".join([" z"] * 1_900)
    assert wrong_indentation(Failure(cell, "IndentationError", "unindent does not match", (3,)), Cell(cell)) is None

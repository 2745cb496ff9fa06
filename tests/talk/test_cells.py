from __future__ import annotations

from byom_magics.talk.cells import Cell, told


def test_cells_are_told_with_what_they_gave_the_oldest_first() -> None:
    made = told([Cell(1, "x = 1"), Cell(2, "x / 0", "printed", "ZeroDivisionError")])
    assert made.text.index("Cell [1]") < made.text.index("Cell [2]")
    assert all(part in made.text for part in ("```python\nx = 1", "```output\nprinted", "```error\nZeroDivisionError"))
    (item,) = made.items
    assert (item.name, item.cut) == ("the last 2 cells", False)


def test_long_cells_are_cut_and_say_so() -> None:
    made = told([Cell(1, "x" * 100_000, "y" * 100_000)])
    assert len(made.text) < 20_000
    assert made.items[0].cut
    assert made.items[0].note


def test_no_cells_are_nothing() -> None:
    assert told([]).parts == ()


def test_a_cell_without_output_or_error_is_its_source_alone() -> None:
    assert told([Cell(7, "\nx = 1\n\n")]).text == "The last cell of my notebook:\n\nCell [7]:\n```python\nx = 1\n```"


def test_an_output_with_fences_does_not_end_its_own() -> None:
    assert "````output\n```\n````" in told([Cell(1, "x", "```")]).text


def test_many_long_cells_are_shortened_first_and_then_the_oldest_go() -> None:
    cells = [Cell(number, f"# {number}\n{'x' * 900}") for number in range(1, 11)]
    assert not told(cells).items[0].cut
    made = told([Cell(number, f"# {number}\n{'x' * 9_000}", "y" * 9_000) for number in range(1, 11)])
    assert len(made.text) < 41_000
    assert "# 1\n" in made.text
    assert made.items[0].note == "long ones cut"
    made = told([Cell(number, f"# {number}\n{'x' * 9_000}") for number in range(1, 201)])
    assert len(made.text) < 41_000
    assert "# 200\n" in made.text
    assert "# 1\n" not in made.text
    assert "of 200 cells" in made.items[0].note
    assert "cells before these were left out" in made.text

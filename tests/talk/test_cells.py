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

from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.talk.notebook_file import notebook_text


def text_of(*cells: Any, limit: int = 200_000, **metadata: Any) -> str:
    made = notebook_text(json.dumps({"cells": cells, "metadata": metadata}), limit)
    assert made is not None
    return made.text


def code(source: Any, *outputs: Any, number: int | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "execution_count": number}


def test_cells_are_told_with_what_they_printed_gave_and_raised() -> None:
    cell = code(
        ["print(1)\n", "1 / 0"],
        {"output_type": "stream", "text": ["1\n"]},
        {"output_type": "display_data", "data": {"text/plain": "<Figure>", "text/markdown": "**drawn**"}},
        {"output_type": "error", "ename": "ZeroDivisionError", "traceback": ["\x1b[31mZeroDivisionError\x1b[0m"]},
        number=3,
    )
    assert text_of({"cell_type": "markdown", "source": "# Title"}, cell) == (
        "# Title\n\nCell [3]:\n```python\nprint(1)\n1 / 0\n```\n"
        "```output\n1\n**drawn**\n```\n```error\nZeroDivisionError\n```"
    )


def test_the_language_of_the_kernel_is_told() -> None:
    assert "```julia\n" in text_of(code("x"), language_info={"name": "julia"})
    assert "```python\n" in text_of(code("x"), language_info={"name": "```\nodd"})


def test_pictures_are_left_out_and_counted() -> None:
    output = {"output_type": "display_data", "data": {"image/png": "A" * 100_000}}
    made = notebook_text(json.dumps({"cells": [code("plot()", output, output)]}), 200_000)
    assert made is not None
    assert made.note == "2 pictures left out"
    assert len(made.text) < 100


def test_a_long_notebook_is_bounded_and_says_so() -> None:
    cells = [code(f"# {number}\n{'x' * 5_000}") for number in range(500)]
    made = notebook_text(json.dumps({"cells": cells}), 50_000)
    assert made is not None
    assert len(made.text) < 51_000
    assert "of 500 cells" in made.note
    assert "were left out" in made.text
    assert "# 499" in made.text


def test_a_long_cell_is_whole_where_there_is_room() -> None:
    assert "x" * 100_000 in text_of(code("x" * 100_000))


@pytest.mark.parametrize("content", ["", "words", "[1]", "{}", '{"cells": 3}', "[" * 100_000, '{"worksheets": []}'])
def test_what_is_no_notebook_is_none(content: str) -> None:
    assert notebook_text(content, 999) is None


@pytest.mark.parametrize(
    "cell",
    [3, None, [], {}, code(None), code(3, 3), code("x", {"data": 3}, {"text": 3}, {"output_type": "error"}),
     {"cell_type": "code", "outputs": 3}, code("x", {"data": {"text/plain": {"a": 1}}}, number="one")],  # type: ignore[arg-type]
)  # fmt: skip
def test_a_broken_cell_does_no_harm(cell: Any) -> None:
    assert "kept" in text_of(cell, code("kept"))

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.show.markup import render_piece
from byom_magics.show.segments import Opening, Piece, cut, cut_plain, pieces
from tests.show.safe import read, text_of

WORDS = "Some words of a paragraph, which go on. "


def shown(text: str, size: int) -> list[str]:
    return [
        render_piece(piece.markdown, piece.first_number, repeats_header=bool(piece.opening.header))
        for piece in pieces(text, size)
    ]


def squeezed(html: str) -> str:
    return re.sub(r"\s+", "", text_of(html))


@given(
    st.lists(
        st.sampled_from(
            [
                "word ",
                "\n",
                "\n\n",
                "# ",
                "- ",
                "1. ",
                "2. ",
                "  ",
                "    ",
                "```py\n",
                "```\n",
                "~~~\n",
                "> ",
                "$$\n",
                "|a|b|\n",
                "|-|-|\n",
                WORDS,
            ]
        ),
        max_size=80,
    ).map("".join),
    st.integers(5, 60),
)
def test_the_pieces_of_any_text_are_the_text(text: str, size: int) -> None:
    found = list(pieces(text, size))
    assert "".join(piece.text for piece in found) == text
    assert all(0 < len(piece.text) <= 2 * size for piece in found if text)
    for piece in found:
        read(render_piece(piece.markdown, piece.first_number))


def test_a_text_is_cut_between_blocks() -> None:
    text = f"{WORDS}\n\n{WORDS}\n\n{WORDS}\n\n{WORDS}\n\nlast"
    assert [piece.text for piece in pieces(text, 50)] == [f"{WORDS}\n\n{WORDS}\n\n"] * 2 + ["last"]


@pytest.mark.parametrize("line", ["-", "--", "---", "=", "1", "|"])
def test_a_text_is_not_cut_before_a_line_that_may_become_anything(line: str) -> None:
    place = cut(Piece(f"{WORDS}\n{line}"), 20)
    assert place is not None
    assert place[0] <= len(WORDS)


def test_a_growing_text_is_not_cut_before_its_size() -> None:
    assert cut(Piece(f"{WORDS}\n\n{WORDS}"), 1_000) is None


def test_an_endless_fence_goes_on_as_code_of_the_same_language() -> None:
    code = "".join(f"def f{number}():\n    return '<b>'\n\n" for number in range(200))
    parts = shown(f"Here:\n\n```python\n{code}", 500)
    assert len(parts) > 5
    assert all("--k)" in part and read(part).tags.count("pre") == 1 for part in parts)
    assert squeezed("".join(parts)) == "Here:" + re.sub(r"\s+", "", code)


def test_text_after_a_split_fence_is_text_again() -> None:
    text = "```\n" + "code line\n" * 100 + "```\n\nAnd **bold** words.\n"
    assert "<strong>bold</strong>" in shown(text, 200)[-1]


def test_code_in_a_list_that_is_split_loses_its_indentation_only() -> None:
    text = "1. First:\n\n   ```python\n" + "   if x:\n       y = 1\n" * 60 + "   ```\n2. Second\n"
    parts = shown(text, 300)
    for part in parts[1:-1]:
        assert set(text_of(part).strip("\n").split("\n")) == {"if x:", "    y = 1"}


def test_code_in_a_quote_that_is_split_stays_in_the_quote() -> None:
    parts = shown("> ```\n" + "> code line\n" * 100, 200)
    assert all("blockquote" in read(part).tags and ">code" not in squeezed(part) for part in parts)


def test_a_split_table_goes_on_as_a_table_with_its_header_hidden() -> None:
    rows = "".join(f"| row {number} | x |\n" for number in range(100))
    parts = shown(f"| name | value |\n|------|:-----:|\n{rows}\nAfter.\n", 300)
    assert all("<table>\n<thead style" in part for part in parts[1:-1])
    assert "<table>\n<thead style" not in parts[0]
    assert sum(part.count("<tr>") for part in parts) == 100 + sum(part.count("<thead") for part in parts)
    assert all('<th style="text-align:center">value</th>' in part for part in parts[:-1])


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("lazy", [False, True])
def test_a_split_list_keeps_its_numbers(gap: str, lazy: bool) -> None:
    text = gap.join(f"{1 if lazy else number}. item number {number}" for number in range(1, 101))
    numbers = []
    for part in shown(text, 200):
        start = re.search(r'<ol start="(\d+)">', part)
        first = int(start[1]) if start else 1
        numbers += [(first + place, int(item)) for place, item in enumerate(re.findall(r"item number (\d+)", part))]
    assert numbers == [(number, number) for number in range(1, 101)]


def test_a_long_paragraph_is_cut_at_the_end_of_a_sentence() -> None:
    found = [piece.text for piece in pieces(WORDS * 100, 400)]
    assert len(found) == 5
    assert all(text.endswith("go on. ") for text in found)


def test_a_text_without_any_space_is_cut_all_the_same() -> None:
    assert max(len(piece.text) for piece in pieces("x" * 10_000, 100)) <= 200
    assert [len(piece.text) for piece in pieces("```\n" + "x" * 10_000, 100)]


def test_a_long_line_of_code_stays_code() -> None:
    assert all("<pre" in part for part in shown("```\n" + "x" * 1_000, 100))


def test_math_is_not_cut_inside() -> None:
    formula = "$$\n" + "a + b \\\\\n" * 20 + "$$\n"
    parts = [piece.text for piece in pieces(f"{WORDS}\n\n{formula}\n{WORDS}\n\n{formula}", 150)]
    assert "".join(parts).count("$$") == 4
    assert all(part.count("$$") in {0, 2} for part in parts)


def test_plain_text_is_cut_after_lines() -> None:
    assert cut_plain(Piece("line of text\n" * 10), 50) == (91, Opening())
    assert cut_plain(Piece("x" * 90), 50) is None
    assert cut_plain(Piece("x" * 150), 50) == (100, Opening())

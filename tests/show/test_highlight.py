from __future__ import annotations

from byom_magics.show.answer import document
from byom_magics.show.highlight import highlight
from byom_magics.show.markup import code_block
from tests.show.safe import text_of


def test_code_has_the_colours_of_the_theme() -> None:
    html = document(code_block("def f(): return '<b>'", "python"))
    assert "--k:var(--jp-mirror-editor-keyword-color,#008000)" in html
    assert '<span style="color:var(--k)">def </span>' in html
    assert text_of(html).strip() == "def f(): return '<b>'"


def test_code_that_would_be_slow_to_colour_is_left_alone() -> None:
    assert highlight("x = 1\n" * 10_000, "python") is None
    assert highlight("x" * 2_000, "python") is None


def test_an_unknown_language_is_left_alone() -> None:
    assert highlight("x = 1", "brainfuck") is None


def test_all_of_the_code_is_kept() -> None:
    code = "\n\n  x = '<&>'  # ä\n\tdef\n\n"
    assert text_of(highlight(code, "py") or "") == code

from __future__ import annotations

import pytest

from byom_magics.show.mathematics import formula_of, math_html
from tests.show.safe import read, text_of

ALIGNED = "\\begin{aligned}\na &= b \\\\\n  &= c\n\\end{aligned}"


@pytest.mark.parametrize(
    "text",
    [
        "E = mc^2",
        "$$E = mc^2$$",
        "$$\nE = mc^2\n$$",
        "\\[ E = mc^2 \\]",
        "\\(E = mc^2\\)",
        "$E = mc^2$\n",
        "```latex\nE = mc^2\n```",
        "```math\n$$\nE = mc^2\n$$\n```\n",
        "```\n\\[\nE = mc^2\n\\]\n```",
    ],
)
def test_the_formula_is_found_without_its_marks(text: str) -> None:
    assert formula_of(text) == "E = mc^2"
    assert '<span class="mathjax_process tex2jax_process">$$E = mc^2$$</span>' in math_html(text)


def test_a_formula_of_several_lines_stays_one() -> None:
    assert formula_of(f"$$\n{ALIGNED}\n$$") == ALIGNED
    assert text_of(math_html(ALIGNED)).strip() == f"$${ALIGNED}$$"


@pytest.mark.parametrize(
    "text", ["The roots are $x = 1$ and $x = 2$.", "$$a$$ and $$b$$", "It cannot be solved.", "$a$, $b$", ""]
)
def test_words_with_formulas_are_markdown(text: str) -> None:
    assert formula_of(text) is None


def test_several_formulas_are_all_typeset() -> None:
    html = math_html("First:\n\n$$a = 1$$\n\nthen\n\n$$b = 2$$\n")
    assert html.count("mathjax_process tex2jax_process") == 2


@pytest.mark.parametrize(
    "text",
    [
        "\\href{javascript:alert(1)}{x}",
        "$$\\def\\x{\\x\\x}\\x$$",
        "\\includegraphics{http://a.example/x.png}",
        "\\[ \\require{html} \\]",
        "{" * 100 + "}" * 100,
        "x" * 4_000,
    ],
)
def test_sec_06_what_is_not_harmless_stays_text(text: str) -> None:
    html = math_html(text)
    assert "mathjax_process" not in html
    assert text_of(html).strip() in text


def test_markup_in_a_formula_is_text() -> None:
    html = math_html("$$a < b </span><img src=x>$$")
    assert "img" not in read(html).tags
    assert "</span><img src=x>" in text_of(html)


def test_a_code_of_another_language_is_markdown() -> None:
    assert formula_of("```python\nx = 1\n```") is None
    assert "x = 1" in text_of(math_html("```python\nx = 1\n```"))

from __future__ import annotations

import pytest

from byom_magics.show.formats import FORMATS
from tests.show.safe import read, text_of


def test_the_formats_are_those_that_users_know() -> None:
    assert list(FORMATS) == ["markdown", "text", "code", "json", "html", "math", "image"]


@pytest.mark.parametrize("name", list(FORMATS))
def test_sec_01_no_format_lets_the_text_become_markup(name: str) -> None:
    html = FORMATS[name]("<script>x</script><img src=x onerror=1>\n")
    assert not {"script", "img"} & set(read(html).tags)
    assert "<script>x</script>" in text_of(html)


@pytest.mark.parametrize("name", list(FORMATS))
def test_sec_10_any_text_gives_html_of_bounded_size(name: str) -> None:
    for text in ("x" * 1_000_000, "[" * 600_000, "$" * 600_000, "<p>" * 100_000, "```\n" * 50_000):
        assert len(FORMATS[name](text)) < 10_000_000


def test_code_is_what_stands_in_fences_joined_by_an_empty_line() -> None:
    html = FORMATS["code"]("Sure:\n```python\nx = 1\n```\nor\n```python\ny = 2\n```\nDone.")
    assert text_of(html).strip() == "x = 1\n\ny = 2"
    assert "var(--n)" in html


def test_without_a_fence_all_is_code() -> None:
    assert text_of(FORMATS["code"]("x = 1\n")).strip() == "x = 1"


def test_a_text_keeps_its_lines() -> None:
    assert "white-space:pre-wrap" in FORMATS["text"]("a\n\n  b")
    assert text_of(FORMATS["text"]("a\n\n  b")).strip() == "a\n\n  b"

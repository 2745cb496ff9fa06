from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from byom_magics.show.brackets import bracket_math


def kinds(text: str) -> list[tuple[str, str]]:
    md = MarkdownIt()
    bracket_math(md)
    return [(token.type, token.content) for token in md.parseInline(text, {})[0].children or []]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\(a_b\)", [("math_inline", "a_b")]),
        (r"\[a\]", [("math_inline_double", "a")]),
        (r"x \(a", [("text", "x (a")]),
        (r"\\(a\)", [("text", "\\(a)")]),
        (r"`\(a\)`", [("code_inline", r"\(a\)")]),
    ],
)
def test_math_in_backslash_brackets_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [kind for kind in kinds(text) if kind[0] != "text" or kind[1]] == expected

from __future__ import annotations

import pytest

from byom_magics.show.fences import fenced_code, first_language, opened_by


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Here:\n```python\nx = 1\n```\nDone.", "x = 1\n"),
        ("```\na\n```\ntext\n~~~\nb\n~~~\n", "a\n\nb\n"),
        ("1. do\n   ```sh\n   ls\n     -l\n   ```\n", "ls\n  -l\n"),
        ("> ```\n> quoted\n> ```\n", "quoted\n"),
        ("````\n```\ninner\n```\n````", "```\ninner\n```\n"),
        ("```py\nnever closed", "never closed\n"),
        ("x = 1", "x = 1"),
        ("`inline` only", "`inline` only"),
        ("```a`b\nno fence", "```a`b\nno fence"),
    ],
)
def test_the_code_of_an_answer_is_what_its_fences_hold(text: str, code: str) -> None:
    assert fenced_code(text) == code


def test_the_language_is_the_first_word_behind_the_first_fence() -> None:
    assert first_language("Here:\n```python title=x\nx\n```\n```js\n```") == "python"
    assert first_language("no fence") == ""


@pytest.mark.parametrize("line", ["text ```", "``` a`b", "``", "x" * 1_000 + "```"])
def test_other_lines_open_no_fence(line: str) -> None:
    assert opened_by(line) is None


def test_a_million_fences_are_read_in_one_go() -> None:
    assert fenced_code("```\na\n```\n" * 300_000) == "a\n\n" * 299_999 + "a\n"

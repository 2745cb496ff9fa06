from __future__ import annotations

import pytest

from byom_magics.show.code_lines import CodeLines
from byom_magics.show.fences import fenced_code


@pytest.mark.parametrize("size", [1, 3, 1_000])
@pytest.mark.parametrize(
    "text",
    [
        "Sure:\n```py\nx = 1\n```\nor\n```\ny\n```\n",
        "> ```\n> a\n> ```\n",
        "1. a\n   ```\n   b\n     c\n   ```\n",
        "bare = 1\n",
        "```\nopen",
    ],
)
def test_the_code_that_arrives_is_the_code_of_the_whole(text: str, size: int) -> None:
    lines, code = CodeLines(), ""
    for at in range(0, len(text), size):
        new, void = lines.feed(text[at : at + size])
        code = new if void else code + new
    new, void = lines.feed("", ended=True)
    assert (new if void else code + new).rstrip("\n") == fenced_code(text).rstrip("\n")


def test_the_language_is_known_when_the_fence_opens() -> None:
    lines = CodeLines()
    assert lines.feed("Sure:\n") == ("Sure:\n", False)
    assert lines.feed("```py\nx") == ("", True)
    assert lines.language == "py"

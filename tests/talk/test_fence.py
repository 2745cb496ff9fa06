from __future__ import annotations

import pytest

from byom_magics.talk.fence import fenced


def test_a_text_stands_between_fences() -> None:
    assert fenced("x = 1", "python") == "```python\nx = 1\n```"
    assert fenced("x\n") == "```\nx\n```"
    assert fenced("") == "```\n```"


@pytest.mark.parametrize("text", ["```", "````\ninner\n````", "a ``````` b"])
def test_no_text_breaks_out_of_its_fence(text: str) -> None:
    lines = fenced(text).split("\n")
    assert lines[0] == lines[-1]
    assert lines[0] not in text

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from byom_magics.magics.new_cell import offer_cell


class Shell:
    """Keeps what would be the next cell."""

    def __init__(self) -> None:
        self.input_transformer_manager: Any = TransformerManager()  # type: ignore[no-untyped-call]
        self.offered: list[str] = []

    def set_next_input(self, text: str, *, replace: bool) -> None:
        assert not replace
        self.offered.append(text)


@pytest.mark.parametrize(
    ("answer", "offered"),
    [
        ("Do this:\n\n```python\nx = 1\n```\n", ["x = 1"]),
        ("x = 1\nprint(x)\n", ["x = 1\nprint(x)"]),
        ("It is what you make of it, no more.", []),
        ("", []),
    ],
)
def test_the_code_of_an_answer_is_offered_and_prose_is_not(answer: str, offered: list[str]) -> None:
    shell: Any = Shell()
    offer_cell(shell, answer)
    assert shell.offered == offered


def test_that_there_is_no_code_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    shell: Any = Shell()
    offer_cell(shell, "It is what you make of it, no more.")
    assert "no code in it" in capsys.readouterr().out

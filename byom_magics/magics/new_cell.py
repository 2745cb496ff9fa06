"""The code of an answer as a new cell below, which is not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.show.fences import fenced_code

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["offer_cell"]


def offer_cell(shell: InteractiveShell, text: str) -> None:
    """
    Put the code of an answer into a new cell; say so if it has none.

    Args:
        shell: Where the cell comes.
        text: The answer: its fenced code is taken, or all of it where it is code without a fence.
    """
    code = fenced_code(text).rstrip("\n")
    if not code.strip():
        return
    if code == text.rstrip("\n") and not _is_code(shell, code):
        print("The answer has no code in it, so there is no new cell.")  # noqa: T201 - a line for the person
        return
    shell.set_next_input(code, replace=False)


def _is_code(shell: InteractiveShell, text: str) -> bool:
    """Whether a text without a fence is a cell, and no prose."""
    return bool(shell.input_transformer_manager.check_complete(text)[0] != "invalid")

"""Which cell asks: asking again from the same cell replaces what it had said in a conversation."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Places", "parent_message"]


class Places:
    """
    Tells cells apart, and the questions of one cell.

    Args:
        shell: Where the cells run.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._run = ""
        self._asked = 0
        self._numbers = count()

    def next(self) -> Hashable:
        """The place of the question that is asked now: a new one where cells have no names, as in a terminal."""
        message = parent_message(self._shell)
        cell = str(message.get("metadata", {}).get("cellId", ""))
        run = str(message.get("header", {}).get("msg_id", ""))
        if not cell:
            return "", next(self._numbers)
        self._asked = self._asked + 1 if run == self._run else 0
        self._run = run
        return cell, self._asked


def parent_message(shell: InteractiveShell) -> dict[str, Any]:
    """The message that the running cell came with; empty outside of a kernel."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return {}
    message: dict[str, Any] = (
        kernel.get_parent("shell") if hasattr(kernel, "get_parent") else getattr(shell, "parent_header", {})
    )
    return message

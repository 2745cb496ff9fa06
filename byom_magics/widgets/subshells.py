"""What happens in a widget reaches the kernel while a cell runs, where the front end has subshells."""

from __future__ import annotations

from typing import Any

__all__ = ["answer_while_busy"]


def answer_while_busy(widget: Any) -> None:  # noqa: ANN401 - any widget
    """
    Let a front end that has subshells send what happens in a widget past a cell that runs.

    What hears it is then called in another thread than the cell's. Elsewhere it is heard when the cell has ended.
    A widget that is closed has no line to a front end; nothing is done for it.
    """
    # From 7.4 on, ipykernel would have it sent to the shell that showed the widget, which is the busy one.
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001 - there is no public way

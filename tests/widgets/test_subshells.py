from __future__ import annotations

from typing import Any

import pytest

from byom_magics.widgets.subshells import answer_while_busy


class Line:
    """A line to a front end, as ipykernel has them."""

    def _reply_subshell_for(self, data: Any, default: str) -> str:
        return "the shell that showed it"


class OlderLine:
    """The same before there was a choice."""


class Widget:
    def __init__(self, comm: Any) -> None:
        self.comm = comm


def test_what_happens_in_a_widget_goes_where_the_front_end_would_send_it() -> None:
    widget = Widget(Line())
    answer_while_busy(widget)
    assert widget.comm._reply_subshell_for({}, "the free one") == "the free one"


@pytest.mark.parametrize("comm", [None, OlderLine()])
def test_a_closed_widget_and_an_older_kernel_are_left_alone(comm: Any) -> None:
    widget = Widget(comm)
    answer_while_busy(widget)
    assert widget.comm is comm
    assert not hasattr(comm, "_reply_subshell_for")

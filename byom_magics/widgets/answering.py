"""Answers outside of cells: a turn is asked in a thread of a panel, and shown as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.errors import ByomError
from byom_magics.events import Reply, State

if TYPE_CHECKING:
    from byom_magics.show.views import View
    from byom_magics.talk.turn import Turn

__all__ = ["answer", "refused"]

_LOOK_S = 0.05


def answer(turn: Turn, view: View) -> Reply:
    """
    Ask, show the answer while it comes, and wait for its end. `Turn.stop` ends it from any thread.

    Args:
        turn: What is asked, not begun yet.
        view: Where it is shown; it gets the final form whatever comes of it.

    Returns:
        The reply. What could not be sent is its ``error``, as what failed is.
    """
    try:
        turn.begin()
    except ByomError as problem:
        reply = refused(turn.spec.key, problem)
        view.finish(reply)
        return reply
    try:
        with turn:
            view.tick()
            for batch in turn.batches(_LOOK_S):
                for event in batch:
                    view.event(event)
                view.tick()
    finally:
        view.finish(turn.reply)
    return turn.reply


def refused(model: str, problem: ByomError) -> Reply:
    """The reply of a question that could not be sent."""
    return Reply(model=model, state=State.ERROR, error=problem)

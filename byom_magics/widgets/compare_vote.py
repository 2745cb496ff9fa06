"""The vote on a blind comparison: one button for each answer, one for a tie, one if all are bad."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from byom_magics import voting
from byom_magics.errors import ByomError
from byom_magics.presenting import letter
from byom_magics.show.markup import escape
from byom_magics.show.status import note_html

if TYPE_CHECKING:
    from byom_magics.comparing import Comparison
    from byom_magics.session import Session
    from byom_magics.widgets.parts import Parts

__all__ = ["VoteBox"]


class VoteBox:
    """
    Asks for a vote.

    Args:
        parts: Makes its widgets.
        comparison: What is voted on.
        session: Where votes are kept.
        pressed: Called first when a button was pressed, which may take them all away.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, parts: Parts, comparison: Comparison, session: Session, pressed: Callable[[], None]) -> None:
        self._pressed = pressed
        self._comparison = comparison
        self._session = session
        problem = voting.hindrance(comparison)
        tip = "End the blind comparison without a vote"
        if problem:
            show = parts.button("Show who answered", self._give_up, tip=tip)
            self.box = parts.box([parts.html(note_html(problem)), show], "byom-compare-row")
            return
        standing = voting.candidates(comparison)
        two = len(standing) == 2
        buttons = [
            parts.button(self._words(number, place, two=two), partial(self._vote, number), tip=f"Vote for {name}")
            for place, number in enumerate(standing)
            for name in [letter(comparison.order.index(number))]
        ]
        rest = [
            parts.button("Tie", partial(self._vote, voting.TIE), tip="They are equally good"),
            parts.button("Both bad" if two else "All bad", partial(self._vote, voting.BAD), tip="None is any good"),
            parts.button("Show names without a vote", self._give_up, tip=tip),
        ]
        asked = "Which answer is better?" if two else "Which answer is best?"
        self._said = parts.html(f'<div role="status"><strong>{asked}</strong> Names are told after the vote.</div>')
        self.box = parts.box([self._said, *buttons, *rest], "byom-compare-row")

    def _words(self, number: int, place: int, *, two: bool) -> str:
        name = letter(self._comparison.order.index(number))
        if two:
            return f"← {name} is better" if place == 0 else f"{name} is better →"
        return f"{name} is best"

    def _give_up(self) -> None:
        self._pressed()
        if self._comparison.hidden:  # it may have been voted on in a line
            self._comparison.give_up_vote()

    def _vote(self, choice: int | str) -> None:
        self._pressed()
        try:
            voting.vote(self._session, self._comparison, choice)
        except ByomError as problem:
            self._said.value = f'<div role="alert">{escape(str(problem))}</div>'

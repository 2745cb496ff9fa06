from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from byom_magics import session, voting
from byom_magics.comparing import Comparison
from byom_magics.errors import StatusError
from byom_magics.events import Reply, State
from byom_magics.presenting import letter
from byom_magics.study.columns import columns_of
from byom_magics.widgets.compare_vote import VoteBox
from byom_magics.widgets.parts import Parts
from tests.widgets.columns import buttons, said, states
from tests.widgets.hands import inside, labelled, none_left, press

FAILED = Reply(state=State.ERROR, error=StatusError("alpha.example answered 500"))
NO_VOTE = "Show names without a vote"
MODELS = ("org/alpha", "org/beta", "org/gamma")


def answered(*replies: Reply) -> Comparison:
    columns = columns_of([(key, {}) for key in MODELS[: len(replies)]])
    comparison = Comparison(session.current(), "Why?", columns, blind=True)
    comparison._replies[:] = replies
    comparison._left = 0
    return comparison


def well(text: str) -> Reply:
    return Reply(text, state=State.COMPLETE)


class Asked:
    """A vote box, and how often it said that the vote was given."""

    def __init__(self, comparison: Comparison) -> None:
        self.parts = Parts()
        self.comparison = comparison
        self.times = 0
        comparison.on_told = self._voted
        self.box = VoteBox(self.parts, comparison, session.current(), lambda: None).box

    def _voted(self) -> None:
        self.times += 1

    def name(self, number: int) -> str:
        return letter(self.comparison.order.index(number))


@pytest.fixture
def ask() -> Iterator[Any]:
    session.current().votes.clear()
    with none_left():
        made: list[Asked] = []

        def ask(*replies: Reply) -> Asked:
            made.append(Asked(answered(*replies)))
            return made[-1]

        yield ask
        for each in made:
            each.parts.close()


def test_two_answers_are_left_and_right(ask: Any) -> None:
    asked = ask(well("One."), well("Two."))
    assert buttons(asked.box) == ["← A is better", "B is better →", "Tie", "Both bad", NO_VOTE]
    assert "Which answer is better?" in said(asked.box)


def test_of_more_the_best_is_asked_for(ask: Any) -> None:
    asked = ask(well("One."), well("Two."), well("Three."))
    assert buttons(asked.box) == ["A is best", "B is best", "C is best", "Tie", "All bad", NO_VOTE]


def test_nothing_on_it_tells_a_name(ask: Any) -> None:
    for replies in ([well("One."), well("Two.")], [FAILED, well("Two."), well("Three.")], [FAILED, well("Two.")]):
        assert not [each for each in ("alpha", "beta", "gamma", "answered 500") if each in states(ask(*replies).box)]


def test_a_press_is_a_vote_for_the_column_with_that_letter(ask: Any) -> None:
    for number in (0, 1):
        asked = ask(well("One."), well("Two."))
        words = (
            f"← {asked.name(number)} is better" if asked.name(number) == "A" else f"{asked.name(number)} is better →"
        )
        press(labelled(asked.box, words))
        assert asked.comparison.vote.winner == MODELS[number]
        assert asked.times == 1
    assert [vote.winner for vote in session.current().votes] == ["org/alpha", "org/beta"]


@pytest.mark.parametrize(("words", "outcome"), [("Tie", "tie"), ("Both bad", "bad")])
def test_none_may_be_better(ask: Any, words: str, outcome: str) -> None:
    asked = ask(well("One."), well("Two."))
    press(labelled(asked.box, words))
    assert asked.comparison.vote.outcome == outcome


def test_a_column_that_failed_cannot_win_and_keeps_its_letter(ask: Any) -> None:
    asked = ask(well("One."), FAILED, well("Three."))
    standing = [asked.name(number) for number in asked.comparison.order if number != 1]
    assert buttons(asked.box)[:2] == [f"← {standing[0]} is better", f"{standing[1]} is better →"]


def test_where_fewer_than_two_have_answered_names_can_be_told_without_a_vote(ask: Any) -> None:
    asked = ask(FAILED, well("Two."))
    assert "nothing to vote on" in said(asked.box)
    assert buttons(asked.box) == ["Show who answered"]
    press(labelled(asked.box, "Show who answered"))
    assert not asked.comparison.hidden
    assert asked.times == 1
    assert not len(session.current().votes)


def test_who_does_not_want_to_vote_sees_the_names_and_nothing_is_counted(ask: Any) -> None:
    asked = ask(well("One."), well("Two."))
    press(labelled(asked.box, NO_VOTE))
    assert not asked.comparison.hidden
    assert asked.times == 1
    assert not len(session.current().votes)
    press(labelled(asked.box, NO_VOTE))
    assert asked.times == 1


def test_a_vote_that_was_given_elsewhere_is_not_given_again(ask: Any) -> None:
    asked = ask(well("One."), well("Two."))
    voting.vote(session.current(), asked.comparison, voting.TIE)
    press(labelled(asked.box, "Tie"))
    assert len(session.current().votes) == 1
    assert "voted on already" in said(asked.box)
    assert asked.times == 1


def test_it_can_be_done_by_keyboard_alone(ask: Any) -> None:
    asked = ask(well("One."), well("Two."))
    kinds = {type(each).__name__ for each in inside(asked.box) if each is not asked.box}
    assert kinds == {"HTML", "Button"}  # buttons take the focus in their order, and Enter and the space bar press them
    assert 'role="status"' in states(asked.box)

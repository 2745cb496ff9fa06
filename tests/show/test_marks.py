from __future__ import annotations

from dataclasses import replace

import pytest

from byom_magics.errors import ShapeError
from byom_magics.events import Cost, Reply, State
from byom_magics.show.marks import marks

ANSWER = Reply("one two three", state=State.COMPLETE, first_token_s=0.5, duration_s=2.0, cost=Cost(0.02))


def won(*replies: Reply | None) -> list[set[str]]:
    return [set(words) for words in marks(replies)]


def test_the_best_at_each_thing_is_marked() -> None:
    quick = replace(ANSWER, duration_s=1.0)
    early = replace(ANSWER, first_token_s=0.1)
    thrifty = replace(ANSWER, cost=Cost(0.001))
    terse = replace(ANSWER, text="one")
    assert won(quick, early, thrifty, terse) == [{"fastest"}, {"first token"}, {"cheapest"}, {"shortest"}]


def test_one_answer_may_have_several_marks_in_a_fixed_order() -> None:
    assert marks([replace(ANSWER, duration_s=1.0, first_token_s=0.1, text="one"), ANSWER]) == (
        ("fastest", "first token", "shortest"),
        (),
    )


def test_all_that_share_a_first_place_are_marked_and_none_if_all_do() -> None:
    slow = replace(ANSWER, duration_s=3.0)
    assert won(ANSWER, ANSWER, slow) == [{"fastest"}, {"fastest"}, set()]
    assert won(ANSWER, ANSWER) == [set(), set()]


@pytest.mark.parametrize("state", [state for state in State if state != State.COMPLETE])
def test_only_complete_answers_compete(state: State) -> None:
    assert won(replace(ANSWER, state=state, duration_s=0.1, text=""), ANSWER) == [set(), set()]
    assert won(replace(ANSWER, state=state), ANSWER, replace(ANSWER, duration_s=3.0)) == [set(), {"fastest"}, set()]


def test_an_answer_that_was_cut_off_began_like_any_other() -> None:
    early = replace(ANSWER, state=State.LENGTH, first_token_s=0.1, duration_s=0.2, text="one", cost=Cost(0.001))
    assert won(early, ANSWER, replace(ANSWER, duration_s=3.0)) == [{"first token"}, {"fastest"}, set()]


def test_where_all_were_cut_off_they_are_compared_but_for_their_length() -> None:
    cut = replace(ANSWER, state=State.LENGTH)
    quick = replace(cut, duration_s=0.2, text="one", cost=Cost(0.001))
    assert won(cut, quick) == [set(), {"fastest", "cheapest"}]
    assert won(cut, quick, replace(ANSWER, state=State.CANCELLED)) == [set(), {"fastest", "cheapest"}, set()]


def test_an_answer_of_the_wrong_shape_does_not_compete() -> None:
    wrong = replace(ANSWER, duration_s=0.1, error=ShapeError("no number"))
    assert won(wrong, ANSWER) == [set(), set()]


def test_nothing_is_marked_without_a_rival() -> None:
    assert marks([]) == ()
    assert won(ANSWER, None) == [set(), set()]
    assert won(ANSWER, replace(ANSWER, duration_s=None, first_token_s=None, cost=None)) == [set(), set()]


def test_an_answer_from_the_cache_tells_nothing_of_speed_and_price_but_may_be_the_shortest() -> None:
    kept = replace(ANSWER, duration_s=0.001, first_token_s=0.001, cost=Cost(0.0), cached=True, text="one")
    assert won(kept, ANSWER) == [{"shortest"}, set()]


def test_prices_in_two_currencies_are_not_compared() -> None:
    euros = replace(ANSWER, cost=Cost(0.001, "EUR"))
    assert won(euros, ANSWER) == [set(), set()]
    assert won(replace(ANSWER, cost=Cost(0.001)), ANSWER, replace(ANSWER, cost=None)) == [{"cheapest"}, set(), set()]


def test_an_answer_without_text_is_not_the_shortest() -> None:
    assert won(replace(ANSWER, text=""), ANSWER, replace(ANSWER, text="one")) == [set(), set(), {"shortest"}]

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.errors import IncompleteError, OptionError
from byom_magics.events import State
from byom_magics.messages import Message, Tool, ToolCall
from byom_magics.talk.estimate import tokens_in
from byom_magics.talk.exchange import Exchange
from byom_magics.talk.summaries import Summaries
from byom_magics.talk.window import DROP_OLDEST, Fitted, Strategy, fitted, room_for, strategy_of
from tests.talk.turns import model, problems, result, tool_turn, turn, user, words

KEEP_ENDS = Strategy("keep-ends")
SUMMARISE = Strategy("summarise", model="small")


def long(name: str, tokens: int = 100) -> Exchange:
    """A turn of so many tokens."""
    return turn(f"question {name}", "x" * (4 * (tokens - 1) - len(f"question {name}")))


def questions(found: Fitted) -> list[str]:
    return [message.text for message in found.messages if message.role == "user"]


TEN = [long(str(number)) for number in range(10)]


def test_what_fits_goes_whole_and_without_a_note() -> None:
    for strategy in (DROP_OLDEST, KEEP_ENDS, SUMMARISE):
        for room in (None, 1_000):
            assert fitted(TEN, room, strategy) == Fitted(tuple(each for one in TEN for each in one.sent))


def test_the_oldest_turns_go_first_and_that_is_said() -> None:
    found = fitted(TEN, 350, context=8_192)
    assert questions(found) == ["question 7", "question 8", "question 9"]
    assert found.dropped == tuple(TEN[:7])
    assert found.note == "left out 7 of 10 earlier turns (about 700 tokens) to fit the context of 8,192 tokens"


def test_the_ends_stay_and_what_is_between_goes() -> None:
    assert questions(fitted(TEN, 350, KEEP_ENDS)) == ["question 0", "question 8", "question 9"]
    assert questions(fitted(TEN, 350, Strategy("keep-ends", 2))) == ["question 0", "question 1", "question 9"]
    assert questions(fitted(TEN, 150, KEEP_ENDS)) == ["question 9"]
    assert questions(fitted(TEN, 250, Strategy("keep-ends", 5))) == ["question 0", "question 9"]


def test_a_turn_that_is_larger_than_all_the_room_makes_no_other_one_go() -> None:
    turns = [*TEN[:2], long("large", 1_000), *TEN[3:5]]
    found = fitted(turns, 450)
    assert questions(found) == ["question 0", "question 1", "question 3", "question 4"]
    assert found.note == (
        "left out 1 of 5 earlier turns (about 1,000 tokens) to fit the context; "
        "1 of them is larger than the room by itself"
    )
    assert questions(fitted([*TEN[:2], turns[2]], 250, KEEP_ENDS)) == ["question 0", "question 1"]


def test_without_any_room_nothing_goes_but_the_question() -> None:
    for strategy in (DROP_OLDEST, KEEP_ENDS, SUMMARISE):
        found = fitted(TEN, 0, strategy, lambda _: "notes")
        assert found.messages == ()
        assert found.note.startswith("left out 10 of 10 earlier turns (about 1,000 tokens)")


def test_the_turn_that_the_question_answers_goes_even_if_it_is_too_large() -> None:
    call = ToolCall("c1", "look", "y" * 4_000)
    asking = Exchange((user("Look."),), (model("", call),), State.TOOL_CALLS)
    for strategy in (DROP_OLDEST, KEEP_ENDS, SUMMARISE):
        found = fitted([*TEN, asking], 300, strategy, lambda _: "notes", asked=[result("blue", call)])
        assert found.messages[-1].tool_calls == (call,)
        assert len(found.dropped) == 10


class Notes:
    """A model that summarises, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, messages: tuple[Message, ...]) -> str:
        self.asked.append(messages[-1].text)
        return f"notes {len(self.asked)}"


def test_the_oldest_turns_are_told_by_a_summary_in_their_place() -> None:
    notes = Notes()
    found = fitted(TEN, 600, SUMMARISE, notes, context=1_000)
    assert words(found.messages)[:2] == [
        "[Notes on 7 earlier turns of this conversation, which are left out here:]\nnotes 1",
        "[Noted.]",
    ]
    assert questions(found)[1:] == ["question 7", "question 8", "question 9"]
    assert found.dropped == tuple(TEN[:7])
    assert found.note == (
        "told 7 of 10 earlier turns (about 700 tokens) by a summary of small's (about 23 tokens) "
        "to fit the context of 1,000 tokens"
    )
    assert "user: question 0" in notes.asked[0]
    assert "question 7" not in notes.asked[0]


def test_a_summary_serves_the_next_turns_and_is_then_made_longer() -> None:
    notes, kept = Notes(), Summaries()
    turns = list(TEN)
    asked = []
    for number in range(10, 20):
        found = fitted(turns, 600, SUMMARISE, notes, summaries=kept)
        asked.append(len(notes.asked))
        assert found.messages[0].text.endswith(f"notes {len(notes.asked)}")
        turns.append(long(str(number)))
    assert asked == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
    assert "The notes so far:\n\nnotes 1" in notes.asked[1]
    assert "question 0" not in notes.asked[1]
    assert "question 7" in notes.asked[1]


def test_a_turn_that_was_answered_anew_is_summarised_anew() -> None:
    notes, kept = Notes(), Summaries()
    fitted(TEN, 600, SUMMARISE, notes, summaries=kept)
    changed = [TEN[0], long("changed"), *TEN[2:]]
    fitted(changed, 600, SUMMARISE, notes, summaries=kept)
    assert "question changed" in notes.asked[1]
    assert "notes so far" not in notes.asked[1]
    fitted(TEN, 600, SUMMARISE, notes, summaries=kept)
    assert len(notes.asked) == 2


def test_another_model_makes_a_summary_of_its_own() -> None:
    notes, kept = Notes(), Summaries()
    for name in ("small", "other"):
        fitted(TEN, 600, Strategy("summarise", model=name), notes, summaries=kept)
    assert len(notes.asked) == 2


@pytest.mark.parametrize("problem", [IncompleteError("It broke off."), ValueError("no\x1b[2J"), RuntimeError()])
def test_a_summary_that_fails_is_told_and_the_oldest_turns_go(problem: Exception) -> None:
    def fails(_: tuple[Message, ...]) -> str:
        raise problem

    found = fitted(TEN, 350, SUMMARISE, fails)
    assert questions(found) == questions(fitted(TEN, 350))
    assert found.note.startswith("left out 7 of 10 earlier turns")
    assert "; no summary by small: " in found.note
    assert "\x1b" not in found.note


def test_an_empty_summary_and_nobody_to_ask_are_told() -> None:
    assert fitted(TEN, 350, SUMMARISE, lambda _: " ").note.endswith("; no summary by small: its answer was empty")
    assert fitted(TEN, 350, SUMMARISE).note.endswith("; no summary by small: there is nobody to ask")


def test_an_interrupt_while_it_is_summarised_stops_the_question() -> None:
    def interrupted(_: tuple[Message, ...]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(TEN, 350, SUMMARISE, interrupted)


def test_a_summary_without_end_is_cut_to_its_room_and_says_so() -> None:
    found = fitted(TEN, 600, SUMMARISE, lambda _: "z" * 1_000_000)
    assert tokens_in(found.messages[:2]) <= 150
    assert found.messages[0].text.endswith("[The rest of the notes is left out.]")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("drop-oldest", DROP_OLDEST),
        ("keep-ends", Strategy("keep-ends", 1)),
        ("keep-ends:3", Strategy("keep-ends", 3)),
        ("summarise:demo/pydoc", Strategy("summarise", model="demo/pydoc")),
        ("summarize:llama3:8b", Strategy("summarise", model="llama3:8b")),
    ],
)
def test_a_strategy_is_read_and_written(text: str, wanted: Strategy) -> None:
    assert strategy_of(text) == wanted
    assert strategy_of(str(wanted)) == wanted


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("drop-oldset", "did you mean drop-oldest?"),
        ("keep-end", "did you mean keep-ends?"),
        ("keep-ends:0", "did you mean keep-ends?"),
        ("keep-ends:two", "did you mean keep-ends?"),
        ("drop-oldest:3", "did you mean drop-oldest?"),
        ("summarise", "name the model that summarises: summarise:MODEL"),
        ("summary:x", "did you mean summarise:MODEL?"),
        ("zzz\x1b", "it is one of drop-oldest, keep-ends, summarise:MODEL"),
    ],
)
def test_what_is_no_strategy_is_refused_with_what_was_probably_meant(text: str, hint: str) -> None:
    with pytest.raises(OptionError) as caught:
        strategy_of(text)
    assert caught.value.hint == hint
    assert "\x1b" not in str(caught.value)


def test_the_room_is_what_question_tools_and_answer_leave() -> None:
    asked = [Message("system", "x" * 400), user("y" * 400)]
    assert room_for(None, asked) is None
    assert room_for(10_000, asked, answer=2_000) == 10_000 - 500 - 2_000 - 200
    assert room_for(10_000, asked) == 10_000 - 500 - 2_500 - 200
    tool = Tool("look", "Looks.", {"type": "object"})
    assert room_for(10_000, asked, tools=[tool], answer=0) in range(9_280, 9_300)
    assert room_for(100, [user("z" * 4_000)]) == 0


_TURNS = st.lists(
    st.builds(
        lambda size, tools: tool_turn("q", "a" * size, told="b" * size) if tools else turn("q", "a" * size),
        st.integers(1, 900),
        st.booleans(),
    ),
    max_size=12,
)
_STRATEGIES = st.sampled_from([DROP_OLDEST, KEEP_ENDS, Strategy("keep-ends", 3), SUMMARISE])


@given(_TURNS, st.integers(0, 1_500), _STRATEGIES, st.text(max_size=3_000))
def test_whatever_is_fitted_keeps_its_order_its_whole_turns_and_its_room(
    turns: list[Exchange], room: int, strategy: Strategy, notes: str
) -> None:
    found = fitted(turns, room, strategy, lambda _: notes)
    assert tokens_in(found.messages) <= room
    assert problems(found.messages) == []
    kept = [each for each in turns if not any(each is gone for gone in found.dropped)]
    assert _without_notes(found.messages) == [message for each in kept for message in each.sent]
    assert len(kept) + len(found.dropped) == len(turns)
    assert bool(found.note) == bool(found.dropped)


def _without_notes(messages: Sequence[Message]) -> list[Message]:
    places = [at for at, each in enumerate(messages) if each.text.startswith("[Notes on ")]
    return [each for at, each in enumerate(messages) if at not in places and at - 1 not in places]

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.talk.history import Conversation
from byom_magics.widgets.chat_parts import ChatParts
from byom_magics.widgets.chat_turn import Row
from byom_magics.widgets.chat_turns import Shown, Turns
from tests.talk.turns import reply, user
from tests.widgets.chatting import buttons, press, shown


class List:
    """A list of turns, and what it had to paint."""

    def __init__(self) -> None:
        self.parts = ChatParts()
        self.conversation = Conversation("llama")
        self.turns = Turns(self.parts, lambda _: None, self.deeds)
        self.painted: list[str] = []

    def deeds(self, turn: Shown) -> Any:
        return (("Edit", f"turn {turn.number}", lambda: None),)

    def say(self, *places: object, answer: str = "yes") -> None:
        for place in places:
            self.conversation.record(place, [user(f"question {place}.")], reply(answer))

    @property
    def text(self) -> str:
        return shown(self.turns.box)

    @property
    def questions(self) -> list[str]:
        return [line.removeprefix("question ") for line in self.text.splitlines() if line.startswith("question ")]


@pytest.fixture
def made() -> List:
    return List()


def test_the_last_turns_are_shown_and_earlier_ones_when_they_are_asked_for(made: List) -> None:
    made.say(*range(50))
    made.turns.begin(made.conversation)
    assert made.questions == [f"{number}." for number in range(30, 50)]
    assert buttons(made.turns.box)[0] == "Show earlier turns (30 more)"
    press(made.turns.box, "Show earlier turns", 0)
    assert made.questions[0] == "10."
    press(made.turns.box, "Show earlier turns", 0)
    assert made.questions == [f"{number}." for number in range(50)]
    assert not any(each.startswith("Show") for each in buttons(made.turns.box))


def test_a_turn_that_came_is_added_and_the_others_stay_as_they_are(made: List) -> None:
    made.say("a", "b")
    made.turns.begin(made.conversation)
    before = [row.box for _, _, row in made.turns._rows]
    told: list[Any] = []
    for _, _, row in made.turns._rows:
        row._html.observe(told.append, "value")
    made.say("c")
    assert made.turns.refresh(made.conversation)
    assert not made.turns.refresh(made.conversation)
    assert [row.box for _, _, row in made.turns._rows][:2] == before
    assert told == []
    assert made.questions == ["a.", "b.", "c."]


def test_a_turn_that_was_answered_anew_is_painted_with_those_it_makes_old(made: List) -> None:
    made.say("a", "b")
    made.turns.begin(made.conversation)
    made.say("a", answer="no")
    assert made.turns.refresh(made.conversation)
    assert made.text.count("before a turn above it changed") == 1


def test_turns_that_are_gone_go(made: List) -> None:
    made.say(*range(30))
    made.turns.begin(made.conversation)
    fresh = Conversation("llama")
    assert made.turns.refresh(fresh)
    assert made.questions == []
    made.conversation = fresh
    made.say("a")
    made.turns.refresh(fresh)
    assert made.questions == ["a."]


def test_a_long_chat_shows_its_end(made: List) -> None:
    made.turns.begin(made.conversation)
    for number in range(150):
        made.say(number)
        made.turns.refresh(made.conversation)
    assert made.questions[-1] == "149."
    assert 20 <= len(made.questions) <= 101
    assert len(made.parts) < 300


def test_what_is_coming_stands_at_the_end_or_in_place_of_its_turn(made: List) -> None:
    made.say("a", "b")
    made.turns.begin(made.conversation)
    row = Row(made.parts)
    row.show("<div>question new.</div>")
    made.turns.put_coming(row)
    assert made.questions == ["a.", "b.", "new."]
    made.turns.put_coming(row, 0)
    assert made.questions == ["new.", "b."]
    made.turns.put_coming(None)
    assert made.questions == ["a.", "b."]


def test_what_failed_stands_below_all_until_it_is_taken_away(made: List) -> None:
    made.say("a")
    made.turns.begin(made.conversation)
    row = Row(made.parts)
    row.show("<div>question failed.</div>")
    made.turns.put_failed(row)
    made.say("b")
    made.turns.refresh(made.conversation)
    assert made.questions == ["a.", "b.", "failed."]
    made.turns.put_failed(None)
    assert made.questions == ["a.", "b."]
    assert row.box.comm is None


def test_another_conversation_takes_the_place_of_the_first(made: List) -> None:
    made.say("a")
    made.turns.begin(made.conversation)
    other = Conversation("gpt")
    other.record("x", [user("question x.")], reply("yes"))
    made.turns.begin(other)
    assert made.questions == ["x."]

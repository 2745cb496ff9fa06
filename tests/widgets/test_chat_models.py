from __future__ import annotations

from typing import Any

import pytest

from byom_magics.widgets.chat_models import Choice
from byom_magics.widgets.chat_parts import ChatParts
from tests.widgets.chatting import buttons, front_end, parts, press, shown

FEW = ("llama", "gpt", "mistral")
MANY = tuple(f"model-{number}" for number in range(2_000))


class Chosen:
    """A choice, and what was chosen in it."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.parts = ChatParts()
        self.choice = Choice(self.parts, "Model", self.keys.append)

    @property
    def list(self) -> Any:
        return next(each for each in parts(self.choice.box) if type(each).__name__ in ("Dropdown", "Combobox"))


@pytest.fixture
def chosen() -> Chosen:
    return Chosen()


def test_a_choice_is_told_and_showing_one_is_none(chosen: Chosen) -> None:
    chosen.choice.show("llama", FEW)
    chosen.choice.show("gpt", FEW)
    assert (chosen.list.value, chosen.keys) == ("gpt", [])
    front_end(chosen.list, index=2)
    assert chosen.keys == ["mistral"]
    chosen.choice.show("gpt", FEW)
    assert (chosen.list.value, chosen.keys) == ("gpt", ["mistral"])


def test_models_that_come_and_go_change_the_list_and_choose_nothing(chosen: Chosen) -> None:
    chosen.choice.show("llama", FEW)
    before = chosen.list
    chosen.choice.show("llama", ("new", *FEW))
    assert chosen.list is before
    assert chosen.list.options == ("new", *FEW)
    assert (chosen.list.value, chosen.keys) == ("llama", [])


def test_a_model_that_is_no_longer_registered_is_still_shown(chosen: Chosen) -> None:
    chosen.choice.show("gone", FEW)
    assert chosen.list.options == (*FEW, "gone")
    assert chosen.list.value == "gone"


def test_of_thousands_the_key_is_typed(chosen: Chosen) -> None:
    chosen.choice.show("model-7", MANY)
    assert type(chosen.list).__name__ == "Combobox"
    front_end(chosen.list, value="model-8")
    assert chosen.keys == ["model-8"]
    front_end(chosen.list, value="no such <b>")
    assert chosen.keys == ["model-8"]
    assert "No model no such <b> is registered" in shown(chosen.choice.box)


def test_a_list_that_grows_too_long_becomes_a_box_and_the_list_is_closed(chosen: Chosen) -> None:
    chosen.choice.show("llama", FEW)
    before = chosen.list
    chosen.choice.show("llama", (*FEW, *MANY))
    assert type(chosen.list).__name__ == "Combobox"
    assert before.comm is None


def test_a_question_is_asked_below_it_and_goes_with_what_was_made_for_it(chosen: Chosen) -> None:
    chosen.choice.show("llama", FEW)
    size = len(chosen.parts)
    answers: list[str] = []
    ways = (("Yes", "it is so", lambda: answers.append("yes")), ("No", "it is not", lambda: answers.append("no")))
    chosen.choice.ask("Is it so?", ways)
    assert "Is it so?" in shown(chosen.choice.box)
    assert buttons(chosen.choice.box) == ["Yes", "No"]
    press(chosen.choice.box, "Yes")
    assert answers == ["yes"]
    chosen.choice.unask()
    assert buttons(chosen.choice.box) == []
    assert len(chosen.parts) == size


def test_what_is_said_takes_the_place_of_what_was_asked(chosen: Chosen) -> None:
    chosen.choice.show("llama", FEW)
    chosen.choice.ask("Is it so?", (("Yes", "", lambda: None),))
    chosen.choice.say("It is not.", wrong=True)
    assert shown(chosen.choice.box) == "⚠ It is not."

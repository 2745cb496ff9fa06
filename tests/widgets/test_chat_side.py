"""What one side of a panel does by itself: another model, and what can be done with a turn; the rest is the panel's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from byom_magics.errors import ByomError
from byom_magics.events import Cost, State
from byom_magics.widgets import chat_input
from byom_magics.widgets.chat import Chat
from byom_magics.widgets.chat_side import way
from tests.talk.turns import reply, user
from tests.widgets.chatting import Talking, adopted, answered, ask, buttons, front_end, parts, press, said, shown


@pytest.fixture
def session() -> Talking:
    return Talking("llama", "gpt")


@pytest.fixture
def taken() -> dict[str, Any]:
    return {}


@pytest.fixture
def chat(session: Talking, taken: dict[str, Any]) -> Iterator[Chat]:
    made = Chat(session, [("llama", "")], {}, adopted(taken), lambda _: None)
    yield made
    session.go.set()
    made.close()


def choose(chat: Chat, at: int) -> None:
    """Choose another model in the list."""
    front_end(next(each for each in parts(chat.box) if type(each).__name__ == "Dropdown"), index=at)


def chosen(chat: Chat) -> str:
    return str(next(each for each in parts(chat.box) if type(each).__name__ == "Dropdown").value)


def test_before_anything_is_said_another_model_is_simply_asked(chat: Chat, session: Talking) -> None:
    choose(chat, 1)
    ask(chat, "Why?")
    answered(chat)
    assert [key for key, _ in session.asked] == ["gpt"]
    assert "Conversation with gpt" in shown(chat.box)


def test_in_mid_conversation_it_is_asked_which_history_the_other_model_gets(chat: Chat, session: Talking) -> None:
    ask(chat, "one")
    answered(chat)
    choose(chat, 1)
    assert "do not mix by themselves" in shown(chat.box)
    assert [each for each in buttons(chat.box) if each in ("With a copy", "Its own (empty)", "Stay")] == [
        "With a copy",
        "Its own (empty)",
        "Stay",
    ]
    assert chat._sides[0].model == "llama"
    press(chat.box, "Stay")
    assert (chosen(chat), chat._sides[0].model) == ("llama", "llama")
    assert "do not mix" not in shown(chat.box)


def test_the_other_model_goes_on_with_a_copy(chat: Chat, session: Talking) -> None:
    ask(chat, "one")
    answered(chat)
    choose(chat, 1)
    press(chat.box, "With a copy")
    ask(chat, "two")
    answered(chat)
    key, call = session.asked[-1]
    assert (key, [each.text for each in call.messages]) == ("gpt", ["one", "**llama** says 1", "two"])
    assert [each.asked[0].text for each in session.conversations.of("llama").exchanges] == ["one"]
    assert "Begun with a copy of llama:" in shown(chat.box)
    assert chosen(chat) == "gpt"


def test_a_copy_does_not_take_the_place_of_what_the_other_model_was_told(chat: Chat, session: Talking) -> None:
    session.ask("gpt", "elsewhere", conversation="")
    ask(chat, "one")
    answered(chat)
    choose(chat, 1)
    assert "Its own (1 turn)" in buttons(chat.box)
    press(chat.box, "With a copy")
    assert chat._sides[0].name == "copy"
    assert "%%byom gpt -c copy" in shown(chat.box)
    assert [each.asked[0].text for each in session.conversations.of("gpt").exchanges] == ["elsewhere"]
    assert said(chat._sides[0]) == ["one"]


def test_a_copied_turn_can_be_asked_anew(chat: Chat, session: Talking) -> None:
    ask(chat, "one")
    answered(chat)
    choose(chat, 1)
    press(chat.box, "With a copy")
    press(chat.box, "Edit")
    ask(chat, "another")
    answered(chat)
    assert said(chat._sides[0]) == ["another"]
    assert [each.asked[0].text for each in session.conversations.of("llama").exchanges] == ["one"]


def test_the_other_model_goes_on_with_its_own_conversation(chat: Chat, session: Talking) -> None:
    session.ask("gpt", "elsewhere", conversation="")
    ask(chat, "one")
    answered(chat)
    choose(chat, 1)
    press(chat.box, "Its own")
    assert "elsewhere" in shown(chat.box)
    assert "You\none" not in shown(chat.box)
    ask(chat, "two")
    answered(chat)
    assert said(chat._sides[0]) == ["elsewhere", "two"]


def test_nothing_is_switched_while_an_answer_comes(chat: Chat, session: Talking) -> None:
    session.go.clear()
    ask(chat, "one")
    choose(chat, 1)
    assert "still answering: stop it, or wait, and choose then" in shown(chat.box)
    assert (chosen(chat), chat._sides[0].model) == ("llama", "llama")


def test_models_that_are_registered_meanwhile_can_be_chosen(chat: Chat, session: Talking) -> None:
    session.register("new", url="http://localhost:1/v1", model="m")
    chat._follow()
    choose(chat, 2)
    assert chat._sides[0].model == "new"


def test_a_model_that_was_forgotten_is_told(chat: Chat, session: Talking) -> None:
    session.models.forget("llama")
    chat._follow()
    assert "llama is not registered any more: choose another model" in shown(chat.box)
    ask(chat, "one")
    answered(chat)
    assert "FAILED" in shown(chat.box)


def test_a_failed_question_goes_with_the_next_one_that_is_sent(chat: Chat, session: Talking) -> None:
    session.models.forget("llama")
    ask(chat, "one")
    answered(chat)
    assert "not kept in the conversation" in shown(chat.box)
    session.register("llama", url="http://localhost:1/v1", model="m")
    ask(chat, "two")
    answered(chat)
    assert "not kept" not in shown(chat.box)
    assert said(chat._sides[0]) == ["two"]


def test_a_turn_that_is_asked_anew_in_vain_stays(chat: Chat, session: Talking) -> None:
    ask(chat, "one")
    answered(chat)
    session.models.forget("llama")
    press(chat.box, "Again")
    answered(chat)
    assert "llama says 1" in shown(chat.box)
    assert "FAILED" in shown(chat.box)


def test_nothing_is_asked_again_while_an_answer_comes(chat: Chat, session: Talking) -> None:
    ask(chat, "one")
    answered(chat)
    session.go.clear()
    ask(chat, "two")
    press(chat.box, "Again")
    assert "llama is still answering: stop it, or wait." in shown(chat.box)
    session.go.set()
    answered(chat)
    assert said(chat._sides[0]) == ["one", "two"]


def test_a_reply_is_adopted_whole(chat: Chat, taken: dict[str, Any]) -> None:
    ask(chat, "one")
    answered(chat)
    press(chat.box, "Adopt", 0)
    press(chat.box, "Adopt")
    assert "answer it is." in shown(chat.box)
    assert taken["answer"].text == "**llama** says 1"
    assert taken["answer"].cost == Cost(0.25)


def test_a_turn_that_a_cell_has_asked_is_adopted_as_far_as_it_is_kept(session: Talking, taken: dict[str, Any]) -> None:
    session.conversations.of("llama").record("a", [user("Why?")], reply("So.", state=State.LENGTH))
    chat = Chat(session, [("llama", "")], {}, adopted(taken), lambda _: None)
    press(chat.box, "Adopt")
    press(chat.box, "Adopt")
    assert (taken["answer"].text, taken["answer"].state) == ("So.", State.LENGTH)
    chat.close()


def test_the_source_is_opened_and_shut_by_the_same_button(chat: Chat) -> None:
    def sources() -> list[str]:
        return [each.value for each in parts(chat.box) if getattr(each, "description", "") == "Source"]

    ask(chat, "one")
    answered(chat)
    press(chat.box, "Copy")
    assert sources() == ["**llama** says 1"]
    press(chat.box, "Copy")
    assert sources() == []


def test_only_the_last_turns_have_buttons(chat: Chat) -> None:
    for number in range(5):
        ask(chat, f"question {number}")
        answered(chat)
    assert buttons(chat.box).count("Edit") == 3


def test_how_a_conversation_goes_on_is_told_by_its_name() -> None:
    assert way("llama", "") == "It goes on in a cell: %%byom llama -c"
    assert way("llama", "lesson") == "It goes on in a cell: %%byom llama -c lesson"


def test_a_button_that_goes_away_leaves_the_focus_to_the_box(
    chat: Chat, session: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[str] = []
    monkeypatch.setattr(chat_input, "focus", lambda widget: focused.append(widget.description))
    ask(chat, "one")
    answered(chat)
    choose(chat, 1)
    press(chat.box, "Stay")
    session.fails["llama"] = ByomError("No.", hint="wait")
    press(chat.box, "Again")
    answered(chat)
    press(chat.box, "Send again")
    answered(chat)
    press(chat.box, "Dismiss")
    assert focused == ["Question"] * 4

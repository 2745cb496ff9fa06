from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import ipywidgets
import pytest

from byom_magics.errors import SecretError
from byom_magics.events import Reply, State
from byom_magics.messages import Image, Message, Text
from byom_magics.widgets import chat as chat_module
from byom_magics.widgets.chat import Chat, show_chat
from byom_magics.widgets.opened import OPENED
from tests.talk.turns import reply, user
from tests.widgets.chatting import (
    BROKEN,
    PATIENCE_S,
    Talking,
    adopted,
    answered,
    ask,
    buttons,
    front_end,
    parts,
    press,
    question_box,
    said,
    shown,
)
from tests.wire.asking import eventually


class Outputs:
    """The panel's output and the one beside it, as the notebook has them."""

    def __init__(self) -> None:
        self.panel: list[tuple[str, str]] = []
        self.beside: list[tuple[str, str]] = []

    def attach(self, chat: Chat) -> None:
        chat.show_in(lambda *texts: self.panel.append(texts), lambda *texts: self.beside.append(texts))


@pytest.fixture
def session() -> Talking:
    return Talking("llama", "gpt", "mistral")


@pytest.fixture
def later() -> list[Any]:
    """What is to be done a moment later."""
    return []


@pytest.fixture
def taken() -> dict[str, Reply]:
    """The variables that replies were adopted into."""
    return {}


@pytest.fixture
def opened(session: Talking, later: list[Any], taken: dict[str, Reply]) -> Iterator[Any]:
    made: list[Chat] = []

    def open_(*models: str, name: str = "", **options: Any) -> Chat:
        sides = [(model, name) for model in models or ("llama",)]
        made.append(Chat(session, sides, options, adopted(taken), later.append))
        return made[-1]

    yield open_
    session.go.set()
    for each in made:
        each.close()


def test_a_question_is_answered_and_stands_in_the_conversation_that_a_cell_continues(
    opened: Any, session: Talking
) -> None:
    chat = opened()
    ask(chat, "Why?")
    answered(chat)
    assert [each.asked[0].text for each in session.conversations.of("llama").exchanges] == ["Why?"]
    text = shown(chat.box)
    assert "llama says 1" in text
    assert "llama · complete · tokens 10 in, 5 out" in text
    assert "llama has answered: 16 characters." in text
    assert question_box(chat).value == ""


def test_the_answer_is_shown_while_it_comes_below_its_question(opened: Any, session: Talking) -> None:
    chat = opened()
    session.go.clear()
    ask(chat, "Why?")
    while "llama says 1" not in shown(chat.box):
        assert chat._sides[0].asking is not None
    assert "Why?" in shown(chat.box)
    assert len(chat._sides[0].conversation) == 0
    session.go.set()
    answered(chat)
    assert shown(chat.box).count("Why?") == 1


def test_stop_keeps_what_had_come(opened: Any, session: Talking) -> None:
    chat = opened()
    session.go.clear()
    ask(chat, "Why?")
    press(chat.box, "Stop")
    answered(chat)
    (turn,) = session.conversations.of("llama").exchanges
    assert turn.state is State.CANCELLED
    assert "CANCELLED" in shown(chat.box)
    assert "send it again for a whole answer" in shown(chat.box)
    press(chat.box, "Stop")
    assert "nothing to stop" in shown(chat.box)


def test_a_question_that_comes_too_early_stays_in_the_box(opened: Any, session: Talking) -> None:
    chat = opened()
    session.go.clear()
    ask(chat, "one")
    ask(chat, "two")
    assert question_box(chat).value == "two"
    assert "llama is still answering. Your question stays in the box" in shown(chat.box)
    session.go.set()
    answered(chat)
    assert said(chat._sides[0]) == ["one"]
    press(chat.box, "Send")
    answered(chat)
    assert said(chat._sides[0]) == ["one", "two"]


def test_an_empty_question_is_none(opened: Any) -> None:
    chat = opened()
    ask(chat, "  \n ")
    assert "There is no question yet" in shown(chat.box)
    assert len(chat._sides[0].conversation) == 0


def test_it_opens_with_what_was_said_and_the_next_question_knows_it(opened: Any, session: Talking) -> None:
    session.ask("llama", "My name is Ada.", conversation="")
    chat = opened()
    assert "My name is Ada." in shown(chat.box)
    ask(chat, "Who am I?")
    answered(chat)
    _, call = session.asked[-1]
    assert [each.text for each in call.messages] == ["My name is Ada.", "**llama** says 1", "Who am I?"]


def test_the_options_go_with_every_question(opened: Any, session: Talking) -> None:
    chat = opened(system="Be brief.", temperature=0.5, max_tokens=7)
    assert "System: Be brief." in shown(chat.box)
    ask(chat, "Why?")
    answered(chat)
    _, call = session.asked[-1]
    assert call.messages[0] == Message("system", "Be brief.")
    assert (call.sampling.temperature, call.sampling.max_tokens) == (0.5, 7)


def test_what_a_cell_says_in_the_conversation_appears(opened: Any, session: Talking, later: list[Any]) -> None:
    outputs = Outputs()
    chat = opened()
    outputs.attach(chat)
    session.ask("llama", "From a cell.", conversation="")
    session.ask("gpt", "Elsewhere.", conversation="")
    assert len(later) == 1, "many replies are one painting"
    later.pop()()
    assert "From a cell." in shown(chat.box)
    assert "Elsewhere." not in shown(chat.box)
    assert "From a cell." in outputs.beside[-1][1]
    session.ask("gpt", "Elsewhere again.", conversation="")
    later.pop()()
    assert len(outputs.beside) == 1, "what has not changed is not sent again"


def test_a_conversation_that_was_forgotten_begins_anew(opened: Any, session: Talking, later: list[Any]) -> None:
    chat = opened()
    ask(chat, "one")
    answered(chat)
    press(chat.box, "Again")
    answered(chat)
    session.conversations.reset()
    ask(chat, "two")
    answered(chat)
    assert said(chat._sides[0]) == ["two"]
    assert "one" not in shown(chat.box)
    assert "1 turn · tokens 10 in, 5 out" in shown(chat.box), "what was forgotten is not counted"


def test_an_answer_to_a_conversation_that_is_forgotten_meanwhile_is_shown_and_not_kept(
    opened: Any, session: Talking
) -> None:
    chat = opened()
    ask(chat, "one")
    answered(chat)
    session.go.clear()
    ask(chat, "two")
    session.conversations.reset()
    session.go.set()
    answered(chat)
    assert len(chat._sides[0].conversation) == 0
    assert "llama says 2" in shown(chat.box)
    assert "llama says 1" not in shown(chat.box)
    assert "not kept in the conversation" in shown(chat.box)


def test_a_conversation_of_a_name_is_another_one(opened: Any, session: Talking) -> None:
    chat = opened(name="lesson")
    ask(chat, "one")
    answered(chat)
    assert len(session.conversations.of("llama")) == 0
    assert len(session.conversations.of("llama", "lesson")) == 1
    assert "%%byom llama -c lesson" in shown(chat.box)


# Edit and resend


def test_an_edited_question_takes_the_place_of_its_turn_and_those_below_are_told_to_be_old(opened: Any) -> None:
    chat = opened()
    for question in ("one", "two"):
        ask(chat, question)
        answered(chat)
    press(chat.box, "Edit", 0)
    assert question_box(chat).value == "one"
    assert "takes the place of turn 1 of llama" in shown(chat.box)
    assert "Leave it as it was" in buttons(chat.box)
    ask(chat, "another one")
    answered(chat)
    assert said(chat._sides[0]) == ["another one", "two"]
    assert chat._sides[0].conversation.stale == (False, True)
    assert shown(chat.box).count("before a turn above it changed") == 1
    assert "Leave it as it was" not in buttons(chat.box)
    assert "2 turns and 1 replaced answer · tokens 30 in, 15 out" in shown(chat.box)
    ask(chat, "three")
    answered(chat)
    assert said(chat._sides[0]) == ["another one", "two", "three"]


def test_an_edited_turn_of_a_cell_is_replaced_too_and_the_cell_replaces_it_again(opened: Any, session: Talking) -> None:
    session.ask("llama", "of a cell", conversation="", place=("cell", 0))
    chat = opened()
    press(chat.box, "Edit")
    ask(chat, "of the panel")
    answered(chat)
    assert said(chat._sides[0]) == ["of the panel"]
    session.ask("llama", "of the cell again", conversation="", place=("cell", 0))
    assert said(chat._sides[0]) == ["of the cell again"]


def test_an_edit_can_be_left(opened: Any) -> None:
    chat = opened()
    ask(chat, "one")
    answered(chat)
    press(chat.box, "Edit")
    press(chat.box, "Leave it as it was")
    assert question_box(chat).value == ""
    ask(chat, "two")
    answered(chat)
    assert said(chat._sides[0]) == ["one", "two"]


def test_the_pictures_of_an_edited_question_stay(opened: Any, session: Talking) -> None:
    picture = Image(b"\x89PNG\r\n\x1a\n", "image/png")
    conversation = session.conversations.of("llama")
    conversation.record("a", [Message("user", (Text("What is this?"), picture))], reply("A cat."))
    chat = opened()
    press(chat.box, "Edit")
    ask(chat, "What colour is it?")
    answered(chat)
    _, call = session.asked[-1]
    assert call.messages[-1].text == "What colour is it?"
    assert call.messages[-1].images == (picture,)


def test_the_same_question_can_be_asked_again_in_its_place(opened: Any) -> None:
    chat = opened()
    ask(chat, "one")
    answered(chat)
    press(chat.box, "Again")
    answered(chat)
    assert said(chat._sides[0]) == ["one"]
    assert "llama says 2" in shown(chat.box)
    assert "llama says 1" not in shown(chat.box)


def test_a_turn_that_was_forgotten_meanwhile_cannot_be_edited(opened: Any, session: Talking) -> None:
    chat = opened()
    ask(chat, "one")
    answered(chat)
    session.conversations.reset()
    press(chat.box, "Edit")
    assert "That turn is no longer there." in shown(chat.box)
    assert question_box(chat).value == ""


# Two models


def test_each_question_goes_to_both_and_each_has_its_own_history(opened: Any, session: Talking) -> None:
    chat = opened("llama", "gpt")
    for question in ("one", "two"):
        ask(chat, question)
        answered(chat)
    assert [said(side) for side in chat._sides] == [["one", "two"]] * 2
    last = {key: [each.text for each in call.messages] for key, call in session.asked}
    assert last["llama"][1].startswith("**llama**")
    assert last["gpt"][1].startswith("**gpt**")


def test_one_side_is_stopped_and_the_other_goes_on(opened: Any, session: Talking) -> None:
    chat = opened("llama", "gpt")
    session.go.clear()
    ask(chat, "one")
    left, right = chat._sides
    asking = left.asking
    press(left.box, "Stop")
    asking.join(PATIENCE_S)
    assert left.asking is None
    assert right.asking is not None
    session.go.set()
    answered(chat)
    assert [side.conversation.exchanges[0].state for side in chat._sides] == [State.CANCELLED, State.COMPLETE]


def test_all_are_stopped_at_once(opened: Any, session: Talking) -> None:
    chat = opened("llama", "gpt")
    session.go.clear()
    ask(chat, "one")
    press(chat.box, "Stop all")
    answered(chat)
    assert [side.conversation.exchanges[0].state for side in chat._sides] == [State.CANCELLED] * 2


def test_one_that_fails_does_not_hold_up_the_other_and_can_be_asked_again(opened: Any, session: Talking) -> None:
    chat = opened("llama", "gpt")
    session.fails["gpt"] = BROKEN
    ask(chat, "one")
    answered(chat)
    left, right = chat._sides
    assert "llama says 1" in shown(left.box)
    assert "It broke off." in shown(right.box)
    assert "Next: send it again" in shown(right.box)
    assert "Stop all" in buttons(chat.box)
    assert len(right.conversation) == 0
    session.fails.clear()
    press(right.box, "Send again")
    answered(chat)
    assert [said(side) for side in chat._sides] == [["one"], ["one"]]
    assert "It broke off." not in shown(right.box)
    press(left.box, "Edit")
    assert "turn 1 of llama and turn 1 of gpt" in shown(chat.box)


def test_an_edited_turn_is_replaced_on_both_sides(opened: Any) -> None:
    chat = opened("llama", "gpt")
    ask(chat, "one")
    answered(chat)
    press(chat._sides[1].box, "Edit")
    ask(chat, "another")
    answered(chat)
    assert [said(side) for side in chat._sides] == [["another"], ["another"]]


def test_a_turn_that_only_one_side_has_is_asked_there_alone(opened: Any, session: Talking) -> None:
    session.ask("gpt", "of before", conversation="", place=("cell", 0))
    chat = opened("llama", "gpt")
    press(chat._sides[1].box, "Edit")
    ask(chat, "changed")
    answered(chat)
    assert [said(side) for side in chat._sides] == [[], ["changed"]]


def test_no_model_stands_on_two_sides(opened: Any) -> None:
    chat = opened("llama", "gpt")
    left, _ = chat._sides
    front_end(next(each for each in parts(left.box) if type(each).__name__ == "Dropdown"), index=1)
    assert "gpt answers on another side already." in shown(left.box)
    assert left.model == "llama"


# Keys


def test_a_key_that_is_to_be_typed_is_asked_for_in_a_cell_and_the_question_stays(
    opened: Any, session: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.register("closed", url="https://llm.example/v1", model="m", api_key="ask")
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("nobody can type here"))
    chat = opened("closed")
    ask(chat, "one")
    answered(chat)
    assert "a panel has no prompt" in shown(chat.box)
    assert "%byom_chat closed" in shown(chat.box)
    assert session.asked == []
    press(chat.box, "To the box")
    assert question_box(chat).value == "one"
    press(chat.box, "Dismiss")
    assert "no prompt" not in shown(chat.box)


def test_a_key_that_is_not_set_is_told_in_the_panel(opened: Any, session: Talking) -> None:
    session.fails["llama"] = SecretError("There is no key.", hint="set one, then run the cell again")
    chat = opened()
    ask(chat, "one")
    answered(chat)
    assert "There is no key." in shown(chat.box)
    assert "Next: set one, then send it again" in shown(chat.box)


# The end


def test_closing_leaves_the_whole_transcript_and_nothing_else(session: Talking) -> None:
    before = set(threading.enumerate())
    outputs = Outputs()
    chat = Chat(session, [("llama", ""), ("gpt", "")], {}, adopted({}))
    outputs.attach(chat)
    ask(chat, "one")
    answered(chat)
    press(chat.box, "Copy")
    session.go.clear()
    ask(chat, "two")
    pieces = [*parts(chat.box), *chat.parts._looks.values(), *chat.parts._shared.values()]
    chat.close()
    chat.close()
    assert [type(each).__name__ for each in pieces if each.comm is not None] == []
    assert session.on_reply == []
    assert session.models._watchers == []
    assert len(outputs.panel) == 1
    assert "The chat is closed" in outputs.panel[0][1]
    for text in ("one", "two", "**llama** says", "**gpt** says", "CANCELLED", "%%byom gpt -c"):
        assert text in outputs.beside[-1][1]
    assert "<details" not in outputs.beside[-1][0]
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)
    assert set(threading.enumerate()) <= before


def test_beside_an_open_panel_are_the_last_turns_and_beside_a_closed_one_all(opened: Any, session: Talking) -> None:
    conversation, outputs = session.conversations.of("llama"), Outputs()
    for number in range(40):
        conversation.record(number, [user(f"question {number}.")], reply("yes"))
    chat = opened()
    outputs.attach(chat)
    ask(chat, "the last one")
    answered(chat)
    assert "question 5." not in outputs.beside[-1][1]
    assert "11 earlier turns are not shown." in outputs.beside[-1][1]
    assert "the last one" in outputs.beside[-1][1]
    chat.close()
    assert "question 0." in outputs.beside[-1][1]


def test_the_button_closes_it(session: Talking) -> None:
    outputs = Outputs()
    chat = Chat(session, [("llama", "")], {}, adopted({}))
    outputs.attach(chat)
    press(chat.box, "Close and keep the transcript")
    for thread in threading.enumerate():
        if thread.name == "byom chat closing":
            thread.join(PATIENCE_S)
    assert chat.box.comm is None
    assert len(outputs.panel) == 1


def test_what_is_pressed_after_the_end_does_nothing(session: Talking) -> None:
    chat = Chat(session, [("llama", "")], {}, adopted({}))
    front_end(question_box(chat), value="late")
    chat.close()
    chat._send_button.click()
    chat._follow()
    assert session.asked == []


def test_a_panel_that_is_closed_from_outside_follows_nothing(session: Talking) -> None:
    chat = Chat(session, [("llama", "")], {}, adopted({}))
    chat.box.close()
    assert session.on_reply == []
    assert session.models._watchers == []


def test_nothing_of_a_closed_panel_remains_in_memory(session: Talking) -> None:
    chat = Chat(session, [("llama", "")], {}, adopted({}), lambda _: None)
    ask(chat, "one")
    answered(chat)
    gone = weakref.ref(chat)
    chat.close()
    del chat
    # The thread of the answer may be about to end.
    assert eventually(lambda: gc.collect() >= 0 and gone() is None)


def test_widgets_do_not_grow_with_the_turns(session: Talking) -> None:
    chat = Chat(session, [("llama", "")], {}, adopted({}), lambda _: None)
    sizes = []
    for number in range(12):
        ask(chat, f"question {number}")
        answered(chat)
        sizes.append(len(chat.parts))
    # One box and one text for each turn; buttons only below the last ones.
    assert [after - before for before, after in pairwise(sizes[4:])] == [2] * 7
    chat.close()
    assert len(chat.parts) == 0


def test_it_follows_of_itself_a_moment_later(session: Talking) -> None:
    chat = Chat(session, [("llama", "")], {}, adopted({}))
    seen = threading.Event()
    chat._sides[0]._turns._list.observe(lambda _: seen.set(), "children")
    session.ask("llama", "From a cell.", conversation="")
    assert seen.wait(PATIENCE_S)
    chat.close()


# Where it is shown


def test_a_terminal_gets_what_was_said_and_how_it_goes_on(
    session: Talking, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chat_module, "widget_cell", lambda: None)
    session.ask("llama", "Why?", conversation="")
    show_chat(session, [("llama", "")], {}, adopted({}))
    printed = capsys.readouterr().out
    assert "Why?" in printed
    assert "%%byom llama -c" in printed
    assert session.on_reply == []


def test_the_output_has_the_panel_and_beside_it_what_is_kept_and_the_cell_run_again_closes_the_first(
    session: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []

    def show(model_id: str, html: str, plain: str) -> Callable[[str, str], None]:
        return lambda *_: told.append(("closed", model_id))

    def show_beside(html: str, plain: str) -> Callable[[str, str], None]:
        told.append(("beside", plain))
        return lambda *_: None

    monkeypatch.setattr(chat_module, "widget_cell", lambda: "cell-1")
    monkeypatch.setattr(chat_module, "show_widget", show)
    monkeypatch.setattr(chat_module, "show_changing", show_beside)
    session.conversations.of("llama").record("a", [user("Why?")], reply("So."))
    show_chat(session, [("llama", "")], {}, adopted({}))
    assert "Why?" in told[0][1]
    show_chat(session, [("llama", "")], {}, adopted({}))
    assert [kind for kind, _ in told] == ["beside", "beside", "closed"]
    assert len(session.on_reply) == 1
    OPENED.close_all()
    assert session.on_reply == []


def test_where_outputs_cannot_change_there_is_no_button_for_it_and_the_panel_stands_for_what_was_said(
    session: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def show(model_id: str, html: str, plain: str) -> Callable[[str, str], None]:
        told.append(plain)
        return lambda *_: pytest.fail("nothing can take its place")

    monkeypatch.setattr(chat_module, "widget_cell", lambda: "cell-1")
    monkeypatch.setattr(chat_module, "show_widget", show)
    monkeypatch.setattr(chat_module, "show_changing", lambda *_: pytest.fail("there is no output beside it"))
    session.conversations.of("llama").record("a", [user("Why?")], reply("So."))
    show_chat(session, [("llama", "")], {}, adopted({}), changes=False)
    assert "Why?" in told[0]
    chat = next(iter(OPENED._closers.values())).__self__  # type: ignore[attr-defined]
    assert "Send" in buttons(chat.box)
    assert not any(each.startswith("Close") for each in buttons(chat.box))
    ask(chat, "And?")
    answered(chat)
    assert said(chat._sides[0]) == ["Why?", "And?"]
    OPENED.close_all()


def test_every_part_that_can_be_used_has_a_name(opened: Any) -> None:
    chat = opened("llama", "gpt")
    ask(chat, "one")
    answered(chat)
    for kind in (ipywidgets.Button, ipywidgets.Text, ipywidgets.Dropdown):
        found = [each for each in parts(chat.box) if type(each) is kind]
        assert found
        assert all(each.description.strip() for each in found)

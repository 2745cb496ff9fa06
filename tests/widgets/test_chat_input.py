from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from byom_magics.widgets.chat_input import Question, after
from byom_magics.widgets.chat_parts import ChatParts
from tests.widgets.chatting import PATIENCE_S, enter, front_end, parts, press


class Clock:
    """Holds what is to be done later until the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def __call__(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        self.due.append(call)
        return lambda: self.due.remove(call) if call in self.due else None

    def pass_by(self) -> None:
        for call in tuple(self.due):
            call()


class Typed:
    """A box for questions, and what was sent from it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sent: list[str] = []
        self.question = Question(ChatParts(), lambda: self.sent.append(self.question.text), self.clock)

    @property
    def box(self) -> object:
        return next(each for each in parts(self.question.box) if getattr(each, "description", "") == "Question")


@pytest.fixture
def typed() -> Typed:
    return Typed()


def test_enter_sends_what_the_front_end_tells_right_after_it(typed: Typed) -> None:
    front_end(typed.box, value="left behind by a blur")
    enter(typed.box)
    assert typed.sent == []
    front_end(typed.box, value="the whole question")
    assert typed.sent == ["the whole question"]
    typed.clock.pass_by()
    assert typed.sent == ["the whole question"]


def test_enter_sends_what_was_told_before_if_nothing_follows(typed: Typed) -> None:
    front_end(typed.box, value="told when the box was left")
    enter(typed.box)
    typed.clock.pass_by()
    assert typed.sent == ["told when the box was left"]


def test_leaving_the_box_sends_nothing(typed: Typed) -> None:
    front_end(typed.box, value="half a")
    front_end(typed.box, value="half a question")
    typed.clock.pass_by()
    assert typed.sent == []
    assert typed.question.text == "half a question"


def test_enter_twice_sends_once(typed: Typed) -> None:
    enter(typed.box)
    enter(typed.box)
    front_end(typed.box, value="why?")
    typed.clock.pass_by()
    assert typed.sent == ["why?"]


def test_several_lines_have_a_box_of_their_own_in_which_enter_sends_nothing(typed: Typed) -> None:
    front_end(typed.box, value="first")
    press(typed.question.box, "Several lines")
    assert type(typed.box).__name__ == "Textarea"
    assert typed.question.text == "first"
    front_end(typed.box, value="first\nsecond")
    enter(typed.box)
    typed.clock.pass_by()
    assert typed.sent == []
    press(typed.question.box, "One line")
    assert (type(typed.box).__name__, typed.question.text) == ("Text", "first second")


def test_a_text_of_several_lines_is_put_where_it_fits(typed: Typed) -> None:
    typed.question.put("one")
    assert type(typed.box).__name__ == "Text"
    typed.question.put("one\ntwo")
    assert (type(typed.box).__name__, typed.question.text) == ("Textarea", "one\ntwo")
    typed.question.put("three")
    assert (type(typed.box).__name__, typed.question.text) == ("Textarea", "three")
    typed.question.clear()
    assert typed.question.text == ""
    assert typed.sent == []


def test_after_its_end_nothing_is_sent(typed: Typed) -> None:
    front_end(typed.box, value="why?")
    enter(typed.box)
    typed.question.close()
    typed.clock.pass_by()
    assert typed.sent == []
    assert typed.clock.due == []


def test_later_is_in_a_thread_of_its_own_and_can_be_taken_back() -> None:
    done = threading.Event()
    after(0, done.set)
    assert done.wait(PATIENCE_S)
    after(3600, lambda: pytest.fail("it was taken back"))()

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from byom_magics import session
from byom_magics.comparing import Comparison
from byom_magics.errors import OptionError
from byom_magics.messages import Message
from byom_magics.study.columns import columns_of
from byom_magics.widgets.compare_form import CompareForm
from tests.served import Served, says
from tests.widgets.columns import buttons, everything, said
from tests.widgets.hands import do, inside, labelled, none_left, press
from tests.wire.answers import CHUNKED, chunk, frame
from tests.wire.raw_server import hold


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as made:
        yield made


class Application:
    """A form of a comparison of A and B, as a notebook shows it that is an application."""

    def __init__(self, prompt: Any = "Why?", *, blind: bool = False) -> None:
        self.blind = blind
        self.columns = columns_of([("A", {}), ("B", {})])
        self.made: list[Comparison] = []
        first = Comparison(session.current(), prompt, self.columns, blind=blind, foreground=False)
        self.form = CompareForm(first, self._make, session.current(), self._adopt, refresh_rate=50)

    def _make(self, prompt: str) -> Comparison:
        if not prompt.strip():
            raise OptionError("There is no <b>prompt</b>.", hint="write one")
        self.made.append(Comparison(session.current(), prompt, self.columns, blind=self.blind, foreground=False))
        return self.made[-1]

    def _adopt(self, name: str, reply: Any) -> None:
        raise NotImplementedError

    def compare(self, prompt: str | None = None, *, wait: bool = True) -> None:
        if prompt is not None:
            do(labelled(self.form.box, "Prompt"), value=prompt)
        press(labelled(self.form.box, "Compare"))
        while wait and self.made and not self.made[-1].wait(0.01):
            pass


@pytest.fixture
def apply() -> Iterator[Any]:
    with none_left():
        made: list[Application] = []

        def apply(*arguments: Any, **more: Any) -> Application:
            made.append(Application(*arguments, **more))
            return made[-1]

        yield apply
        for each in made:
            each.form.close()
            each.form.close()
            while each.made and not each.made[-1].wait(0.01):
                pass
        for thread in threading.enumerate():
            if thread.name.startswith("byom-compare"):
                thread.join(10)


def test_nothing_is_asked_until_the_button_is_pressed(apply: Any, served: Served) -> None:
    servers = served("A"), served("B")
    application = apply()
    assert labelled(application.form.box, "Prompt").value == "Why?"
    assert buttons(application.form.box) == ["Compare"]
    assert not any(server.requests for server in servers)
    application.compare()
    assert [len(server.requests) for server in servers] == [1, 1]
    assert "A says this." in said(application.form.box)
    assert "B says this." in said(application.form.box)


def test_it_asks_again_and_again_what_stands_in_its_box(apply: Any, served: Served) -> None:
    server = served("A", [says("First.")], [says("Second.")])
    served("B")
    application = apply()
    application.compare()
    application.compare("And why not?")
    assert [each.json["messages"][0]["content"] for each in server.requests] == ["Why?", "And why not?"]
    assert "Second." in said(application.form.box)
    assert "First." not in said(application.form.box)


def test_what_was_asked_before_leaves_no_widgets(apply: Any, served: Served) -> None:
    served("A")
    served("B")
    application = apply()
    application.compare()
    before = len(everything().splitlines())
    for _ in range(3):
        application.compare()
    assert len(everything().splitlines()) == before


def test_while_it_answers_it_does_not_ask_again(apply: Any, served: Served) -> None:
    server = served("A", [CHUNKED, frame(chunk("Partly")), hold])
    served("B")
    application = apply()
    application.compare(wait=False)
    server.wait_for_requests(1)
    application.compare(wait=False)
    assert "Still answering" in said(application.form.box)
    assert len(application.made) == 1
    press(labelled(application.form.box, "Stop all"))
    server.wait_for_hang_up()
    while not application.made[0].wait(0.01):
        pass


def test_what_cannot_be_asked_says_why(apply: Any, served: Served) -> None:
    server = served("A")
    application = apply()
    application.compare("  ", wait=False)
    assert "There is no <b>prompt</b>." in said(application.form.box)
    assert not server.requests


def test_closing_hangs_up(apply: Any, served: Served) -> None:
    server = served("A", [CHUNKED, frame(chunk("Partly")), hold])
    served("B")
    application = apply()
    application.compare(wait=False)
    server.wait_for_requests(1)
    application.form.close()
    server.wait_for_hang_up()


def test_a_prompt_of_messages_is_shown_and_not_changed(apply: Any) -> None:
    application = apply([Message("user", "Why?")])
    prompt = labelled(application.form.box, "Prompt")
    assert prompt.value == "Why?"
    assert prompt.disabled


def test_a_blind_one_is_shuffled_and_voted_on_each_time(apply: Any, served: Served) -> None:
    served("A", model="served-alpha")
    served("B", model="served-beta")
    session.current().votes.clear()
    application = apply(blind=True)
    for _ in range(3):
        application.compare()
        assert "alpha" not in everything()
        press(labelled(application.form.box, "Tie"))
    assert len(session.current().votes) == 3
    session.current().votes.clear()


def test_its_box_comes_before_its_button(apply: Any) -> None:
    kinds = [type(each).__name__ for each in inside(apply().form.box)]
    assert kinds.index("Textarea") < kinds.index("Button")

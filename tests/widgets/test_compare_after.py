from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from byom_magics import session
from byom_magics.comparing import Comparison
from byom_magics.errors import OptionError
from byom_magics.events import Reply, State
from byom_magics.messages import Message
from byom_magics.study.columns import columns_of
from byom_magics.widgets.compare_after import After
from byom_magics.widgets.parts import Parts
from tests.widgets.columns import buttons, said
from tests.widgets.hands import do, labelled, none_left, press

MODELS = ("demo/bigram", "demo/5gram")


def well(text: str) -> Reply:
    return Reply(text, state=State.COMPLETE, messages=(Message("assistant", text),))


class Offered:
    """The controls after a comparison, and what they did."""

    def __init__(self, *replies: Reply, **more: Any) -> None:
        self.comparison = Comparison(session.current(), "Why?", columns_of([(key, {}) for key in MODELS]), more)
        self.comparison._replies[:] = replies
        self.comparison._left = 0
        self.parts = Parts()
        self.against: list[int | None] = []
        self.names: dict[str, Reply] = {}
        self.done = 0
        self.box = After(self.parts, self.comparison, self.against.append, self._adopt, self._done).box

    def _adopt(self, name: str, reply: Reply) -> None:
        if not name.isidentifier():
            raise OptionError(f"A variable cannot be called '{name}'.", hint="give the name of a variable")
        self.names[name] = reply

    def _done(self) -> None:
        self.done += 1

    def choose(self, words: str, index: int) -> None:
        do(labelled(self.box, words), index=index)


@pytest.fixture
def offer() -> Iterator[Any]:
    with none_left():
        made: list[Offered] = []

        def offer(*replies: Reply, **more: Any) -> Offered:
            made.append(Offered(*(replies or (well("One."), well("Two."))), **more))
            return made[-1]

        yield offer
        for each in made:
            each.parts.close()


def test_differences_are_shown_on_demand_and_go_again(offer: Any) -> None:
    offered = offer()
    assert labelled(offered.box, "Differences from").options[0][0] == "none"
    offered.choose("Differences from", 2)
    offered.choose("Differences from", 1)
    offered.choose("Differences from", 0)
    assert offered.against == [1, 0, None]


def test_an_answer_is_adopted_into_a_variable(offer: Any) -> None:
    offered = offer()
    press(labelled(offered.box, "into the variable"))
    assert offered.names["answer"].text == "One."
    assert "demo/bigram is in answer" in said(offered.box)
    offered.choose("Adopt", 1)
    do(labelled(offered.box, "as"), value=" best ")
    press(labelled(offered.box, "into the variable"))
    assert offered.names["best"].text == "Two."


@pytest.mark.parametrize("name", ["", "1st", "a b", "x.y", "<b>"])
def test_a_bad_name_is_told_and_nothing_is_lost(offer: Any, name: str) -> None:
    offered = offer()
    offered.choose("Adopt", 1)
    do(labelled(offered.box, "as"), value=name)
    press(labelled(offered.box, "into the variable"))
    assert f"cannot be called '{name}'" in said(offered.box)
    assert not offered.names
    do(labelled(offered.box, "as"), value="best")
    press(labelled(offered.box, "into the variable"))
    assert offered.names["best"].text == "Two."
    assert "cannot be called" not in said(offered.box)


def test_an_answer_is_adopted_into_the_conversation(offer: Any) -> None:
    offered = offer()
    offered.choose("Adopt", 1)
    press(labelled(offered.box, "into the conversation"))
    (conversation,) = session.current().conversations
    assert conversation.model == "demo/5gram"
    assert conversation.exchanges[0].answered[0].text == "Two."
    assert "%%byom demo/5gram -c" in said(offered.box)


def test_where_columns_converse_all_go_on_from_the_adopted_answer(offer: Any) -> None:
    offered = offer(conversation="lesson")
    press(labelled(offered.box, "into the conversation"))
    assert "All 2 conversations" in said(offered.box)
    texts = {each.exchanges[-1].answered[0].text for each in session.current().conversations}
    assert texts == {"One."}


def test_an_answer_that_did_not_come_cannot_be_adopted(offer: Any) -> None:
    offered = offer(Reply(), well("Two."))
    press(labelled(offered.box, "into the conversation"))
    assert "no answer" in said(offered.box)
    assert not list(session.current().conversations)


def test_the_line_that_makes_a_cell_of_an_answer_is_shown(offer: Any) -> None:
    offered = offer()
    assert "%byom_compare --last --to-cell 1" in said(offered.box)
    offered.choose("Adopt", 1)
    assert "%byom_compare --last --to-cell 2" in said(offered.box)


def test_the_controls_can_be_closed(offer: Any) -> None:
    offered = offer()
    press(labelled(offered.box, "Close these controls"))
    assert offered.done == 1


def test_what_can_be_done_has_words(offer: Any) -> None:
    offered = offer()
    assert buttons(offered.box) == ["into the variable", "into the conversation", "Close these controls"]
    assert re.search("bigram", str(labelled(offered.box, "Adopt").options))

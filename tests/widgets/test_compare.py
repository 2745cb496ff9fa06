from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest

import byom_magics as byom
from byom_magics import session, voting
from byom_magics.comparing import Comparison
from byom_magics.errors import OptionError
from byom_magics.events import Reply, State
from byom_magics.study.columns import columns_of
from byom_magics.widgets import compare
from byom_magics.widgets.compare import ComparePanel
from byom_magics.widgets.opened import OPENED
from tests.served import Served, says
from tests.widgets.columns import buttons, everything, said, states
from tests.widgets.hands import do, inside, labelled, none_left, press
from tests.wire.answers import CHUNKED, LAST, chunk, frame, refused
from tests.wire.raw_server import after, hold

BROKEN = [refused("400 Bad Request", {"error": {"message": "alpha is broken"}})]
NAMES = ("alpha", "beta", "gamma", "served", "127.0.0.1", "USD")


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as made:
        yield made


class Shown:
    """A panel, the static form that it leaves in the cell, and what it adopts."""

    def __init__(
        self, *keys: str, blind: bool = False, in_cell: bool = True, foreground: bool = True, **more: Any
    ) -> None:
        columns = columns_of([(key, {}) for key in keys], samples=more.pop("samples", 1))
        self.comparison = Comparison(session.current(), "Why?", columns, more, blind=blind, foreground=foreground)
        self.panel = ComparePanel(self.comparison, session.current(), self._adopt, refresh_rate=50)
        self.html: list[str] = []
        self.plain: list[str] = []
        self.gone, self.begun = 0, False
        self.names: dict[str, Reply] = {}
        if in_cell:
            self.panel.settle_in(self._replace, self._gone)

    def _replace(self, html: str, plain: str) -> None:
        self.html.append(html)
        self.plain.append(plain)

    def _gone(self) -> None:
        self.gone += 1

    def _adopt(self, name: str, reply: Reply) -> None:
        if not name.isidentifier():
            raise OptionError("That is no name.", hint="take another")
        self.names[name] = reply

    def start(self) -> Shown:
        self.begun = True
        self.comparison.start(self.panel.views, self.panel.end)
        return self

    def until(self, reached: Callable[[], object]) -> Shown:
        for _ in range(2_000):
            if reached():
                return self
            self.comparison.wait(0.01)
        raise AssertionError(said(self.panel.grid))

    def ended(self) -> Shown:
        self.until(lambda: self.comparison.wait(0.01))
        threads = [each for each in threading.enumerate() if each.name.startswith("byom-compare")]
        for each in threads:
            each.join(10)
        return self


@pytest.fixture
def show() -> Iterator[Any]:
    with none_left():
        made: list[Shown] = []

        def show(*keys: str, **more: Any) -> Shown:
            made.append(Shown(*keys, **more))
            return made[-1]

        yield show
        for each in made:
            each.panel.close()
            if each.begun:
                each.ended()


def running() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("byom-compare")]


# While answers come


def test_each_column_shows_what_comes_while_it_comes(show: Any, served: Served) -> None:
    go = threading.Event()
    served("A", [CHUNKED, frame(chunk("First **half**")), after(go), frame(chunk(" and the rest.", "stop")), LAST])
    served("B", [says("B says this.")])
    shown = show("A", "B").start()
    first, second = shown.panel.views
    shown.until(lambda: "First half" in said(first.box) and "complete" in said(second.box))
    assert "B says this." in said(second.box)
    assert not shown.html
    assert buttons(first.box) == ["Stop A"]
    assert buttons(second.box) == []
    go.set()
    shown.ended()
    assert "and the rest." in shown.html[0]
    assert "B says this." in shown.html[0]


def test_one_button_stops_one_column_and_the_others_go_on(show: Any, served: Served) -> None:
    go = threading.Event()
    first = served("A", [CHUNKED, frame(chunk("Partly")), hold])
    served("B", [CHUNKED, frame(chunk("B")), after(go), frame(chunk("C", "stop")), LAST])
    shown = show("A", "B").start()
    shown.until(lambda: "Partly" in said(shown.panel.grid) and shown.comparison.reply(1).text == "B")
    press(labelled(shown.panel.grid, "Stop A"))
    first.wait_for_hang_up()
    shown.until(lambda: not shown.comparison.running(0))
    assert shown.comparison.running(1)
    go.set()
    shown.ended()
    assert [reply.state for reply in shown.comparison.replies] == [State.CANCELLED, State.COMPLETE]
    assert "Partly" in shown.html[-1]
    assert "BC" in shown.html[-1]


def test_one_button_stops_all(show: Any, served: Served) -> None:
    servers = [served(key, [CHUNKED, frame(chunk(f"Partly {key}")), hold]) for key in "AB"]
    shown = show("A", "B").start()
    shown.until(lambda: all(f"Partly {key}" in said(shown.panel.grid) for key in "AB"))
    press(labelled(shown.panel.strip, "Stop all"))
    for server in servers:
        server.wait_for_hang_up()
    shown.ended()
    assert all(f"Partly {key}" in shown.html[-1] for key in "AB")
    assert {reply.state for reply in shown.comparison.replies} == {State.CANCELLED}


def test_a_column_that_fails_says_why_in_its_place(show: Any, served: Served) -> None:
    go = threading.Event()
    served("A", BROKEN)
    served("B", [CHUNKED, frame(chunk("B")), after(go), frame(chunk("C", "stop")), LAST])
    shown = show("A", "B").start()
    shown.until(lambda: "alpha is broken" in said(shown.panel.views[0].box))
    assert shown.comparison.running(1)
    go.set()
    shown.ended()
    assert "alpha is broken" in shown.html[-1]
    assert "BC" in shown.html[-1]


def test_up_to_eight_columns_wrap_and_more_scroll(show: Any, served: Served) -> None:
    served("A")
    for samples, long in ((8, False), (9, True)):
        shown = show("A", samples=samples)
        assert ("byom-compare-long" in states(shown.panel.grid.children[1])) == long
        assert len(shown.panel.views) == samples
        shown.start().ended()


def test_what_it_costs_is_shown_while_it_comes_where_prices_are_known(show: Any, served: Served) -> None:
    go = threading.Event()
    served("A", [CHUNKED, frame(chunk("x" * 4_000)), after(go), LAST], prices={"output": 1_000_000})
    served("B")
    shown = show("A", "B").start()
    shown.until(lambda: "about 1,000 tokens · about" in said(shown.panel.views[0].box))
    assert "USD" in said(shown.panel.views[0].box)
    go.set()
    shown.ended()


# When all have ended


def test_the_static_form_takes_the_place_of_the_columns_and_their_widgets_are_closed(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B")
    columns = [each for view in shown.panel.views for each in inside(view.box)]
    shown.start().ended()
    assert len(shown.html) == 1
    for text in (shown.html[0], shown.plain[0]):
        assert "A says this." in text
        assert "B says this." in text
        assert "Why?" in text
    assert all(each.comm is None for each in columns)
    assert not running()


def test_where_there_is_no_cell_the_static_form_is_in_the_panel(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B", in_cell=False).start().ended()
    assert "A says this." in said(shown.panel.grid)
    do(labelled(shown.panel.strip, "Differences from"), index=2)
    assert "Compared with B" in said(shown.panel.grid)


def test_choosing_differences_again_and_again_leaves_no_widgets_behind(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B", in_cell=False).start().ended()
    open_before = len(everything().splitlines())
    for index in (1, 2, 0, 1, 2):
        do(labelled(shown.panel.strip, "Differences from"), index=index)
    assert len(everything().splitlines()) == open_before


def test_differences_are_shown_in_the_cell(show: Any, served: Served) -> None:
    served("A", [says("One two three.")])
    served("B", [says("One four three.")])
    shown = show("A", "B").start().ended()
    do(labelled(shown.panel.strip, "Differences from"), index=1)
    assert "Compared with A" in shown.html[-1]
    do(labelled(shown.panel.strip, "Differences from"), index=0)
    assert shown.html[-1] == shown.html[0]


def test_an_answer_is_adopted_with_a_click(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B").start().ended()
    do(labelled(shown.panel.strip, "Adopt"), index=1)
    press(labelled(shown.panel.strip, "into the variable"))
    assert shown.names["answer"].text == "B says this."
    press(labelled(shown.panel.strip, "into the conversation"))
    assert [each.model for each in session.current().conversations] == ["B"]


def test_the_controls_can_be_closed_and_the_answers_stay(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B").start().ended()
    OPENED.keep("cell", shown.panel.close)
    press(labelled(shown.panel.strip, "Close these controls"))
    assert shown.gone == 1
    assert len(shown.html) == 1
    assert len(OPENED) == 0
    assert shown.panel.strip.comm is None


def test_where_there_is_no_cell_the_answers_stay_when_the_controls_are_closed(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B", in_cell=False).start().ended()
    press(labelled(shown.panel.strip, "Close these controls"))
    assert buttons(shown.panel.strip) == []
    assert "A says this." in said(shown.panel.grid)


@pytest.mark.parametrize("in_cell", [True, False])
def test_a_page_that_is_loaded_anew_gets_all_that_is_open(show: Any, served: Served, *, in_cell: bool) -> None:
    served("A")
    served("B")
    shown = show("A", "B", in_cell=in_cell).start().ended()
    assert "Adopt" in everything()  # a widget that holds closed ones would have no state
    assert shown.panel.grid.comm is not None


def load_page_anew() -> None:
    """What a page does that is loaded anew: it asks for all widgets."""
    ipywidgets.Widget.get_manager_state()


def test_a_page_that_was_loaded_anew_while_it_ran_has_the_answers_in_its_widgets(show: Any, served: Served) -> None:
    go = threading.Event()
    served("A", [CHUNKED, frame(chunk("First half")), after(go), frame(chunk(" and rest.", "stop")), LAST])
    served("B")
    shown = show("A", "B").start()
    shown.until(lambda: "First half" in said(shown.panel.grid))
    load_page_anew()
    go.set()
    shown.ended()
    assert "and rest." in said(shown.panel.grid)
    do(labelled(shown.panel.strip, "Differences from"), index=1)
    assert "Compared with A" in said(shown.panel.grid)
    assert "Compared with A" not in said(shown.panel.strip)
    do(labelled(shown.panel.strip, "Differences from"), index=0)
    assert "Compared with A" not in said(shown.panel.grid)
    press(labelled(shown.panel.strip, "Close these controls"))
    assert "and rest." in said(shown.panel.grid)
    assert buttons(shown.panel.strip) == []


def test_differences_are_shown_in_a_page_that_was_loaded_anew_too(show: Any, served: Served) -> None:
    served("A", [says("One two three.")])
    served("B", [says("One four three.")])
    shown = show("A", "B").start().ended()
    choice = labelled(shown.panel.strip, "Differences from")
    do(choice, index=1)
    assert "Compared with" not in said(shown.panel.strip)
    assert "One two three." not in said(shown.panel.grid)
    load_page_anew()
    assert "One two three." in said(shown.panel.grid)
    do(choice, index=2)
    assert "Compared with B" in said(shown.panel.strip)
    assert "Compared with B" in shown.html[-1]
    do(choice, index=0)
    assert "One" not in said(shown.panel.strip)


def test_names_are_told_in_a_page_that_was_loaded_anew_before_the_vote(show: Any, served: Served) -> None:
    served("alpha", [says("First.")])
    served("beta", [says("Second.")])
    shown = show("alpha", "beta", blind=True).start().ended()
    load_page_anew()
    assert not [name for name in NAMES if name in everything()]
    press(labelled(shown.panel.strip, "Tie"))
    assert "A: " in said(shown.panel.strip)
    assert "alpha" in said(shown.panel.strip)


# Closing


def test_closing_while_it_runs_hangs_up_and_keeps_what_has_come(show: Any, served: Served) -> None:
    servers = [served(key, [CHUNKED, frame(chunk(f"Partly {key}")), hold]) for key in "AB"]
    shown = show("A", "B").start()
    shown.until(lambda: all(f"Partly {key}" in said(shown.panel.grid) for key in "AB"))
    shown.panel.close()
    for server in servers:
        server.wait_for_hang_up()
    shown.ended()
    assert all(f"Partly {key}" in shown.html[-1] for key in "AB")
    assert shown.gone == 1
    assert not running()


def test_closing_before_the_first_word_is_no_error(show: Any, served: Served) -> None:
    served("A", [hold])
    served("B", [hold])
    shown = show("A", "B").start()
    shown.panel.close()
    shown.panel.close()
    shown.ended()
    assert shown.gone == 1


def test_closing_after_the_end_is_no_error(show: Any, served: Served) -> None:
    served("A")
    served("B")
    shown = show("A", "B").start().ended()
    shown.panel.close()
    shown.panel.close()
    assert len(shown.html) == 1


# Blind


def blindly(show: Any, served: Served, *replies: Any, **more: Any) -> Shown:
    for key, answer in zip(("alpha", "beta", "gamma"), replies, strict=False):
        served(f"org/{key}", answer, model=f"served-{key}", prices={"output": 31})
    shown: Shown = show(*[f"org/{key}" for key in ("alpha", "beta", "gamma")[: len(replies)]], blind=True, **more)
    return shown


def told(text: str) -> list[str]:
    return [name for name in NAMES if name in text]


def test_nothing_tells_a_name_before_the_vote_and_all_is_told_after_it(show: Any, served: Served) -> None:
    go = threading.Event()
    slow = [CHUNKED, frame(chunk("First ")), after(go), frame(chunk("half.", "stop")), LAST]
    shown = blindly(show, served, slow, [says("Second answer.", tokens=(3, 5))])
    assert not told(everything())
    shown.start().until(lambda: "First" in said(shown.panel.grid) and "Second answer." in said(shown.panel.grid))
    assert not told(everything())
    assert sorted(buttons(shown.panel.grid)) in (["Stop A"], ["Stop B"])
    go.set()
    shown.ended()
    assert not told(everything() + shown.html[-1] + shown.plain[-1])
    letter = "AB"[shown.comparison.order.index(1)]
    press(labelled(shown.panel.strip, "← A is better" if letter == "A" else "B is better →"))
    (vote,) = session.current().votes
    assert vote.winner == "org/beta"
    assert len(shown.html) == 2
    for name in ("org/alpha", "org/beta", "voted best"):
        assert name in shown.html[-1]
    assert "Adopt" in states(shown.panel.strip)
    session.current().votes.clear()


def test_why_a_hidden_column_failed_is_told_after_the_vote(show: Any, served: Served) -> None:
    shown = blindly(show, served, BROKEN, [says("Two.")], [says("Three.")]).start().ended()
    assert not told(everything() + shown.html[-1] + shown.plain[-1])
    assert "Why is told after the vote" in shown.html[-1]
    press(labelled(shown.panel.strip, "Tie"))
    assert "alpha is broken" in shown.html[-1]
    session.current().votes.clear()


def test_columns_stand_in_the_order_of_the_shuffle(show: Any, served: Served) -> None:
    shown = blindly(show, served, [says("Zero")], [says("One")], [says("Two")]).start().ended()
    texts = [shown.html[-1].index(("Zero", "One", "Two")[number]) for number in shown.comparison.order]
    assert texts == sorted(texts)


def test_where_too_few_have_answered_the_names_can_be_shown(show: Any, served: Served) -> None:
    shown = blindly(show, served, BROKEN, [says("Two.")]).start().ended()
    assert not told(everything() + shown.html[-1])
    press(labelled(shown.panel.strip, "Show who answered"))
    assert "org/alpha" in shown.html[-1]
    assert not len(session.current().votes)


def test_a_vote_closes_its_own_widgets(show: Any, served: Served) -> None:
    shown = blindly(show, served, [says("One.")], [says("Two.")]).start().ended()
    tie = labelled(shown.panel.strip, "Tie")
    press(tie)
    assert tie.comm is None
    session.current().votes.clear()


def test_a_vote_in_a_line_tells_the_names_in_the_cell_too(show: Any, served: Served) -> None:
    shown = blindly(show, served, [says("One.")], [says("Two.")]).start().ended()
    voting.vote(session.current(), shown.comparison, voting.TIE)
    assert "alpha" in shown.html[-1]
    assert not [word for word in buttons(shown.panel.strip) if "better" in word]
    session.current().votes.clear()


def test_a_panel_in_the_background_needs_nobody_who_waits(show: Any) -> None:
    byom.models.set_default("demo/bigram")
    shown = show("demo/bigram", "demo/5gram", foreground=False, max_tokens=5, seed=1)
    shown.start().ended()
    assert len(shown.html) == 1


def test_a_stop_button_leaves_the_focus_to_what_can_be_pressed_next(
    show: Any, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[str] = []
    monkeypatch.setattr(compare, "focus", lambda widget: focused.append(widget.description))
    for key in "AB":
        served(key, [CHUNKED, frame(chunk("Partly")), hold])
    shown = show("A", "B").start()
    press(labelled(shown.panel.grid, "Stop A"))
    press(labelled(shown.panel.strip, "Stop all"))
    shown.ended()
    shown.until(lambda: len(focused) == 2)
    assert focused == ["Stop all", "Differences from"]


def test_a_vote_with_a_button_leaves_the_focus_to_what_comes_then_and_a_vote_in_a_line_takes_it_from_nobody(
    show: Any, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[str] = []
    monkeypatch.setattr(compare, "focus", lambda widget: focused.append(widget.description))
    shown = blindly(show, served, [says("One.")], [says("Two.")]).start().ended()
    press(labelled(shown.panel.strip, "Tie"))
    assert focused == ["Differences from"]
    other = blindly(show, served, [says("One.")], [says("Two.")]).start().ended()
    voting.vote(session.current(), other.comparison, voting.TIE)
    assert focused == ["Differences from"]
    session.current().votes.clear()

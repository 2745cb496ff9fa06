from __future__ import annotations

import getpass
import threading
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.messages import Message, Text
from byom_magics.session import Session
from byom_magics.widgets.controls import Controls
from byom_magics.widgets.same_question import SameQuestion
from tests.widgets.hands import labelled, none_left, press, shown
from tests.wire.answers import CHUNKED, GOOD, chunk, frame
from tests.wire.asking import eventually
from tests.wire.raw_server import PATIENCE, RawServer, hold

if TYPE_CHECKING:
    from collections.abc import Iterator


class Panel:
    def __init__(self) -> None:
        self.session = Session()
        self.session.register_builtin()
        self.controls = Controls(threading.RLock())
        self.dismissed = 0

    def ask(self, key: str) -> SameQuestion:
        spec = self.session.models[key]
        question = SameQuestion(self.controls, threading.RLock(), self.session, spec, self.dismiss)
        question.start()
        return question

    def dismiss(self) -> None:
        self.dismissed += 1


@pytest.fixture
def panel() -> Iterator[Panel]:
    with none_left():
        panel = Panel()
        yield panel
        panel.controls.close()
        panel.session.close()


@pytest.fixture
def server(panel: Panel) -> Iterator[RawServer]:
    with RawServer(GOOD) as server:
        panel.session.register("llama", url=server.url, model="m")
        yield server


def sent(server: RawServer) -> Any:
    return server.requests[-1].json


def test_what_was_asked_last_is_asked_with_its_options_and_the_reply_is_the_last_one(
    panel: Panel, server: RawServer
) -> None:
    panel.session.ask("demo/bigram", "The sky", temperature=0, max_tokens=5, system="Be brief.")
    before = panel.session.last_question
    question = panel.ask("llama")
    question.join(PATIENCE)
    assert "llama, asked the same: “The sky”" in shown(question.box)
    assert "Hello" in shown(question.box)
    assert "The reply is in _byom." in shown(question.box)
    assert (sent(server)["temperature"], sent(server)["max_tokens"]) == (0, 5)
    assert [each["content"] for each in sent(server)["messages"]] == ["Be brief.", "The sky"]
    assert panel.session.last_reply is not None
    assert panel.session.last_reply.model == "llama"
    assert panel.session.last_question is before
    assert labelled(question.box, "Stop the answer").disabled
    press(labelled(question.box, "Close the answer"))
    assert panel.dismissed == 1
    question.close()


def test_a_shape_that_is_sent_inside_of_an_object_is_shown_without_it_while_it_comes(panel: Panel) -> None:
    panel.session.ask("demo/pydoc", "Two numbers.", schema=list[int], extra_body={"tokens_per_second": 0})
    with RawServer([CHUNKED, frame(chunk('{"answer": [471, 12')), hold]) as server:
        panel.session.register("slow", url=server.url, model="m")
        question = panel.ask("slow")
        assert eventually(lambda: "471" in shown(question.box))
        assert "answer:" not in shown(question.box)
        question.stop()
        question.join(PATIENCE)
    question.close()


def test_what_another_model_cannot_take_along_is_left_out_and_said(panel: Panel, server: RawServer) -> None:
    def weather() -> str:
        """Tell the weather."""
        return "fine"

    panel.session.ask("demo/bigram", [Message("user", (Text("Hi"),))], conversation="trip", max_tokens=5)
    prompt, options, key = panel.session.last_question or ("", {}, "")
    panel.session.last_question = (prompt, {**options, "tools": (weather,), "place": ("a", 1)}, key)
    question = panel.ask("llama")
    question.join(PATIENCE)
    assert "without the conversation before it" in shown(question.box)
    assert "without its tools" in shown(question.box)
    assert "tools" not in sent(server)
    assert len(panel.session.conversations.of("demo/bigram", "trip")) == 1
    question.close()


def test_it_is_stopped_and_what_has_come_is_kept(panel: Panel) -> None:
    with RawServer([CHUNKED, frame(chunk("Half of")), hold]) as server:
        panel.session.register("slow", url=server.url, model="m")
        panel.session.ask("demo/bigram", "The sky", max_tokens=5)
        question = panel.ask("slow")
        server.wait_for_requests(1)
        press(labelled(question.box, "Stop the answer"))
        server.wait_for_hang_up()
        question.join(PATIENCE)
    assert "CANCELLED" in shown(question.box)
    question.close()


def test_closing_it_in_the_middle_hangs_up_and_leaves_nothing(panel: Panel) -> None:
    with RawServer([CHUNKED, frame(chunk("Half of")), hold]) as server:
        panel.session.register("slow", url=server.url, model="m")
        panel.session.ask("demo/bigram", "The sky", max_tokens=5)
        question = panel.ask("slow")
        server.wait_for_requests(1)
        question.close()
        question.close()
        server.wait_for_hang_up()
        question.join(PATIENCE)


def test_before_anything_was_asked_it_says_so(panel: Panel) -> None:
    question = panel.ask("demo/bigram")
    assert "Nothing was asked yet" in shown(question.box)
    question.join(PATIENCE)
    question.close()


def test_nobody_is_asked_for_a_key_in_a_panel(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _: pytest.fail("it asked"))
    panel.session.register("it", url="http://localhost:1/v1", model="m", api_key="ask")
    panel.session.ask("demo/bigram", "The sky", max_tokens=5)
    question = panel.ask("it")
    assert "%byom_rerun it" in shown(question.box)
    question.close()


def test_what_cannot_be_sent_is_told(panel: Panel) -> None:
    panel.session.register("it", url="http://localhost:1/v1", model="m", api_key="env:NOT_SET")
    panel.session.ask("demo/bigram", "The sky", max_tokens=5)
    question = panel.ask("it")
    question.join(PATIENCE)
    assert "NOT_SET" in shown(question.box)
    assert "The reply is in _byom." not in shown(question.box)
    question.close()

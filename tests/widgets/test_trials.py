from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from byom_magics.session import Session
from byom_magics.widgets import trials
from byom_magics.widgets.controls import Controls
from byom_magics.widgets.trials import Trials
from tests.widgets.hands import labelled, none_left, press, widgets
from tests.wire.raw_server import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byom_magics.catalog.spec import ModelSpec


class Panel:
    def __init__(self) -> None:
        self.session = Session()
        self.session.register_builtin()
        self.controls = Controls(threading.RLock())
        self.trials = Trials(self.controls, threading.RLock(), self.session, self.model)

    def model(self, key: str | None) -> ModelSpec | None:
        return None if key is None else self.session.models.get(key)

    def press(self, number: int) -> None:
        press(self.trials.buttons[number])
        self.trials.join(PATIENCE)


@pytest.fixture
def panel() -> Iterator[Panel]:
    with none_left():
        panel = Panel()
        yield panel
        panel.trials.close()
        panel.controls.close()
        panel.session.close()


def test_without_a_chosen_model_nothing_is_tried(panel: Panel) -> None:
    panel.press(0)
    panel.press(1)
    assert panel.trials.box.children == ()


def test_the_chosen_model_is_tested_and_asked_each_at_most_once(panel: Panel) -> None:
    panel.session.models.set_default("demo/bigram")
    panel.session.ask("demo/5gram", "The sky", max_tokens=5)
    panel.press(0)
    panel.press(1)
    assert len(panel.trials.box.children) == 2
    count = len(widgets())
    for _ in range(3):
        panel.press(0)
        panel.press(1)
    assert len(widgets()) == count
    press(labelled(panel.trials.box, "Close the test"))
    assert len(panel.trials.box.children) == 1
    press(labelled(panel.trials.box, "Close the answer"))
    assert panel.trials.box.children == ()


def test_a_trial_that_is_put_away_leaves_the_focus_to_its_button(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    focused: list[str] = []
    monkeypatch.setattr(trials, "focus", lambda widget: focused.append(widget.description))
    panel.session.models.set_default("demo/bigram")
    panel.session.ask("demo/5gram", "The sky", max_tokens=5)
    for number in (0, 1):
        panel.press(number)
        panel.press(number)
    assert focused == []
    for words in ("Close the test", "Close the answer"):
        press(labelled(panel.trials.box, words))
    assert focused == ["Test", "Ask it the same"]

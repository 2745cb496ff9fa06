from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.widgets.controls import Controls
from byom_magics.widgets.parameters import Parameters
from tests.widgets.hands import do, labelled, none_left, press, shown

if TYPE_CHECKING:
    from collections.abc import Iterator


class Panel:
    def __init__(self, chosen: dict[str, Any]) -> None:
        self.chosen = chosen
        self.controls = Controls(threading.RLock())
        self.parameters = Parameters(self.controls, self.chosen, lambda: None)
        press(self.parameters.fold.button)
        self.box = self.parameters.fold.box

    def set(self, words: str, value: str) -> None:
        do(labelled(self.box, words), value=value)


@pytest.fixture
def panel() -> Iterator[Panel]:
    with none_left():
        panel = Panel({})
        yield panel
        panel.controls.close()


def test_what_is_typed_is_chosen_and_said(panel: Panel) -> None:
    assert "Nothing is set" in shown(panel.box)
    panel.set("Temperature", "0.2")
    panel.set("Max tokens", "1k")
    panel.set("System", " Be brief.\n")
    assert panel.chosen == {"temperature": 0.2, "max_tokens": 1_000, "system": " Be brief.\n"}
    assert "temperature 0.2, at most 1,000 tokens, system message “Be brief.”" in shown(panel.box)
    panel.set("Temperature", "")
    panel.set("System", "  ")
    assert panel.chosen == {"max_tokens": 1_000}


def test_what_cannot_be_used_is_told_and_not_chosen(panel: Panel) -> None:
    panel.set("Temperature", "0.2")
    panel.set("Temperature", "0.2x")
    assert panel.chosen == {}
    assert "The temperature cannot be '0.2x'." in shown(panel.box)
    assert labelled(panel.box, "Temperature").value == "0.2x"
    panel.set("Temperature", "3")
    assert "from 0 to 2" in shown(panel.box)
    panel.set("Max tokens", "0")
    assert "The number of tokens cannot be 0." in shown(panel.box)


def test_reset_leaves_all_to_the_model_and_other_options_alone() -> None:
    with none_left():
        panel = Panel({"temperature": 1.0, "seed": 3})
        assert labelled(panel.box, "Temperature").value == "1"
        press(labelled(panel.box, "Reset parameters"))
        assert panel.chosen == {"seed": 3}
        assert labelled(panel.box, "Temperature").value == ""
        panel.controls.close()


def test_what_another_picker_set_is_shown_and_what_is_half_typed_stays(panel: Panel) -> None:
    panel.chosen["temperature"] = 0.5
    panel.parameters.refresh()
    assert labelled(panel.box, "Temperature").value == "0.5"
    panel.set("Temperature", "0.50")
    panel.parameters.refresh()
    assert labelled(panel.box, "Temperature").value == "0.50"
    assert panel.chosen == {"temperature": 0.5}


def test_it_can_be_refreshed_before_it_was_opened() -> None:
    controls = Controls(threading.RLock())
    parameters = Parameters(controls, {"temperature": 1.0}, lambda: None)
    parameters.refresh()
    controls.close()

from __future__ import annotations

import threading
from typing import Any

import ipywidgets
import pytest

from byom_magics.widgets.controls import Controls
from tests.widgets.hands import do, none_left, press, widgets

LABELS = ("one", "two", "three", "four", "five", "six", "seven")


class Lock:
    """Knows whether it is held."""

    def __init__(self) -> None:
        self.held = False

    def __enter__(self) -> None:
        self.held = True

    def __exit__(self, *_: object) -> None:
        self.held = False


def all_kinds(controls: Controls, heard: Any) -> list[Any]:
    return [
        controls.text("one", heard, hint="a hint"),
        controls.reference("two", heard),
        controls.lines("three", heard),
        controls.suggesting("four", heard, ["a", "b"]),
        controls.switch("five", heard),
        controls.choice("six", heard, ["a", "b"]),
        controls.button("seven", heard, tip="what it does"),
    ]


def test_every_control_has_a_label_and_all_are_closed_together() -> None:
    with none_left():
        controls = Controls(threading.RLock())
        made = all_kinds(controls, lambda: None)
        assert [each.description for each in made] == list(LABELS)
        controls.close()
        assert [each.comm for each in made] == [None] * len(made)


def test_what_a_person_does_is_heard_under_the_lock() -> None:
    lock, heard = Lock(), []
    controls = Controls(lock)
    made = all_kinds(controls, lambda: heard.append(lock.held))
    for widget, value in zip(made, ("x", "env:X", "x", "x", True, "b"), strict=False):
        do(widget, **({"index": 1} if widget.description == "six" else {"value": value}))
    press(made[-1])
    assert heard == [True] * 7
    controls.close()


def test_enter_is_heard_without_the_lock() -> None:
    lock, heard = Lock(), []
    controls = Controls(lock)
    box = controls.text("one", lambda: None, entered=lambda: heard.append(lock.held))
    box._handle_msg({"content": {"data": {"method": "custom", "content": {"event": "submit"}}}, "buffers": []})
    assert heard == [False]
    controls.close()


def test_fields_of_a_kind_share_their_looks() -> None:
    controls = Controls(threading.RLock())
    controls.text("one", lambda: None)
    before = len(widgets())
    for _ in range(10):
        controls.text("one", lambda: None)
    assert len(widgets()) == before + 10
    controls.close()


@pytest.mark.skipif(int(ipywidgets.__version__.partition(".")[0]) < 8, reason="ipywidgets 7 echoes nothing")
def test_what_is_typed_where_a_key_may_be_pasted_is_told_to_no_other_front_end_and_to_the_kernel_once() -> None:
    controls = Controls(threading.RLock())
    box = controls.reference("two", lambda: None)
    assert box.trait_metadata("value", "echo_update") is False
    assert box.continuous_update is False
    controls.close()

from __future__ import annotations

import getpass
import threading
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.session import Session
from byom_magics.widgets import examination as examination_module
from byom_magics.widgets.controls import Controls
from byom_magics.widgets.examination import Examination
from tests.checking import model_server
from tests.widgets.hands import labelled, none_left, press, shown
from tests.wire.raw_server import PATIENCE, RawServer, hold

if TYPE_CHECKING:
    from collections.abc import Iterator


class Panel:
    def __init__(self) -> None:
        self.session = Session()
        self.controls = Controls(threading.RLock())
        self.dismissed = 0

    def examine(self, url: str, **described: Any) -> Examination:
        spec = self.session.register("it", url=url, model="m", **described)
        return Examination(self.controls, threading.RLock(), self.session, spec, self.dismiss)

    def dismiss(self) -> None:
        self.dismissed += 1


@pytest.fixture
def panel() -> Iterator[Panel]:
    with none_left():
        panel = Panel()
        yield panel
        panel.controls.close()
        panel.session.close()


def test_every_step_of_the_doctor_is_shown(panel: Panel) -> None:
    with model_server() as server:
        examination = panel.examine(server.url)
        examination.start()
        examination.join(PATIENCE)
        said = shown(examination.box)
    assert "All is well: %%byom it" in said
    for step in ("address", "model list", "answer", "usage", "tools"):
        assert step in said
    assert labelled(examination.box, "Stop the test").disabled
    press(labelled(examination.box, "Close the test"))
    assert panel.dismissed == 1


def test_a_step_that_fails_says_what_to_do_next(panel: Panel) -> None:
    examination = panel.examine("http://127.0.0.1:9/v1")
    examination.start()
    examination.join(PATIENCE)
    assert "it cannot be asked as it stands" in shown(examination.box)
    assert "Next:" in shown(examination.box)


def test_stopping_hangs_up_and_says_that_the_rest_is_not_known(panel: Panel) -> None:
    with RawServer([hold]) as server:
        examination = panel.examine(server.url)
        examination.start()
        assert "Examining it" in shown(examination.box)
        server.wait_for_requests(1)
        press(labelled(examination.box, "Stop the test"))
        server.wait_for_hang_up()
        examination.join(PATIENCE)
    assert "Stopped after" in shown(examination.box)


def test_closing_it_in_the_middle_hangs_up_and_leaves_nothing(panel: Panel) -> None:
    with RawServer([hold]) as server:
        examination = panel.examine(server.url)
        examination.start()
        server.wait_for_requests(1)
        made = list(panel.controls._made.values())
        examination.close()
        server.wait_for_hang_up()
        examination.join(PATIENCE)
    assert all(each.comm is None for each in made)


def test_nobody_is_asked_for_a_key_in_a_panel(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _: pytest.fail("it asked"))
    examination = panel.examine("http://localhost:1/v1", api_key="ask")
    examination.start()
    examination.join(PATIENCE)
    assert "run %byom_doctor it in a cell" in shown(examination.box)
    assert labelled(examination.box, "Stop the test").disabled


def test_a_fault_of_ours_is_told_too(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        message = "broken"
        raise TypeError(message)

    monkeypatch.setattr(examination_module, "Checkup", broken)
    examination = panel.examine("http://localhost:1/v1")
    examination.start()
    examination.join(PATIENCE)
    assert "TypeError: broken" in shown(examination.box)
    assert "run %byom_doctor it in a cell" in shown(examination.box)

from __future__ import annotations

import threading
from typing import Any

import ipywidgets

from byom_magics.widgets.chat_parts import ChatParts, focus_when_shown
from tests.widgets.chatting import PATIENCE_S, front_end


def test_what_a_button_does_is_done_one_at_a_time() -> None:
    parts = ChatParts()
    inside: list[int] = []
    most: list[int] = []

    def press() -> None:
        inside.append(1)
        most.append(len(inside))
        inside.pop()

    button = parts.button("Go", press)
    threads = [threading.Thread(target=button.click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert most == [1] * 20


def test_after_the_end_nothing_is_done() -> None:
    parts = ChatParts()
    done: list[str] = []
    button, call = parts.button("Go", lambda: done.append("button")), parts.guarded(lambda: done.append("call"))
    parts.close()
    button.click()
    call()
    assert done == []
    assert parts.closed


def test_the_focus_is_put_into_a_widget_once_a_front_end_shows_it(monkeypatch: Any) -> None:
    sent: list[object] = []
    monkeypatch.setattr(ipywidgets.Text, "focus", lambda widget: sent.append(widget), raising=False)  # noqa: PLW0108 - a method
    box = ipywidgets.Text()
    focus_when_shown(box)
    assert sent == []
    front_end(box, _view_count=1)
    front_end(box, _view_count=0)
    front_end(box, _view_count=1)
    assert sent == [box]
    box.close()

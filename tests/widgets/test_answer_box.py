from __future__ import annotations

from typing import Any

import ipywidgets
import pytest

from byom_magics.events import Reply, State, TextDelta
from byom_magics.widgets import answer_box
from byom_magics.widgets.answer_box import AnswerBox


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(answer_box, "time", clock)
    return clock


def written(box: AnswerBox, clock: Clock, *texts: str) -> None:
    for text in texts:
        clock.now += 1
        box.event(TextDelta(text))
        box.tick()


def shown(box: AnswerBox) -> str:
    return "".join(piece.value for piece in box.box.children)


def test_what_comes_is_shown_and_the_end_is_one_document(clock: Clock) -> None:
    box = AnswerBox("llama", "http://localhost:1/v1")
    box.tick()
    assert "llama" in shown(box)
    written(box, clock, "It is **so**")
    assert "<strong>so</strong>" in shown(box)
    box.finish(Reply("It is **so**", state=State.COMPLETE, model="llama"))
    assert len(box.box.children) == 1
    assert "llama · complete" in shown(box)
    box.close()


def test_only_the_last_piece_is_painted_again(clock: Clock) -> None:
    box = AnswerBox("llama", "")
    written(box, clock, *(f"Paragraph {number}, which is a little longer than a line.\n\n" for number in range(100)))
    first = box.box.children[0]
    told: list[Any] = []
    first.observe(told.append, "value")
    written(box, clock, *(f"More of it, {number}.\n\n" for number in range(100)))
    assert len(box.box.children) > 2
    assert not told
    assert "Paragraph 0," in first.value
    box.close()


def test_screen_readers_wait_for_a_piece_until_it_is_settled(clock: Clock) -> None:
    box = AnswerBox("llama", "")
    written(box, clock, *(f"Paragraph {number}, which is a little longer than a line.\n\n" for number in range(100)))
    *settled, last = (piece.value for piece in box.box.children)
    assert settled
    assert all('aria-live="polite"' in each and 'aria-busy="false"' in each for each in settled)
    assert 'aria-live="polite" aria-busy="true"' in last
    box.close()


def test_text_that_was_reasoning_is_taken_back(clock: Clock) -> None:
    from byom_magics.events import Reclassified

    box = AnswerBox("llama", "")
    written(box, clock, *(f"Thought {number}, which is a little longer than a line.\n\n" for number in range(100)))
    box.event(Reclassified())
    written(box, clock, "The answer.")
    assert "The answer." in shown(box)
    box.finish(Reply("The answer.", state=State.COMPLETE, model="llama"))
    assert "Thought 3," not in shown(box)
    box.close()


def test_nothing_is_left_open_and_nothing_is_shown_after_closing(clock: Clock) -> None:
    before = open_widgets()
    box = AnswerBox("llama", "")
    written(box, clock, *(f"Paragraph {number}, which is a little longer than a line.\n\n" for number in range(200)))
    assert len(open_widgets()) > len(before)
    box.close()
    box.close()
    box.finish(Reply("All.", state=State.COMPLETE, model="llama"))
    assert open_widgets() == before


def open_widgets() -> set[str]:
    from ipywidgets.widgets import widget

    known = getattr(widget, "_instances", None)
    return set(ipywidgets.Widget.widgets if known is None else known)

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest

from byom_magics.events import Reply, State, TextDelta
from byom_magics.widgets import answer_box
from byom_magics.widgets.answer_box import AnswerBox
from byom_magics.widgets.spoken import Spoken
from tests.widgets.hands import heard


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


def pieces(box: AnswerBox) -> list[Any]:
    return [each for each in box.box.children if "aria-busy" in each.value]


def shown(box: AnswerBox) -> str:
    return "".join(piece.value for piece in pieces(box))


def test_what_comes_is_shown_and_the_end_is_one_document(clock: Clock) -> None:
    box = AnswerBox("llama", "http://localhost:1/v1")
    box.tick()
    assert "llama" in shown(box)
    written(box, clock, "It is **so**")
    assert "<strong>so</strong>" in shown(box)
    box.finish(Reply("It is **so**", state=State.COMPLETE, model="llama"))
    assert len(pieces(box)) == 1
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


def test_a_piece_is_marked_as_busy_until_it_is_settled(clock: Clock) -> None:
    box = AnswerBox("llama", "")
    written(box, clock, *(f"Paragraph {number}, which is a little longer than a line.\n\n" for number in range(100)))
    *settled, last = (piece.value for piece in pieces(box))
    assert settled
    assert all('aria-busy="false"' in each for each in settled)
    assert 'aria-busy="true"' in last
    assert not any("aria-live" in each for each in (*settled, last))
    box.close()


def test_screen_readers_are_told_each_sentence_once_and_not_the_answer_anew(clock: Clock) -> None:
    box = AnswerBox("llama", "", said_by="llama")
    told: list[str] = []
    box.box.children[-1].observe(lambda change: told.extend(heard(box.box)), "value")
    written(box, clock, "It is", " **so**. And", " not otherwise.")
    box.finish(Reply("It is **so**. And not otherwise.", state=State.COMPLETE, model="llama"))
    assert told == ["llama: It is so .", "llama: And not otherwise. (complete)"]
    box.close()


def test_one_that_is_given_tells_it_and_is_not_closed(clock: Clock) -> None:
    spoken = Spoken()
    box = AnswerBox("llama", "", spoken=spoken)
    written(box, clock, "So it is.\n")
    assert heard(spoken.box) == ["So it is."]
    assert spoken.box not in box.box.children
    box.close()
    assert spoken.box.comm is not None
    spoken.close()


def test_text_that_was_reasoning_is_taken_back(clock: Clock) -> None:
    from byom_magics.events import Reclassified

    box = AnswerBox("llama", "")
    written(box, clock, *(f"Thought {number}, which is a little longer than a line.\n\n" for number in range(100)))
    box.event(Reclassified())
    written(box, clock, "The answer.")
    assert "The answer." in shown(box)
    box.finish(Reply("The answer.", state=State.COMPLETE, model="llama"))
    assert "Thought 3," not in shown(box)
    assert heard(box.box) == ["The answer. (complete)"]
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


def test_how_it_ended_is_said_with_the_last_words_and_is_no_alarm(clock: Clock) -> None:
    box = AnswerBox("llama", "", said_by="llama")
    written(box, clock, "Half a sen")
    box.finish(Reply("Half a sen", state=State.LENGTH, model="llama"))
    assert heard(box.box) == ["llama: Half a sen (length)"]
    assert "CUT OFF" in shown(box)
    assert 'role="alert"' not in shown(box)
    box.close()

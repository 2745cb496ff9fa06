from __future__ import annotations

from typing import Any

import pytest

from byom_magics.errors import ByomError
from byom_magics.widgets.chat_drawer import adopting, copying
from byom_magics.widgets.chat_parts import ChatParts
from tests.widgets.chatting import enter, front_end, parts, press, shown


def box(made: Any, kind: str) -> Any:
    return next(each for each in parts(made) if type(each).__name__ == kind)


def adopt(name: str) -> str:
    if name == "1st":
        raise ByomError("That is no name.", hint="take another")
    return f"{name} it is."


def test_the_source_can_be_selected_and_the_way_to_copy_it_is_told() -> None:
    made = copying(ChatParts(), "**so** it is")
    assert box(made, "Textarea").value == "**so** it is"
    assert not box(made, "Textarea").disabled
    assert "cannot reach the clipboard" in shown(made)


@pytest.mark.parametrize("how", ["button", "enter"])
def test_an_answer_is_adopted_under_the_name_that_was_typed(how: str) -> None:
    made = adopting(ChatParts(), adopt)
    assert box(made, "Text").value == "answer"
    front_end(box(made, "Text"), value="poem ")
    if how == "enter":
        enter(box(made, "Text"))
    else:
        press(made, "Adopt")
    assert "poem it is." in shown(made)


def test_a_name_that_is_none_is_told_with_what_to_do() -> None:
    made = adopting(ChatParts(), adopt)
    front_end(box(made, "Text"), value="1st")
    press(made, "Adopt")
    assert "⚠ That is no name. take another" in shown(made)


def test_the_focus_goes_into_the_box_when_a_front_end_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = copying(ChatParts(), "so")
    sent: list[Any] = []
    monkeypatch.setattr(type(box(made, "Textarea")), "focus", lambda widget: sent.append(widget), raising=False)  # noqa: PLW0108 - a method
    assert sent == []
    front_end(box(made, "Textarea"), _view_count=1)
    front_end(box(made, "Textarea"), _view_count=2)
    assert sent == [box(made, "Textarea")]

from __future__ import annotations

import ipywidgets
import pytest

from byom_magics.widgets.parts import Parts, focus, reach_by_keyboard
from tests.widgets.hands import do, none_left, press, widgets


def test_a_button_does_what_it_says() -> None:
    pressed: list[int] = []
    parts = Parts()
    button = parts.button("Stop", lambda: pressed.append(1), tip="Hang up")
    press(button)
    assert pressed == [1]
    assert (button.description, button.tooltip) == ("Stop", "Hang up")
    parts.close()


def test_a_box_has_its_classes_and_what_is_in_it() -> None:
    parts = Parts()
    inside = parts.html("<b>x</b>")
    box = parts.box([inside], "byom-a byom-b")
    assert box.children == (inside,)
    assert {"byom-a", "byom-b"} <= set(box._dom_classes)
    parts.close()


def test_formulas_are_set_only_where_that_is_asked_for() -> None:
    parts = Parts()
    assert not isinstance(parts.html("x"), ipywidgets.HTMLMath)
    assert isinstance(parts.html("x", math=True), ipywidgets.HTMLMath)
    parts.close()


def test_widgets_of_a_kind_share_their_looks() -> None:
    before = set(widgets())
    parts = Parts()
    several = [parts.button(str(number), lambda: None) for number in range(5)]
    several += [parts.html(str(number)) for number in range(5)]
    several += [parts.box([]) for _ in range(5)]
    assert len({each.layout.model_id for each in several}) == 3
    assert len(set(widgets()) - before) == 15 + 3 + 2  # a layout for each kind, a style for buttons and one for HTML
    parts.close()


@pytest.mark.parametrize("reversed_", [False, True])
def test_all_are_closed_together_their_looks_too(*, reversed_: bool) -> None:
    with none_left():
        parts = Parts()
        made = [parts.html("x"), parts.button("Stop", lambda: None), parts.own(ipywidgets.Text("x"))]
        box = parts.box(made[::-1] if reversed_ else made)
        assert len(parts) == 4
        parts.close()
        parts.close()
    assert len(parts) == 0
    assert box.comm is None


def test_what_is_dropped_is_closed_with_all_that_is_in_it_and_the_rest_stays() -> None:
    with none_left():
        parts = Parts()
        inner = parts.box([parts.html("x"), parts.own(ipywidgets.Text("x", layout=ipywidgets.Layout(width="9em")))])
        outer, other = parts.box([inner, parts.button("Stop", lambda: None)]), parts.html("stays")
        parts.drop(outer)
        assert len(parts) == 1
        assert inner.comm is None
        assert other.comm is not None
        other.value = "and is still shown"
        parts.drop(outer, inner)  # again
        parts.close()


def test_a_widget_that_was_made_elsewhere_may_share_its_looks() -> None:
    with none_left():
        parts = Parts()
        first = parts.html("x")
        parts.own(ipywidgets.HTML("y", layout=first.layout, style=first.style))
        parts.close()


def test_what_a_person_types_is_heard() -> None:
    parts = Parts()
    typed = parts.own(ipywidgets.Text())
    do(typed, value="answer")
    assert typed.value == "answer"
    parts.close()


def test_asking_for_the_focus_is_no_error_anywhere() -> None:
    parts = Parts()
    focus(parts.button("Stop", lambda: None))
    focus(object())
    parts.close()


def test_tab_leads_to_what_scrolls_where_widgets_can_say_so() -> None:
    parts = Parts()
    box = parts.box([])
    reach_by_keyboard(box)
    assert getattr(box, "tabbable", True)
    parts.close()

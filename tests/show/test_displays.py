from __future__ import annotations

from byom_magics.show.displays import Display, Paint, Part, put


def test_a_display_is_shown_once_and_then_updated_when_it_changes() -> None:
    display = Display(7)
    assert list(put(display, "a")) == [Paint("show", 7, "a")]
    assert list(put(display, "a")) == []
    assert list(put(display, "b")) == [Paint("update", 7, "b")]
    assert list(put(display, "b", "text")) == [Paint("update", 7, "b", "text")]


def test_a_display_is_the_sum_of_its_parts() -> None:
    display = Display(1, [Part("a ", "<p>a</p>"), Part("b\n", "<p>b</p>")])
    assert display.plain == "a b"


def test_what_is_ours_stands_outside_of_what_the_model_wrote() -> None:
    display = Display(1, [Part("a\n\n", "A"), Part("[tool]\n", "T", ours=True), Part("b", "B")])
    assert display.plain == "a\n\n[tool]\n\nb"
    assert display.body.count("overflow-x") == 2
    assert ">A</div>\nT<div" in display.body


def test_parts_of_a_display_are_one_document() -> None:
    display = Display(1, [Part("a ", "<p>a</p>"), Part("b\n", "<p>b</p>")])
    assert "<p>a</p><p>b</p>" in display.html

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
    assert "<p>a</p><p>b</p>" in display.html

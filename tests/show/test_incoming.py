from __future__ import annotations

import pytest

from byom_magics.show.incoming import Incoming
from tests.show.safe import text_of


@pytest.mark.parametrize("size", [1, 7, 5_000])
def test_what_is_settled_and_what_is_left_are_the_text(size: int) -> None:
    text = "".join(f"Line {number} of it.\n\n" for number in range(200))
    incoming, settled = Incoming("markdown"), ""
    for at in range(0, len(text), size):
        assert not incoming.feed(text[at : at + size])
        settled += "".join(part.source for part in incoming.settle(1_300))
    assert len(settled) > len(text) / 2
    assert settled + "".join(part.source for part in incoming.close()) == text
    assert incoming.text == text
    assert incoming.html() == ""


def test_what_is_left_is_rendered_and_hides_nothing() -> None:
    incoming = Incoming("markdown")
    incoming.feed("**bold**\x1b")
    assert "<strong>bold</strong>" in incoming.html()
    assert text_of(incoming.html()).strip() == "bold\\x1b"


def test_code_makes_the_prose_before_it_void() -> None:
    incoming = Incoming("code")
    assert not incoming.feed("Sure:\n")
    assert incoming.feed("```python\nx = 1\n")
    assert text_of(incoming.html()).strip() == "x = 1"


def test_white_space_alone_is_not_settled() -> None:
    incoming = Incoming("markdown")
    incoming.feed(" \n\n")
    assert incoming.close() == []


def test_text_after_a_close_begins_anew() -> None:
    incoming = Incoming("markdown")
    incoming.feed("```\nx = 1\n")
    assert "<pre" in incoming.close()[0].html
    incoming.feed("**bold**")
    assert "<strong>" in incoming.html()

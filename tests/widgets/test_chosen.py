from __future__ import annotations

from byom_magics.widgets.chosen import beside, words


def test_what_stands_on_the_line_wins() -> None:
    chosen = {"temperature": 0.2, "max_tokens": 500, "system": None}
    assert beside({"temperature": 1.0}, chosen) == {"max_tokens": 500}
    assert beside({"temperature": None}, chosen) == {"max_tokens": 500}


def test_it_is_said_in_words() -> None:
    assert words({}) == ""
    assert words({"temperature": 0.0, "max_tokens": 1_500}) == "temperature 0, at most 1,500 tokens"
    assert words({"system": "Be\nbrief. \u202e" + "x" * 100}).startswith("system message “Be brief. \\u202exxx")
    assert len(words({"system": "x" * 1_000})) < 90
    assert words({"seed": 3}) == "seed 3"

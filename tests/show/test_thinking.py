from __future__ import annotations

from byom_magics.show.thinking import Thinking, reasoning_html, tokens_words
from tests.show.safe import text_of


def test_tokens_are_those_of_the_server_or_about_as_many_as_the_length_tells() -> None:
    assert tokens_words(400, 3_400) == "3,400 tokens"
    assert tokens_words(13_597, None) == "about 3,400 tokens"
    assert tokens_words(2, 0) == "about 1 token"


def test_the_fold_tells_time_and_tokens() -> None:
    assert reasoning_html("") == ""
    assert text_of(reasoning_html("<b>hmm", 12.3, 3_400)) == "Reasoning · 12 s · 3,400 tokens<b>hmm\n"


def test_the_fold_is_painted_when_it_has_grown_enough_or_is_done() -> None:
    thinking = Thinking()
    assert thinking.html() is None
    thinking.add("hmm")
    assert thinking.html() is not None
    assert thinking.html() is None
    thinking.add("x" * 100)
    assert thinking.html() is None
    thinking.add("x" * 1_300)
    assert thinking.html() is not None
    thinking.add("y")
    thinking.active = False
    assert (thinking.html() or "").count("y") > 0
    assert thinking.html() is None


def test_what_led_to_a_void_answer_is_forgotten_and_its_time_was_spent() -> None:
    thinking = Thinking()
    thinking.heard(1.0)
    thinking.add("kept")
    thinking.mark()
    thinking.heard(4.0)
    thinking.add(" and void")
    assert "void" in (thinking.html() or "")
    thinking.rewind()
    assert text_of(thinking.html() or "") == "Reasoning · 3 s · about 1 tokenkept\n"


def test_a_fold_without_reasoning_is_taken_away() -> None:
    thinking = Thinking()
    thinking.add("void")
    thinking.html()
    thinking.rewind()
    assert thinking.html() == ""
    assert thinking.html() is None


def test_reasoning_is_kept_as_far_as_it_is_shown_and_counted_whole() -> None:
    thinking = Thinking()
    for _ in range(50):
        thinking.add("x" * 1_000_000)
    assert thinking.size == 50_000_000
    assert len(thinking.html() or "") < 210_000
    assert thinking.line() == f"Thinking… 0 s · about 12,500,000 tokens · …{'x' * 120}"

from __future__ import annotations

from byom_magics.talk.described import Misfit, words_of


class Silent(Exception):  # noqa: N818 - a fault of the person's own
    def __str__(self) -> str:
        raise RuntimeError


def test_a_misfit_says_each_problem_on_a_line() -> None:
    assert str(Misfit(("at a: x", "at b: y"))) == "at a: x\nat b: y"


def test_the_words_of_an_error_are_bounded_and_visible() -> None:
    assert words_of(ValueError("no\x1b")) == r"no\x1b"
    assert words_of(ValueError()) == "ValueError"
    assert words_of(Silent()) == "Silent"
    assert len(words_of(ValueError("x" * 1_000_000))) < 350

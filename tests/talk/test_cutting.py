from __future__ import annotations

from byom_magics.talk.cutting import cut_end, cut_middle, left_out


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert cut_end("abc", 3) == ("abc", 0)
    assert cut_middle("abc", 3) == ("abc", 0)


def test_what_is_too_long_says_how_much_is_missing() -> None:
    text, missing = cut_end("x" * 1_500, 500)
    assert missing == 1_000
    assert text.startswith("x" * 500)
    assert "1,000 more characters were left out" in text


def test_of_two_ends_both_stay() -> None:
    text, missing = cut_middle("a" * 500 + "b" * 500, 100)
    assert missing == 900
    assert text.startswith("a" * 40)
    assert text.endswith("b" * 60)


def test_one_character_is_one() -> None:
    assert left_out(1) == "1 more character was left out"
    assert left_out(2, at_least=True) == "more than 2 more characters were left out"

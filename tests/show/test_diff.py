from __future__ import annotations

import re

from byom_magics.show.diff import diff_html, diff_plain
from tests.show.safe import read

BEFORE = "prices = ['1', '2']\ntotal = sum(prices)\nprint(total)\n"
AFTER = "prices = ['1', '2']\ntotal = sum(map(int, prices))\nprint(total)\n"


def test_what_goes_and_what_comes_have_their_signs() -> None:
    assert diff_plain(BEFORE, AFTER) == (
        "  prices = ['1', '2']\n- total = sum(prices)\n+ total = sum(map(int, prices))\n  print(total)"
    )
    text = re.sub(r"<[^>]*>", "", diff_html(BEFORE, AFTER))
    assert "- total = sum(prices)+ total = sum(map(int, prices))" in text


def test_equal_texts_say_so() -> None:
    assert "the same" in diff_plain(BEFORE, BEFORE)
    assert "the same" in diff_html(BEFORE, BEFORE)


def test_lines_far_from_any_difference_are_left_out() -> None:
    before = "\n".join(f"line {number}" for number in range(100))
    shown = diff_plain(before, before.replace("line 5\n", "changed\n").replace("line 90", "changed too"))
    assert "line 50" not in shown
    assert "⋯" in shown
    assert shown.count("changed") == 2


def test_sec_01_nothing_of_a_proposal_becomes_markup() -> None:
    hostile = "<script>alert(1)</script>\n</pre><img src=x onerror=alert(1)>\n\x1b[2J\u202e"
    html = diff_html("a", hostile)
    read(html)
    assert "<script" not in html
    assert "\x1b" not in diff_plain("a", hostile)


def test_a_proposal_without_end_is_bounded() -> None:
    assert len(diff_html("a", "x" * 1_000_000)) < 10_000
    assert len(diff_plain("a\n" * 30_000, "b\n" * 30_000)) < 200_000


def test_a_large_proposal_shows_so_much_and_says_how_much_more_there_is() -> None:
    large = ("x" * 1_999 + "\n") * 9_000
    assert len(diff_html("a", large)) < 300_000
    assert "17,802,000 more characters" in diff_plain("a", large)


def test_a_difference_that_is_not_shown_is_never_called_the_same() -> None:
    same = "a\n" * 10_001
    assert "the same" not in diff_plain(same, same + "b")
    assert "the same" in diff_plain(same, same)


def test_a_character_that_only_unicode_takes_for_a_line_end_stays_in_its_line() -> None:
    assert len(diff_plain("x", "a\u2028b").split("\n")) == 2

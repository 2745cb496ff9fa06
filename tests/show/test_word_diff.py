from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from byom_magics.show.word_diff import Piece, count_words, overlap, word_diff, word_diff_html, word_diff_plain
from tests.show.safe import read, text_of

WORDS = st.lists(
    st.sampled_from(["red", "blue", "a", ".", " ", "  ", "\n", "苹", "x=1", "👩‍👩‍👧", "\u202e", "<b>"]), max_size=40
)
TEXTS = st.one_of(st.text(max_size=60), WORDS.map("".join), WORDS.map(" ".join))


def plain(old: str, new: str) -> str:
    return word_diff_plain(word_diff(old, new))


@given(TEXTS, TEXTS)
@example("a", "a ")
@example("a\n\nb", "a b")
@example("", "x")
def test_both_texts_can_be_read_from_the_pieces(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new
    assert all(piece.text for piece in pieces)
    kinds = [piece.kind for piece in pieces]
    assert all(left != right for left, right in pairwise(kinds))
    assert ("new", "gone") not in set(pairwise(kinds))


def test_words_that_differ_are_marked_and_the_rest_is_left_alone() -> None:
    assert plain("The red house is big.", "The blue house is very big.") == (
        "The [-red-]{+blue+} house is {+very +}big."
    )


def test_equal_texts_are_one_piece() -> None:
    assert word_diff("same", "same") == (Piece("same", "same"),)
    assert word_diff("", "") == ()


def test_changed_words_next_to_each_other_are_one_change() -> None:
    assert plain("one two three four", "one 2 3 four") == "one [-two three-]{+2 3+} four"


def test_a_small_word_between_large_changes_is_no_island() -> None:
    assert plain("Lists hold several items and grow", "Dictionaries remember their keys and values forever") == (
        "[-Lists hold several items and grow-]{+Dictionaries remember their keys and values forever+}"
    )


def test_lines_are_set_against_lines() -> None:
    assert plain("1. lists of things\n2. sorted", "1. sets with members\n2. hashed") == (
        "1. [-lists of things-]{+sets with members+}\n2. [-sorted-]{+hashed+}"
    )


def test_code_is_compared_name_by_name() -> None:
    assert plain("def f(a_b, c):\n    return a_b + c\n", "def g(a_b, c):\n    return a_b - c\n") == (
        "def [-f-]{+g+}(a_b, c):\n    return a_b [-+-]{+-+} c\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("我喜欢吃苹果", "我不喜欢吃香蕉", "我{+不+}喜欢吃[-苹果-]{+香蕉+}"),
        ("แมวกินปลา", "แมวชอบปลา", "แมว[-กิน-]{+ชอบ+}ปลา"),
        ("नमस्ते दुनिया", "नमस्ते भारत", "नमस्ते [-दुनिया-]{+भारत+}"),
        ("it costs 3.14 now", "it costs 3.15 now", "it costs [-3.14-]{+3.15+} now"),
        ("I don't know", "I can't know", "I [-don't-]{+can't+} know"),
        ("well 👩‍👩‍👧 done", "well 👩‍👩‍👦 done", "well [-👩‍👩‍👧-]{+👩‍👩‍👦+} done"),
    ],
)
def test_a_word_is_what_a_reader_of_the_script_takes_for_one(old: str, new: str, said: str) -> None:
    assert plain(old, new) == said


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one two", 2), ("a, b. -- 3!", 3), ("don't", 1), ("snake_case(x)", 2), ("我喜欢", 3), ("* \n#", 0)],
)
def test_words_are_counted_and_signs_are_not(text: str, words: int) -> None:
    assert count_words(text) == words


def test_how_much_two_texts_have_in_common_is_told_in_words() -> None:
    common = overlap(word_diff("The red house, here.", "The blue old house, here."))
    assert (common.same, common.gone, common.new) == (3, 1, 2)
    assert common.share == 6 / 9
    assert overlap(word_diff("", "")).share == 1


def test_sec_01_nothing_of_a_text_becomes_markup() -> None:
    hostile = "</ins></pre></section><script>alert(1)</script> \x1b[2J \u202e <img src=x onerror=alert(1)>"
    for pieces in (word_diff("a", hostile), word_diff(hostile, "a"), word_diff(hostile, f"{hostile} b")):
        html = word_diff_html(pieces)
        read(html)
        assert "<script" not in html
        assert "<img" not in html
        assert not set(html + word_diff_plain(pieces)) & set("\x1b\u202e")


def test_what_differs_is_told_by_elements_and_lines_and_not_by_colour_alone() -> None:
    html = word_diff_html(word_diff("a red b", "a blue b"))
    assert '<del style="background:var(--gone);text-decoration:line-through">red</del>' in html
    assert '<ins style="background:var(--new);text-decoration:underline">blue</ins>' in html


def test_a_line_break_that_came_or_went_is_seen() -> None:
    assert "↵" in text_of(word_diff_html(word_diff("a b", "a\nb")))
    assert "↵" not in text_of(word_diff_html(word_diff("a\nb", "a\nc")))


def test_texts_without_a_word_in_common_are_two_pieces_however_long() -> None:
    old, new = (" ".join(f"{letter}{number}" for number in range(100_000)) for letter in "ab")
    assert [piece.kind for piece in word_diff(old, new)] == ["gone", "new"]


def test_of_very_many_changes_the_first_are_shown_one_by_one_and_the_rest_as_one() -> None:
    old = " ".join(f"word{number} x" for number in range(20_000))
    new = " ".join(f"word{number} y" for number in range(20_000))
    pieces = word_diff(old, new)
    assert len(pieces) > 50_000
    html = word_diff_html(pieces)
    assert html.count("<ins") < 2_000
    assert "word19999 y" in html
    assert "word19999 x" in word_diff_plain(pieces)

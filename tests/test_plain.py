from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.plain import VisibleStream, bounded, one_line, visible

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x1bP+q\x1b\\", r"\x1bP+q\x1b" + "\\"),
        ("\x9b31m", r"\x9b31m"),
        ("a\x00b\x7f", r"a\x00b\x7f"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("hi\U000e0041\U000e0042", r"hi\U000e0041\U000e0042"),
        ("a\U000e0100", r"a\U000e0100"),
        ("pay\u200bpal", r"pay\u200bpal"),
        ("a\u200db", r"a\u200db"),
        ("\ufe0f", r"\ufe0f"),
        ("☺\ufe0f\ufe01\ufe02", "☺\ufe0f" + r"\ufe01\ufe02"),
        ("é\u200d\u200c\u200d", "é\u200d" + r"\u200c\u200d"),
        ("\ud83d", r"\ud83d"),
        ("one\rtwo", r"one\x0dtwo"),
        ("\ufeffx", r"\ufeffx"),
        ("a\u2028b", r"a\u2028b"),
        ("abc\u200edef", r"abc\u200edef"),
        ("\U0001f3f4\U000e0041\U000e007f", "\U0001f3f4" + r"\U000e0041\U000e007f"),
    ],
)
def test_what_steers_or_hides_is_shown_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "a\tb\nc",
        "👩‍💻",
        "❤️‍🔥",
        "🏳️‍🌈",
        "#️⃣",
        "👍🏽",
        ENGLAND,
        "می‌خواهم",
        "क्‍ष",
        "שלום\u200f!",
        "𝔘𝔫𝔦",
        "日本語",
    ],
)
def test_emoji_and_scripts_survive(text: str) -> None:
    assert visible(text) == text


def test_a_windows_line_end_becomes_a_newline() -> None:
    assert visible("a\r\nb\r\n") == "a\nb\n"


@given(st.text() | st.text(alphabet="a\r\n\x1b\u200d\u200e\u05d0\ufe0f☺\U0001f3f4\U000e0067\U000e0062"))
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(
    st.text(alphabet="a\r\n\x1b\u200d\u200c\u200e\u05d0\ufe0f☺é" + ENGLAND) | st.text(),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_pieces_join_to_the_visible_whole_wherever_they_are_cut(text: str, cuts: list[int]) -> None:
    stream, shown, start = VisibleStream(), "", 0
    for cut in [*sorted(cuts), len(text)]:
        shown += stream.feed(text[start:cut]) if cut >= start else ""
        start = max(start, cut)
    assert shown + stream.flush() == visible(text)


def test_a_flag_of_tags_survives_being_cut_anywhere() -> None:
    for cut in range(len(ENGLAND)):
        stream = VisibleStream()
        assert stream.feed(ENGLAND[:cut]) + stream.feed(ENGLAND[cut:]) + stream.flush() == ENGLAND


def test_a_bounded_text_says_what_was_left_out() -> None:
    assert bounded("abc", 3) == "abc"
    assert bounded("x" * 5000, 2) == "xx… (4,998 more characters)"


def test_one_line_is_one_short_visible_line() -> None:
    assert one_line("a\n\n  b\x1b\t c") == r"a b\x1b c"
    assert one_line("word " * 1000, 20) == "word word word word…"
    assert one_line("x" * 10**7, 10) == "x" * 9 + "…"

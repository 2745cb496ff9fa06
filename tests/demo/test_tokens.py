from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.demo.tokens import border, split


@given(st.text())
def test_the_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(split(text)) == text


@given(st.text(alphabet="ab_1 \n\t.,`()=é\r\u3000"))
def test_any_piece_of_a_tokenised_text_is_tokenised_alike(text: str) -> None:
    tokens = split(text)
    for start in range(len(tokens)):
        assert split("".join(tokens[start:])) == tokens[start:]


@given(
    st.lists(st.sampled_from(split("The `with` statement:\n\n    x = f(1)  # ...\n a_b\t..\r")), min_size=2, max_size=2)
)
def test_the_borders_alone_tell_whether_two_tokens_can_be_neighbours(pair: list[str]) -> None:
    one, other = pair
    shapes = [border(one), border(other)]
    assert (split(one + other) == pair) == (split("".join(shapes)) == shapes)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The with statement.", ["The", " with", " statement", "."]),
        ("def f(x):\n    return x", ["def", " f", "(", "x", ")", ":", "\n    ", "return", " x"]),
        ("``code``\n\n* a", ["``", "code", "``", "\n\n", "*", " a"]),
        ("a  b", ["a", "  ", "b"]),
        ("", []),
    ],
)
def test_words_punctuation_and_line_ends_are_tokens(text: str, tokens: list[str]) -> None:
    assert split(text) == tokens

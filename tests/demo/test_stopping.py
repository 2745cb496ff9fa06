from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.demo.pieces import Argument, Asking, Piece, Thought
from byom_magics.demo.sampling import Token
from byom_magics.demo.stopping import until


def ended(tokens: list[str], stop: list[str], max_tokens: int = 99) -> tuple[list[str], str]:
    *said, reason = until(map(Token, tokens), stop, max_tokens)
    assert isinstance(reason, str)
    return [token.text or "" for token in said if isinstance(token, Token)], reason


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (["c"], ["ab"]),
        (["bc"], ["a"]),
        (["bcde"], ["a"]),
        (["e", "d"], ["ab", "c"]),
        (["ab"], []),
        (["fg"], ["ab", "cd", "e"]),
    ],
)
def test_a_stop_text_ends_the_answer_wherever_it_lies_among_the_tokens(stop: list[str], said: list[str]) -> None:
    assert ended(["ab", "cd", "ef", "gh"], stop) == (said, "stop")


def test_what_only_began_like_a_stop_text_is_said() -> None:
    assert ended(["a", "b", "a", "b", "x"], ["abc"]) == (["a", "b", "a", "b", "x"], "stop")
    assert ended(["a", "b"], ["abc"]) == (["a", "b"], "stop")


def test_the_stop_text_that_is_complete_first_counts() -> None:
    assert ended(["one two three"], ["three", "two"]) == (["one "], "stop")
    assert ended(["a", "b", "a"], ["aba", "b"]) == (["a"], "stop")
    assert ended(["aba"], ["ba", "aba"]) == ([], "stop")


def test_nothing_that_may_be_a_stop_text_is_said_too_early() -> None:
    source = iter([Token("a"), Token("<"), Token("/s"), Token("b")])
    stream = until(source, ["</s>"], 99)
    assert next(stream) == Token("a")
    assert next(stream) == Token("<")
    assert next(source, None) is None


def test_the_longest_length_ends_the_answer() -> None:
    assert ended(["a", "b", "c"], [], 2) == (["a", "b"], "length")
    assert ended(["a", "b", "c"], ["bx"], 2) == (["a", "b"], "length")


def test_an_answer_that_just_fits_has_ended_of_itself() -> None:
    assert ended(["a", "b"], [], 2) == (["a", "b"], "stop")


def test_a_stop_text_in_the_last_token_is_still_seen() -> None:
    assert ended(["a", "bc", "d"], ["c"], 2) == (["a", "b"], "stop")


@given(
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=12),
    st.lists(st.text("ab", min_size=1, max_size=4), max_size=3),
    st.integers(1, 14),
)
def test_the_answer_is_the_text_up_to_the_stop_or_the_limit(tokens: list[str], stop: list[str], most: int) -> None:
    said, reason = ended(tokens, stop, most)
    text = "".join(tokens[:most])
    ends = [(text.find(mark) + len(mark), -len(mark)) for mark in stop if mark in text]
    assert "".join(said) == (text[: sum(min(ends))] if ends else text)
    assert reason == ("stop" if ends or len(tokens) <= most else "length")
    assert all(said)


def test_an_answer_that_asks_for_tools_ends_for_them() -> None:
    pieces: list[Piece] = [Thought("Hm"), Asking(0, "call_1", "f"), Argument(0, "{}")]
    assert list(until(pieces, [], 99)) == [*pieces, "tool_calls"]


def test_reasoning_and_arguments_are_not_looked_at_for_stop_texts_and_count() -> None:
    pieces: list[Piece] = [Thought("stop"), Asking(0, "call_1", "stop"), Argument(0, "stop")]
    assert list(until(pieces, ["stop"], 99)) == [*pieces, "tool_calls"]
    assert list(until(pieces, [], 2)) == [*pieces[:2], "length"]


def test_text_that_is_held_back_comes_before_what_follows() -> None:
    pieces: list[Piece] = [Token("st"), Asking(0, "call_1", "f")]
    assert list(until(pieces, ["stop"], 99)) == [*pieces, "tool_calls"]

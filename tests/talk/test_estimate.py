from __future__ import annotations

from byom_magics.messages import Image, Message, Text, ToolCall
from byom_magics.talk.estimate import tokens_in, tokens_of, tokens_of_text


def test_a_text_is_a_quarter_as_many_tokens_as_characters_rounded_up() -> None:
    assert [tokens_of_text(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]


def test_an_image_counts_whatever_its_bytes_are() -> None:
    assert tokens_of(Image(b"x")) == tokens_of(Image(b"x" * 10_000)) > 100
    assert tokens_of(Text("abcd")) == tokens_of("abcd") == 1


def test_messages_count_their_parts_and_the_tools_that_they_ask_for() -> None:
    plain = tokens_in([Message("user", "abcd")])
    asking = tokens_in([Message("assistant", "abcd", tool_calls=(ToolCall("1", "look", '{"at": "sky"}'),))])
    assert plain == 1
    assert asking > plain
    assert tokens_in([Message("user", "abcd")] * 3) == 3 * plain
    assert tokens_in([Message("user", (Text("abcd"), Image(b"x")))]) == tokens_of(Image(b"x")) + 1

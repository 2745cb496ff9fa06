from __future__ import annotations

from byom_magics.talk.fenced_code import Block, blocks


def test_blocks_are_found_in_order_with_their_language() -> None:
    text = "Try\n```python\nx = 1\n\ny = 2\n```\nor\n~~~\nz\n~~~\n"
    assert blocks(text) == [Block("python", "x = 1\n\ny = 2"), Block("", "z")]


def test_a_fence_ends_only_with_one_that_is_as_long_and_of_its_kind() -> None:
    assert blocks("````md\n```\ninner\n```\n~~~\n````") == [Block("md", "```\ninner\n```\n~~~")]


def test_a_block_that_is_open_at_the_end_says_so() -> None:
    assert blocks("```python\nx = 1") == [Block("python", "x = 1", closed=False)]


def test_without_fences_there_is_none() -> None:
    assert blocks("x = 1\n`y`") == []
    assert blocks("``` not a fence ```") == []

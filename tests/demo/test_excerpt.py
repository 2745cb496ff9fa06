from __future__ import annotations

from byom_magics.demo.excerpt import Excerpt, excerpt

BLOCKS = ["one two three", "four five six", "seven eight nine", "ten eleven twelve"]


def test_a_passage_that_fits_is_taken_whole() -> None:
    assert excerpt(BLOCKS, [], 12) == Excerpt(tuple(BLOCKS), 12)


def test_a_long_passage_is_taken_from_its_beginning() -> None:
    assert excerpt(BLOCKS, [{"four": 1.0}], 8) == Excerpt(tuple(BLOCKS[:2]), 6, cut_after=True)


def test_it_begins_later_if_what_is_asked_for_would_not_be_reached() -> None:
    assert excerpt(BLOCKS, [{"seven": 1.0}], 8) == Excerpt(tuple(BLOCKS[2:]), 6, cut_before=True)
    assert excerpt(BLOCKS, [{"one": 1.0}, {"ten": 1.0}, {"twelv": 1.0}], 8).blocks == (BLOCKS[3],)


def test_the_first_block_is_taken_even_if_it_is_too_long() -> None:
    assert excerpt(BLOCKS, [], 1) == Excerpt((BLOCKS[0],), 3, cut_after=True)


def test_an_announcement_stays_with_what_it_announces() -> None:
    blocks = ["Intro here", "For example:", "```python\nx\n```", "After that"]
    assert excerpt(blocks, [], 6).blocks == ("Intro here",)
    assert excerpt(blocks, [], 99).blocks == ("Intro here", "For example:\n\n```python\nx\n```", "After that")

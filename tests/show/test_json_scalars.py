from __future__ import annotations

import pytest

from byom_magics.show.json_scalars import may_be_scalar, unescaped


@pytest.mark.parametrize(
    ("text", "character"),
    [
        (r"\n", "\n"),
        (r"\"", '"'),
        (r"\/", "/"),
        (r"\u00e9", "é"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud83d ", "\ud83d"),
        (r"\ud83d\u0041", "\ud83d"),
        (r"\q", "\\q"),
        (r"\u12x", "\\u"),
    ],
)
def test_an_escape_is_the_character_that_it_means_and_a_broken_one_stays(text: str, character: str) -> None:
    found = unescaped(text, 0)
    assert found is not None
    assert found[0] == character


@pytest.mark.parametrize("text", ["\\", r"\u", r"\u00e", r"\ud83d", "\\ud83d\\", r"\ud83d\u", r"\ud83d\ude0"])
def test_half_an_escape_waits(text: str) -> None:
    assert unescaped(text, 0) is None


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "2e10", "-2.5E-3", "true", "false", "null", "NaN", "-Infinity"])
def test_numbers_and_literals_are_known_whole_and_as_they_begin(text: str) -> None:
    assert may_be_scalar(text, text, ended=True)
    assert all(may_be_scalar(text[:end], text[:end], ended=False) for end in range(1, len(text)))


@pytest.mark.parametrize("text", ["tru", "-", "1.", ".5", "1e", "+1", "1-2", "x", "nullx", "'a'", "1x"])
def test_anything_else_is_none(text: str) -> None:
    assert not may_be_scalar(text, text, ended=True)

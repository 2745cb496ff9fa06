from __future__ import annotations

import re
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.demo.pattern import matching


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z]+$",
        r"^\d{3}-\d{4}$",
        r"^(foo|bar)-[A-Z]{2,}$",
        r"[^a-z]x",
        r"^(\w)\1$",
        r"^(?P<half>ab?)-(?:c|d)$",
        r"^\S+@\S+\.\S+$",
        r"^#[0-9a-fA-F]{6}$",
        r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$",
        r"^\u0041\x42[\]\-]$",
        r"^(?i:yes|no)$",
        r"^https?://\w+",
        r"^$",
        r"a*?b++" if hasattr(re, "NOFLAG") else r"a*?b+",
    ],
)
def test_texts_match_their_pattern(pattern: str) -> None:
    texts = list(islice(matching(pattern), 5))
    assert texts
    assert all(re.search(pattern, text) for text in texts)


def test_lengths_are_kept() -> None:
    texts = list(matching("^[ab]+$", 5, 9))
    assert texts
    assert all(5 <= len(text) <= 9 for text in texts)
    assert list(matching("^ab$", 5, 9)) == []


@pytest.mark.parametrize("pattern", ["(", r"\p{L}", "^a{5000000}$", "(?<=x)(?<!x)a$" * 2, "[z-a]", "*"])
def test_what_cannot_be_read_or_is_too_long_has_no_texts(pattern: str) -> None:
    assert list(matching(pattern)) == []


@settings(max_examples=200, deadline=None)
@given(st.text("ab(|)[]^$*+?{1,}\\d.-", max_size=12))
def test_any_pattern_ends_with_texts_that_match_or_none(pattern: str) -> None:
    assert all(re.search(pattern, text) for text in islice(matching(pattern), 5))

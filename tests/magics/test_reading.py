from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from byom_magics.magics import reading


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (reading.count, "3", 3),
        (reading.count, "1_000", 1000),
        (reading.names, "f,g", ["f", "g"]),
        (reading.names, " f , g ,", ["f", "g"]),
        (reading.effort, "high", "high"),
        (reading.effort, "none", "none"),
        (reading.effort, "4_096", 4096),
        (reading.part("ca"), "a.pem", {"ca": "a.pem"}),
    ],
)
def test_a_value_is_read(read: Callable[[str], Any], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "wanted"),
    [
        (reading.count, "0", "1 or more"),
        (reading.count, "-1", "1 or more"),
        (reading.count, "some", "whole number"),
        (reading.names, " , ", "names"),
        (reading.effort, "much", "none, low, medium, high, or a number of tokens"),
        (reading.effort, "-5", "none, low, medium, high, or a number of tokens"),
        (reading.variable, "class", "variable"),
        (reading.seconds, "0", "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_was_wanted(
    read: Callable[[str], Any], text: str, wanted: str
) -> None:
    with pytest.raises(ValueError, match=wanted):
        read(text)

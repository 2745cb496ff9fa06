"""Levels of effort as budgets of tokens."""

from __future__ import annotations

import pytest

from byom_magics.errors import OptionError
from byom_magics.wire.dialects.effort import budget_of, in_levels


def test_a_higher_level_has_a_larger_budget() -> None:
    budgets = [budget_of(effort, "llama") for effort in ("low", "medium", "high")]
    assert budgets == sorted(budgets)
    assert budgets[0] >= 1024


def test_a_level_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(OptionError, match="extreme") as refused:
        budget_of("extreme", "llama")
    assert (refused.value.model, "medium" in (refused.value.hint or "")) == ("llama", True)


@pytest.mark.parametrize(
    ("tokens", "level"),
    [(1, "low"), (2048, "low"), (2049, "medium"), (8192, "medium"), (8193, "high"), (1_000_000, "high")],
)
def test_a_number_is_the_lowest_level_with_room_for_it_and_that_is_said(tokens: int, level: str) -> None:
    found, notes = in_levels(tokens)
    assert found == level
    assert notes == (
        f"sent with the effort '{level}' for {tokens:,} tokens of reasoning: the service takes levels and no number",
    )


def test_a_level_and_nothing_at_all_need_no_word() -> None:
    assert in_levels("medium") == ("medium", ())
    assert in_levels("none") == ("none", ())
    assert in_levels(0) == ("none", ())


def test_a_budget_that_came_of_a_level_is_that_level_again() -> None:
    assert [in_levels(budget_of(level, "m"))[0] for level in ("low", "medium", "high")] == ["low", "medium", "high"]

"""Levels of effort as budgets of tokens."""

from __future__ import annotations

import pytest

from byom_magics.errors import OptionError
from byom_magics.wire.dialects.effort import budget_of


def test_a_higher_level_has_a_larger_budget() -> None:
    budgets = [budget_of(effort, "llama") for effort in ("low", "medium", "high")]
    assert budgets == sorted(budgets)
    assert budgets[0] >= 1024


def test_a_level_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(OptionError, match="extreme") as refused:
        budget_of("extreme", "llama")
    assert (refused.value.model, "medium" in (refused.value.hint or "")) == ("llama", True)

"""How much a model is to reason: words, and the budgets of tokens for models that know no words for it."""

from __future__ import annotations

from byom_magics.errors import OptionError

__all__ = ["BUDGET", "budget_of"]

BUDGET = "budget"
"""`Quirks.effort_field` of models that know no levels of effort, only a budget: Claude before 4.6, Gemini 2.5."""

_TOKENS = {"low": 2048, "medium": 8192, "high": 24_576}


def budget_of(effort: str, model: str) -> int:
    """
    The budget of a level of effort, in tokens.

    Args:
        effort: ``low``, ``medium`` or ``high``.
        model: The key of the model, for the error.

    Raises:
        OptionError: There is no such level.
    """
    if effort not in _TOKENS:
        what = f"There is no effort '{effort}'."
        raise OptionError(what, model=model, hint="say none, low, medium, high, or a number of tokens")
    return _TOKENS[effort]

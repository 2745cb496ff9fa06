"""
How much a model is to reason: words, and budgets of tokens, each turned into the other where a service has one only.

A number becomes the lowest level that has room for it: up to 2,048 tokens ``low``, up to 8,192 ``medium``, above that
``high``; 0 is ``none``. A level becomes a budget of 2,048, 8,192 or 24,576 tokens.
"""

from __future__ import annotations

from byom_magics.errors import OptionError

__all__ = ["BUDGET", "LEVELS", "budget_of", "in_levels"]

BUDGET = "budget"
"""`Quirks.effort_field` of models that know no levels of effort, only a budget: Claude before 4.6, Gemini 2.5."""

LEVELS = "levels"
"""`Quirks.effort_field` of models of Anthropic that take no budget any more, only levels: Claude from Opus 4.7 on."""

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


def in_levels(effort: str | int) -> tuple[str, tuple[str, ...]]:
    """
    The effort for a service that knows levels only.

    Args:
        effort: A level, which stays as it is, or a number of tokens.

    Returns:
        The level, and what a person who gave a number has to be told.
    """
    if isinstance(effort, str):
        return effort, ()
    if effort <= 0:
        return "none", ()
    level = next((level for level, tokens in _TOKENS.items() if effort <= tokens), "high")
    note = f"sent with the effort '{level}' for {effort:,} tokens of reasoning: the service takes levels and no number"
    return level, (note,)

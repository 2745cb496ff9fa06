from __future__ import annotations

import pytest

from byom_magics.show.formulas import harmless


@pytest.mark.parametrize(
    "formula", [r"\frac{a}{b}", r"\left( x \right)", r"\text{if } x", r"a & b \\ c", r"\definitely", "x_{i^{2}}"]
)
def test_ordinary_math_may_be_typeset(formula: str) -> None:
    assert harmless(formula)


@pytest.mark.parametrize(
    "formula",
    [r"\href {x}{y}", r"\def\x{\x\x}", r"\gdef\x{}", r"\newcommand*\x{}", r"a\\ [9em]", "{" * 50, "x" * 5_000],
)
def test_what_links_defines_moves_or_grows_may_not(formula: str) -> None:
    assert not harmless(formula)

"""``%byom_fix`` in JupyterLab: the explanation, the difference with its signs, and the new cell that is not run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import DARK, LIGHT
from tests.browser.test_surface import CONTRASTS
from tests.wire.answers import chunked, sse
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

BROKEN = "prices = ['1', '2']\ntotal = sum(prices)\nprint(total)"
MENDED = "prices = ['1', '2']\ntotal = sum(map(float, prices))\nprint(total)"
ANSWER = f"""The prices are texts, and `sum` adds numbers only.

1. Make numbers of them:

   ```python
{chr(10).join("   " + line for line in MENDED.split(chr(10)))}
   ```

   It prints:

   ```
   3.0
   ```
"""


@pytest.fixture(scope="module")
def shown(open_notebook: Callable[..., Notebook]) -> Iterator[Notebook]:
    """A notebook in which a cell failed and was asked about."""
    with RawServer([chunked(sse(ANSWER))]) as server:
        register = f"import byom_magics as byom\n%load_ext byom_magics\nbyom.register('fixer', url='{server.url}')"
        notebook = open_notebook([register, BROKEN, "%byom_fix fixer"])
        notebook.open()
        for cell in range(3):
            notebook.run(cell)
        notebook.until_shown(2, "Nothing was run")
        yield notebook


def test_the_difference_is_told_by_signs_and_the_new_cell_waits(shown: Notebook) -> None:
    text = shown.shown(2)
    assert "The prices are texts" in text
    assert "- total = sum(prices)" in text
    assert "+ total = sum(map(float, prices))" in text
    assert "Nothing was run. The new cell below holds it." in text
    assert shown.source(3) == MENDED
    assert shown.count(3) is None
    shown.run(3)
    assert "3.0" in shown.shown(3)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_it_can_be_read_in_both_themes(shown: Notebook, theme: str) -> None:
    shown.theme(theme)
    try:
        contrasts = shown.area(2).evaluate(CONTRASTS)
        worst = min(contrasts, key=lambda each: each["contrast"])
        assert worst["contrast"] >= 3, worst
    finally:
        shown.theme(LIGHT)

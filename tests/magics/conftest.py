from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.magics.notebook import Notebook, notebook


@pytest.fixture
def nb() -> Iterator[Notebook]:
    """A shell in which the extension is loaded."""
    with notebook() as made:
        made.ok("%load_ext byom_magics")
        yield made

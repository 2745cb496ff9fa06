from __future__ import annotations

from collections.abc import Iterator

import pytest

from byom_magics.catalog import secrets
from byom_magics.catalog.secrets import masking


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    secrets.forget_session()
    masking._seen.clear()
    masking._short_lived.clear()

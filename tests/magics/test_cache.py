from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from byom_magics.errors import OptionError
from byom_magics.log.cache import Cache
from byom_magics.log.kept import Kept
from byom_magics.session import current

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


@pytest.fixture
def cache(nb: Notebook, tmp_path: Path) -> Cache:
    made = Cache(tmp_path)
    current().cache = made
    return made


def test_it_tells_where_the_answers_are_and_how_many(nb: Notebook, cache: Cache) -> None:
    cache.put("ab" * 32, Kept(text="Hello"))
    told = nb.ok("%byom_cache").printed
    assert told.startswith("1 answer in ")
    assert str(cache.folder) in told
    assert "cells with --cache use it" in told
    nb.ok("%config Byom.cache = True")
    assert "every cell uses it" in nb.ok("%byom_cache").printed


def test_clearing_takes_them_away(nb: Notebook, cache: Cache) -> None:
    cache.put("ab" * 32, Kept(text="Hello"))
    assert nb.ok("%byom_cache clear").printed.startswith("Took 1 answer away")
    assert cache.size() == (0, 0)
    assert nb.ok("%byom_cache clear").printed.startswith("Took 0 answers away")


def test_anything_else_is_told_what_there_is(nb: Notebook, cache: Cache) -> None:
    assert "%byom_cache clear" in nb.fails("%byom_cache clean", OptionError)
    assert "is no option" in nb.fails("%byom_cache --all", OptionError)

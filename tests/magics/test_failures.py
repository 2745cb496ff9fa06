from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from byom_magics.magics.failures import Failed, Failures
from tests.magics.notebook import Notebook, notebook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A shell without the extension, in which nothing has failed."""
    for name in ("last_value", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)  # of a test before
    with notebook() as made:
        yield made


@pytest.fixture
def watched(bare: Notebook) -> Iterator[tuple[Notebook, Failures]]:
    failures = Failures(bare.shell)
    uninstall = failures.install()
    yield bare, failures
    uninstall()


def last(failures: Failures) -> Failed:
    failed = failures.last()
    assert failed is not None
    return failed


def test_nothing_has_failed_at_first(watched: tuple[Notebook, Failures]) -> None:
    nb, failures = watched
    nb.ok("1 + 1")
    assert failures.last() is None


def test_the_last_failing_cell_is_kept_until_another_one_fails(watched: tuple[Notebook, Failures]) -> None:
    nb, failures = watched
    nb.run("1 / 0")
    nb.ok("2")
    assert (type(last(failures).error), last(failures).source) == (ZeroDivisionError, "1 / 0")
    nb.run("undefined")
    assert (type(last(failures).error), last(failures).source) == (NameError, "undefined")


@pytest.mark.parametrize("cell", ["for x in [1, 2)", "%no_such_magic", "%%time\n1 / 0", "await undefined()"])
def test_cells_that_are_no_plain_python_are_kept_as_typed(watched: tuple[Notebook, Failures], cell: str) -> None:
    nb, failures = watched
    nb.run(cell)
    assert last(failures).source == cell


def test_what_failed_before_the_watching_is_found_with_its_cell(bare: Notebook) -> None:
    bare.shell.run_cell("x = 1\nx / 0", store_history=True)
    failed = last(Failures(bare.shell))
    assert isinstance(failed.error, ZeroDivisionError)
    assert failed.source == "x = 1\nx / 0"


def test_a_script_that_was_run_is_the_source(watched: tuple[Notebook, Failures], tmp_path: Path) -> None:
    nb, failures = watched
    script = tmp_path / "s.py"
    script.write_text("a = 1\nb = a + ''\n")
    nb.run(f"%run {script}")
    assert (last(failures).script, last(failures).source) == (str(script), "a = 1\nb = a + ''\n")


def test_a_cell_that_asks_about_a_failure_is_none(watched: tuple[Notebook, Failures]) -> None:
    nb, failures = watched
    nb.run("1 / 0")
    nb.names["asks"] = failures.asks
    nb.run("asks()\nundefined")
    assert isinstance(last(failures).error, ZeroDivisionError)
    nb.run("undefined_too")
    assert isinstance(last(failures).error, NameError)


def test_a_cell_is_called_as_the_person_sees_it(watched: tuple[Notebook, Failures]) -> None:
    nb, failures = watched
    nb.shell.run_cell("1 / 0", store_history=True)
    assert failures.cell_of(last(failures).file) == "Cell In[1]"
    assert failures.cell_of("<ipython-input-7-abcdef>") == "Cell In[7]"
    assert failures.cell_of("/usr/lib/python3/os.py") is None


def test_after_its_end_nothing_is_watched_or_kept(bare: Notebook) -> None:
    failures = Failures(bare.shell)
    uninstall = failures.install()
    uninstall()
    assert not any(failures._ended == each for each in bare.shell.events.callbacks["post_run_cell"])
    uninstall()

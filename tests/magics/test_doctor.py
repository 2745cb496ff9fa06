"""%byom_doctor: what can be typed, and what it says; how it is shown has tests of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import byom_magics as byom
from byom_magics import errors
from tests.checking import model_server
from tests.wire.raw_server import nobody_listens

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


def test_a_model_is_examined_step_by_step(nb: Notebook) -> None:
    with model_server() as server:
        byom.register("llama", url=server.url, model="m")
        printed = nb.ok("%byom_doctor llama").printed
        assert "✓ ok       answer        complete by served: 1, 2, 3, 4, 5" in printed
        assert printed.endswith("All is well: %%byom llama\n")


def test_what_fails_says_what_to_do_next(nb: Notebook) -> None:
    with nobody_listens() as url:
        byom.register("gone", url=url)
        printed = nb.ok("%byom_doctor gone").printed
        assert "✗ FAILED   connection" in printed
        assert "Next: start the server there" in printed
        assert printed.count("not reached") == 1


def test_without_a_key_it_is_the_default_model(nb: Notebook) -> None:
    nb.ok("%byom_default demo/bigram")
    assert "%%byom demo/bigram" in nb.ok("%byom_doctor --quick").printed


def test_without_a_key_and_a_default_it_says_so(nb: Notebook) -> None:
    assert "there is no default" in nb.fails("%byom_doctor", errors.UnknownModelError)


def test_quickly_nothing_is_asked_of_the_model(nb: Notebook) -> None:
    with model_server() as server:
        byom.register("llama", url=server.url, model="m")
        printed = nb.ok("%byom_doctor --quick llama").printed
        assert "nothing was asked: answer, streaming, usage, tools" in printed
        assert "All is well" not in printed
        assert len(server.requests) == 1


def test_all_models_take_a_line_each(nb: Notebook) -> None:
    with model_server() as server, nobody_listens() as url:
        byom.register("llama", url=server.url, model="m")
        byom.register("gone", url=url)
        lines = nb.ok("%byom_doctor --all --quick").printed.splitlines()
        assert {line[:24].strip() for line in lines[:-1]} - {""} == {
            "✓ ok       llama",
            "✓ ok       demo/pydoc",
            "✓ ok       demo/bigram",
            "✓ ok       demo/5gram",
            "✗ FAILED   gone",
        }
        assert lines[-1] == "4 well, 1 failed. %byom_doctor KEY shows all steps of one."


@pytest.mark.parametrize("line", ["nobody", "demo/bigran"])
def test_an_unknown_model_is_named_with_its_neighbours(nb: Notebook, line: str) -> None:
    assert line in nb.fails(f"%byom_doctor {line}", errors.UnknownModelError)


@pytest.mark.parametrize("line", ["demo/pydoc --all", "a b", "--every"])
def test_what_cannot_be_done_is_refused_with_what_can(nb: Notebook, line: str) -> None:
    assert "%byom_doctor" in nb.fails(f"%byom_doctor {line}", errors.OptionError)


def test_its_manual_names_every_option_and_its_function(nb: Notebook) -> None:
    manual = nb.shell.find_magic("byom_doctor").__doc__
    for word in ("--all", "--quick", "byom_magics.doctor", "TLS"):
        assert word in manual

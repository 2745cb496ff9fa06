"""Parameters that were chosen in the picker, in cells that name no model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from byom_magics import session
from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.magics.notebook import Notebook


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(GOOD) as made:
        byom.register("llama", url=made.url, model="llama3.2", temperature=0.9)
        byom.models.set_default("llama")
        yield made


@pytest.fixture
def chosen(server: RawServer, nb: Notebook) -> dict[str, Any]:
    assert server.url
    assert nb.names is not None
    chosen = session.current().chosen
    chosen.update(temperature=0.2, max_tokens=50, system="Be brief: {{ nothing }}.")
    return chosen


def sent(server: RawServer) -> Any:
    return server.requests[-1].json


NOTE = "temperature 0.2, at most 50 tokens, system message “Be brief: {{ nothing }}.”, from the picker"


def test_a_cell_that_names_no_model_is_asked_with_them_and_says_so(
    nb: Notebook, server: RawServer, chosen: dict[str, Any]
) -> None:
    assert chosen
    cell = nb.ok("%%byom\nHi")
    assert (sent(server)["temperature"], sent(server)["max_tokens"]) == (0.2, 50)
    assert sent(server)["messages"][0] == {"role": "system", "content": "Be brief: {{ nothing }}."}
    assert NOTE in cell.everything
    assert NOTE in nb.ok("%%byom --dry-run\nHi").everything


def test_what_stands_on_the_line_wins(nb: Notebook, server: RawServer, chosen: dict[str, Any]) -> None:
    assert chosen
    cell = nb.ok("%%byom -t 1 -s 'Be long.'\nHi")
    assert (sent(server)["temperature"], sent(server)["max_tokens"]) == (1, 50)
    assert sent(server)["messages"][0]["content"] == "Be long."
    assert "at most 50 tokens, from the picker" in cell.everything
    assert "temperature" not in cell.everything


@pytest.mark.parametrize("line", ["%%byom llama\nHi", "%byom llama Hi", "%%byom -c llama\nHi"])
def test_a_cell_that_names_its_model_is_asked_without_them(
    nb: Notebook, server: RawServer, chosen: dict[str, Any], line: str
) -> None:
    assert chosen
    cell = nb.ok(line)
    assert sent(server)["temperature"] == 0.9
    assert "max_tokens" not in sent(server)
    assert "from the picker" not in cell.everything


def test_without_any_chosen_nothing_is_said(nb: Notebook, server: RawServer, chosen: dict[str, Any]) -> None:
    chosen.clear()
    cell = nb.ok("%%byom -c\nHi")
    assert sent(server)["temperature"] == 0.9
    assert "from the picker" not in cell.everything


def test_asking_again_repeats_what_was_sent(nb: Notebook, server: RawServer, chosen: dict[str, Any]) -> None:
    nb.ok("%%byom\nHi")
    chosen.clear()
    nb.ok("%byom_rerun")
    assert (sent(server)["temperature"], sent(server)["max_tokens"]) == (0.2, 50)

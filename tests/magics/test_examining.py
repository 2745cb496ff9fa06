"""How examinations are shown: one output that changes in a notebook, lines in a terminal, and what an interrupt leaves."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from tests.checking import model_server
from tests.show.safe import read, text_of
from tests.wire.asking import eventually
from tests.wire.raw_server import RawServer, hold, nobody_listens

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


@pytest.fixture
def painted(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """All that is painted into the cell's output, where there is a kernel."""
    texts: list[str] = []

    def show_changing(html: str, plain: str) -> Any:
        def replace(html: str, plain: str) -> None:
            read(html)
            texts.append(f"{text_of(html)}\n{plain}")

        replace(html, plain)
        return replace

    monkeypatch.setattr("byom_magics.magics.examining.show_changing", show_changing)
    monkeypatch.setattr(nb.shell, "kernel", object(), raising=False)
    yield texts
    assert eventually(lambda: not [each for each in threading.enumerate() if each.name.startswith("byom-doctor")])


def test_one_output_grows_step_by_step(nb: Notebook, painted: list[str]) -> None:
    with model_server() as server:
        byom.register("llama", url=server.url, model="m")
        cell = nb.ok("%byom_doctor llama")
        assert cell.printed == ""
        assert "… now      address" in painted[0]
        assert any("… now      answer" in text and "✓ ok       model list" in text for text in painted)
        assert painted[-1].endswith("All is well: %%byom llama")
        assert "… now" not in painted[-1]


def test_an_interrupt_leaves_what_was_found_and_does_not_say_that_all_is_well(nb: Notebook, painted: list[str]) -> None:
    main = threading.get_ident()

    def interrupt(_: object) -> None:
        signal.pthread_kill(main, signal.SIGINT)

    with model_server(answer=[interrupt, hold]) as server:
        byom.register("llama", url=server.url, model="m")
        cell = nb.run("%byom_doctor llama")
        assert cell.printed.strip() == "KeyboardInterrupt: stopped; the connection was hung up"
        assert "✓ ok       model list" in painted[-1]
        assert "Stopped after 7 steps" in painted[-1]
        assert "All is well" not in painted[-1]
        server.wait_for_hang_up()


def test_all_models_stand_in_one_output_with_what_failed_first(nb: Notebook, painted: list[str]) -> None:
    with nobody_listens() as url:
        byom.register("gone", url=url)
        nb.ok("%byom_doctor --all --quick")
        assert "4 still examined" in painted[0]
        plain = painted[-1].rpartition("✗ FAILED")[2]
        assert plain.startswith("   gone          connection: ")
        assert plain.index("gone") < plain.index("demo/pydoc")
        assert "3 well, 1 failed." in painted[-1]


def test_while_one_hangs_the_others_are_shown_and_an_interrupt_keeps_them(nb: Notebook, painted: list[str]) -> None:
    main = threading.get_ident()

    def interrupt_when_shown(_: object) -> None:
        eventually(lambda: "3 well, 1 still examined" in painted[-1])
        signal.pthread_kill(main, signal.SIGINT)

    with RawServer([interrupt_when_shown, hold]) as server:
        byom.register("slow", url=server.url)
        cell = nb.run("%byom_doctor --all --quick")
        assert cell.printed.strip() == "KeyboardInterrupt: stopped; the connection was hung up"
        assert "3 well, 1 not looked at." in painted[-1]
        server.wait_for_hang_up()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_names_the_step_that_is_being_taken(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    nb.shell.run_line_magic("byom_doctor", "demo/bigram --quick")
    written = screen.getvalue()
    assert "… model list\r✓ ok       model list" in written
    assert "\r" not in written.splitlines()[-1]

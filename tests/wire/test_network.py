"""Connections: names and ports that do not answer, and what a socket is set to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from byom_magics import errors
from tests.wire.answers import GOOD
from tests.wire.asking import ask, expect, fail_look_up
from tests.wire.raw_server import RawServer, nobody_listens, reset

if TYPE_CHECKING:
    import pytest


def test_wire_46_nobody_listens() -> None:
    with nobody_listens() as url:
        outcome = expect(ask(url), "incomplete(connection)", text="", says=("refused", url.removesuffix("/v1")))
        assert isinstance(outcome.error, errors.ConnectError)


def test_wire_46_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_look_up(monkeypatch, "nowhere.test", socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    outcome = expect(ask("http://nowhere.test/v1"), "incomplete(connection)", says=("nowhere.test", "name"))
    assert isinstance(outcome.error, errors.ConnectError)


def test_a_server_that_accepts_and_aborts_at_once_is_told() -> None:
    with RawServer(on_connect=[reset]) as server:
        outcome = expect(ask(server), "incomplete(connection)", says=(server.origin,))
        assert outcome.reply.attempts == 3


def test_keepalive_probes_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, object]] = []
    real: Callable[..., None] = socket.socket.setsockopt

    class Noting(socket.socket):
        def setsockopt(self, level: int, name: int, *value: Any) -> None:
            seen.append((level, name, value[0]))
            real(self, level, name, *value)

    with RawServer(GOOD) as server:
        monkeypatch.setattr(socket, "socket", Noting)
        expect(ask(server), "complete", text="Hello")
        monkeypatch.undo()
    assert any((level, name) == (socket.SOL_SOCKET, socket.SO_KEEPALIVE) and value for level, name, value in seen)

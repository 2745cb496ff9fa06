"""Looking up and connecting: the two families in turn, the first address that answers, and nothing left open."""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import Any

import pytest

from byom_magics.wire.connecting import connect, look_up, peer_of, words
from byom_magics.wire.faults import Fault
from byom_magics.wire.line import Line
from byom_magics.wire.timers import Moments
from tests.wire.raw_server import RawServer, hold, never_accepts, nobody_listens


def addresses_of(*urls: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for url in urls:
        host, _, port = url.partition("://")[2].partition("/")[0].rpartition(":")
        found += socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    return found


def test_the_two_families_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    def entry(family: int, place: str) -> tuple[Any, ...]:
        return (family, socket.SOCK_STREAM, 6, "", (place, 80))

    four, six = socket.AF_INET, socket.AF_INET6
    found = [entry(six, "a"), entry(six, "b"), entry(six, "c"), entry(four, "d"), entry(four, "e")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert [each[4][0] for each in look_up("models.test", 80, "")] == ["a", "d", "b", "e", "c"]


def test_the_first_address_that_answers_is_taken() -> None:
    with (
        nobody_listens() as dead,
        RawServer([hold]) as server,
        connect(addresses_of(dead, server.url), None, "x") as sock,
    ):
        assert sock.getpeername()[1] == server.port
        assert sock.getblocking()


def test_an_address_that_swallows_packets_costs_a_moment_and_no_more() -> None:
    with (
        never_accepts() as silent,
        RawServer([hold]) as server,
        connect(addresses_of(silent, server.url), None, "x") as sock,
    ):
        assert sock.getpeername()[1] == server.port


def test_a_server_that_hangs_up_at_once_has_no_place_any_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as sock:
        accepted, _ = listener.accept()
        assert peer_of(sock) == listener.getsockname()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
        with pytest.raises(Fault) as caught:
            peer_of(sock)
        assert "broke off" in caught.value.what
        assert caught.value.passing
        assert sock.fileno() == -1


def test_refused_by_all_is_said_with_the_place() -> None:
    with nobody_listens() as url, pytest.raises(Fault) as caught:
        connect(addresses_of(url, url), None, "models.test:80")
    assert "models.test:80" in caught.value.what
    assert "refused" in caught.value.what
    assert caught.value.passing


def test_stopping_ends_the_wait_for_an_address_that_never_answers() -> None:
    line = Line(Moments(time.monotonic()), lambda: None, lambda: None)
    caught: list[Fault] = []

    def work(addresses: list[tuple[Any, ...]]) -> None:
        with pytest.raises(Fault) as raised:
            connect(addresses, line, "x")
        caught.append(raised.value)

    with never_accepts() as silent:
        thread = threading.Thread(target=work, args=(addresses_of(silent),), daemon=True)
        thread.start()
        line.stop()
        thread.join(10)
    assert [fault.kind for fault in caught] == ["broken"]


def test_an_error_is_told_by_its_type_and_text() -> None:
    assert words(TimeoutError("too late")) == "TimeoutError: too late"
    assert words(ConnectionResetError()) == "ConnectionResetError"

"""Models behind a unix socket: calls as over TCP, keys that stay on this machine, and what may be wrong."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
import trustme

import byom_magics as byom
from byom_magics import errors, session
from byom_magics.catalog.spec import Policy
from byom_magics.events import State
from byom_magics.wire.connecting import connect_unix
from byom_magics.wire.faults import Fault
from byom_magics.wire.line import Line
from byom_magics.wire.timers import Moments
from tests.wire.answers import CHUNKED, GOOD, chunk, frame
from tests.wire.asking import ask, ask_key, expect, fail_look_up, register
from tests.wire.raw_server import Answer, RawServer, hold, keep

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no unix sockets")

URL = "http://models.test:8000/v1"


class UnixServer(RawServer):
    """The same server, listening at a path."""

    def __init__(self, path: Path, answer: Answer, tls: ssl.SSLContext | None) -> None:
        self.path = path
        super().__init__(answer, tls=tls)

    def _listen(self, host: str, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        listener.listen(16)
        return listener

    def _wake(self) -> None:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.path))


def serving(path: Path, answer: Answer, tls: ssl.SSLContext | None = None) -> UnixServer:
    return UnixServer(path, answer, tls)


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A unix socket's path may have 104 characters on some systems.
    return tmp_path_factory.mktemp("s") / "models.sock"


@pytest.fixture(autouse=True)
def _no_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_look_up(monkeypatch, "models.test", AssertionError("the host of a unix socket was looked up"))  # type: ignore[arg-type]


def test_a_call_goes_to_the_socket_and_names_the_host(path: Path) -> None:
    with serving(path, [*GOOD, keep]) as server:
        key = register(URL, unix_socket=str(path))
        expect(ask_key(key), "complete", text="Hello")
        expect(ask_key(key), "complete", text="Hello")
        assert server.requests[0].headers["host"] == "models.test:8000"
        assert server.requests[0].line == "POST /v1/chat/completions HTTP/1.1"
        assert len(server.peers) == 1


def test_a_key_may_go_there_over_http(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "a-key-for-this-machine")
    session.current().policy = Policy("a file", keys_over_http=False, air_gapped=True, hosts=(), networks=(), ports=())
    with serving(path, GOOD) as server:
        expect(ask(URL, unix_socket=str(path), api_key="env:MODEL_KEY"), "complete", text="Hello")
        assert server.requests[0].headers["authorization"] == "Bearer a-key-for-this-machine"


def test_tls_is_spoken_over_it_where_the_address_says_so(path: Path, tmp_path: Path) -> None:
    ca = trustme.CA(organization_name="Example Company")
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("models.test").configure_cert(context)
    with serving(path, GOOD, tls=context):
        url = "https://models.test/v1"
        expect(ask(url, unix_socket=str(path), tls={"ca": str(tmp_path / "ca.pem")}), "complete", text="Hello")
        expect(ask(url, unix_socket=str(path)), "incomplete(connection)", says=("Example Company", str(path)))


def test_stopping_hangs_up(path: Path) -> None:
    with serving(path, [CHUNKED, frame(chunk("Hel")), hold]) as server:
        with byom.stream(register(URL, unix_socket=str(path)), "hi") as events:
            for event in events:
                if event.kind == "text":
                    events.stop()
        server.wait_for_hang_up()
        assert events.reply.state is State.CANCELLED
        assert events.reply.text == "Hel"


def test_a_socket_that_is_not_there_is_told(path: Path) -> None:
    outcome = expect(ask(URL, unix_socket=str(path)), "incomplete(connection)", says=(str(path), "no unix socket"))
    assert isinstance(outcome.error, errors.ConnectError)


def test_a_socket_where_nobody_listens_is_told(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
        expect(ask(URL, unix_socket=str(path)), "incomplete(connection)", says=(str(path), "nobody listens"))


def test_a_file_that_is_no_socket_is_told(path: Path) -> None:
    path.write_text("no socket")
    expect(ask(URL, unix_socket=str(path)), "incomplete(connection)", says=(str(path), "no socket"))


def test_a_socket_that_may_not_be_used_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidding(socket.socket):
        def connect_ex(self, address: Any) -> int:
            return errno.EACCES

    monkeypatch.setattr(socket, "socket", Forbidding)
    with pytest.raises(Fault, match=f"{path} may not be used by this user"):
        connect_unix(str(path), None)


def test_a_server_that_is_too_busy_to_let_us_in_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([errno.EAGAIN, errno.EAGAIN, 0])

    class Busy(socket.socket):
        def connect_ex(self, address: Any) -> int:
            return next(answers)

    monkeypatch.setattr(socket, "socket", Busy)
    line = Line(Moments(time.monotonic()), lambda: None, lambda: None)
    connect_unix(str(path), line).close()
    answers = iter([errno.EAGAIN] * 100)
    line.stop()
    with pytest.raises(Fault, match="stopped"):
        connect_unix(str(path), line)


def test_a_path_that_no_socket_can_have_is_told() -> None:
    long = "/tmp/" + "x" * 300
    expect(ask(URL, unix_socket=long), "incomplete(connection)", says=("cannot be used",))


def test_a_system_without_unix_sockets_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = register(URL, unix_socket=str(path))
    monkeypatch.delattr(socket, "AF_UNIX")
    expect(ask_key(key), "incomplete(connection)", says=("no unix sockets on this system",))

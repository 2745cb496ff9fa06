"""
A server of raw sockets: it sends exactly the bytes that a test wants, cut where the test wants, and watches the peer.

A `RawServer` answers its first request with the first answer it was given, the second with the second, and so on;
the last one is repeated. An answer is a list of steps: bytes are sent as they are, a callable is called with the
`Peer` (such as `reset`, `hold`, `keep`). After the last step the connection is closed, unless a step said otherwise.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Union

PATIENCE = 20.0
"""Seconds that anything here waits at most for what must come."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived; ``at`` is the time of its last byte (``time.monotonic``)."""

    head: bytes
    body: bytes
    at: float
    peer: Peer | None = field(default=None, repr=False)

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HangUp:
    """The peer closed (``fin``) or aborted (``rst``) a connection."""

    kind: str
    at: float


class Gone(Exception):  # noqa: N818 - it is no error, it ends a script
    """The peer is gone; the script of its connection ends."""


class Peer:
    """One connection, seen from the server."""

    def __init__(self, server: RawServer, sock: socket.socket, number: int) -> None:
        self.server = server
        self.sock = sock
        self.number = number
        self.hang_up: HangUp | None = None
        self.stays_open = False
        self.closed = False
        self._buffer = b""

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except (OSError, ValueError) as error:
            self._gone("rst")
            raise Gone from error

    def one_by_one(self, data: bytes) -> None:
        for at in range(len(data)):
            self.send(data[at : at + 1])

    def read_request(self) -> Request | None:
        """The next request, or None if the peer hung up instead."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._receive():
                return None
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        self._buffer = rest
        size = int(Request(head, b"", 0.0).headers.get("content-length", "0"))
        while len(self._buffer) < size:
            if not self._receive():
                return None
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return Request(head, body, time.monotonic(), self)

    def peer_gone(self, within: float) -> bool:
        """Whether the peer hangs up within that many seconds. Bytes that it still sends are kept."""
        end = time.monotonic() + within
        while self.hang_up is None and not self.closed:
            left = end - time.monotonic()
            if left <= 0:
                return False
            ready = select.select([self.sock], [], [], left)[0]
            if ready and not self._receive():
                return True
        return True

    def reset(self) -> None:
        """Abort the connection: the peer gets a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._raw_close()

    def close(self) -> None:
        """Close the connection in the ordinary way: the peer gets a FIN."""
        if not self.closed:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)
            self._raw_close()

    def _raw_close(self) -> None:
        self.closed = True
        self.sock.close()

    def _receive(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except ssl.SSLWantReadError:
            return True
        except (TimeoutError, ValueError, OSError) as error:
            self._gone("rst" if isinstance(error, ConnectionError) else "fin")
            return False
        if not data:
            self._gone("fin")
            return False
        self._buffer += data
        return True

    def _gone(self, kind: str) -> None:
        if self.hang_up is None and not self.server.closing.is_set():
            self.hang_up = HangUp(kind, time.monotonic())
            self.server.note_hang_up(self.hang_up)


Step = Union[bytes, Callable[[Peer], object]]
Answer = Sequence[Step]


# Steps


def hold(peer: Peer) -> None:
    """Keep the connection open, silent, until the peer hangs up."""
    peer.peer_gone(within=PATIENCE)


def keep(peer: Peer) -> None:
    """Let the next request come over this connection."""
    peer.stays_open = True


def reset(peer: Peer) -> None:
    """Abort the connection."""
    peer.reset()


def slowly(data: bytes) -> Callable[[Peer], None]:
    """Send one byte at a time."""
    return lambda peer: peer.one_by_one(data)


def forever(piece: bytes, every: float = 0.02) -> Callable[[Peer], None]:
    """Send a piece again and again until the peer hangs up."""

    def send(peer: Peer) -> None:
        while not peer.peer_gone(within=every):
            peer.send(piece)

    return send


def after(event: threading.Event) -> Callable[[Peer], None]:
    """Go on when the test says so; the script ends if the peer hangs up before."""

    def wait(peer: Peer) -> None:
        end = time.monotonic() + PATIENCE
        while not event.is_set():
            if peer.peer_gone(within=0.005):
                raise Gone
            if time.monotonic() > end:
                peer.server.failures.append(AssertionError("the test never gave the sign that the server waited for"))
                return

    return wait


def tell(event: threading.Event) -> Callable[[Peer], None]:
    """Tell the test that the script has come this far."""
    return lambda _: event.set()


# The server


@dataclass
class _Record:
    requests: list[Request] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    hang_ups: list[HangUp] = field(default_factory=list)


class RawServer:
    """
    Answers on loopback, each connection in a thread of its own.

    Args:
        answers: One for each request, in the order in which they come; the last is repeated.
        tls: The context for TLS, or None for plain TCP.
        host: ``127.0.0.1`` or ``::1``.
        on_connect: Steps taken on each new connection before its first request is read.
        port: A port, or 0 for any.
    """

    def __init__(
        self,
        *answers: Answer,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        on_connect: Answer = (),
        port: int = 0,
    ) -> None:
        self._answers = list(answers)
        self._tls = tls
        self._on_connect = on_connect
        self._changed = threading.Condition()
        self._record = _Record()
        self._threads: list[threading.Thread] = []
        self.closing = threading.Event()
        self.failures: list[BaseException] = []
        self.handshake_errors: list[str] = []
        self._listener = self._listen(host, port)
        self.host = host
        place = self._listener.getsockname()
        self.port: int = 0 if isinstance(place, str) else place[1]
        self._acceptor = threading.Thread(target=self._accept, name=f"raw-server-{self.port}", daemon=True)
        self._acceptor.start()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def requests(self) -> list[Request]:
        with self._changed:
            return list(self._record.requests)

    @property
    def peers(self) -> list[Peer]:
        with self._changed:
            return list(self._record.peers)

    @property
    def hang_ups(self) -> list[HangUp]:
        with self._changed:
            return list(self._record.hang_ups)

    def wait_for_requests(self, count: int) -> None:
        self._wait(lambda: len(self._record.requests) >= count, f"{count} requests")

    def wait_for_peers(self, count: int) -> None:
        self._wait(lambda: len(self._record.peers) >= count, f"{count} connections")

    def wait_for_hang_up(self, count: int = 1) -> HangUp:
        self._wait(lambda: len(self._record.hang_ups) >= count, f"{count} hang-ups")
        return self.hang_ups[count - 1]

    def note_hang_up(self, hang_up: HangUp) -> None:
        with self._changed:
            self._record.hang_ups.append(hang_up)
            self._changed.notify_all()

    def close(self) -> None:
        """End all connections and threads, and raise what went wrong in a script."""
        self.closing.set()
        # Waking accept() by a connection works everywhere; closing the listener does not.
        with suppress(OSError):
            self._wake()
        self._acceptor.join(PATIENCE)
        self._listener.close()
        for peer in self.peers:
            with suppress(OSError):
                # Not the method of SSLSocket: that would drop the TLS state under the thread that reads.
                socket.socket.shutdown(peer.sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        if self.failures:
            raise self.failures[0]

    def _listen(self, host: str, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        return listener

    def _wake(self) -> None:
        socket.create_connection((self.host, self.port), 1).close()

    def _wait(self, reached: Callable[[], bool], what: str) -> None:
        with self._changed:
            assert self._changed.wait_for(reached, PATIENCE), f"the server still waits for {what}: {self._record}"

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self.closing.is_set():
                sock.close()
                return
            if self.port:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(PATIENCE)
            peer = Peer(self, sock, number)
            number += 1
            with self._changed:
                self._record.peers.append(peer)
                self._changed.notify_all()
            thread = threading.Thread(target=self._serve, args=(peer,), name=f"raw-peer-{self.port}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: Peer) -> None:
        try:
            if self._tls:
                peer.sock = self._tls.wrap_socket(peer.sock, server_side=True)
            self._converse(peer)
        except Gone:
            pass
        except (ssl.SSLError, OSError) as error:
            self.handshake_errors.append(str(error))
        except BaseException as error:  # noqa: BLE001 - it is raised in the test's thread by close()
            self.failures.append(error)
        finally:
            peer.close()

    def _converse(self, peer: Peer) -> None:
        self._run(peer, self._on_connect)
        while not peer.closed:
            request = peer.read_request()
            if request is None:
                return
            with self._changed:
                answer = self._answers[min(len(self._record.requests), len(self._answers) - 1)]
                self._record.requests.append(request)
                self._changed.notify_all()
            peer.stays_open = False
            self._run(peer, answer)
            if not peer.stays_open:
                return

    @staticmethod
    def _run(peer: Peer, steps: Iterable[Step]) -> None:
        for step in steps:
            if peer.closed:
                return
            if isinstance(step, bytes):
                peer.send(step)
            else:
                step(peer)


@contextmanager
def nobody_listens() -> Iterator[str]:
    """A URL on a port where nothing listens (the port stays taken, so that nobody else can)."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/v1"


@contextmanager
def never_accepts(host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """A URL whose host drops new connections: a listener with a full backlog."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    waiting: list[socket.socket] = []
    try:
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(64):
            sock = socket.socket(family)
            waiting.append(sock)
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
            if not select.select([], [sock], [], 0.2)[1]:
                break
        else:
            message = "the backlog cannot be filled here"
            raise RuntimeError(message)
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listener.getsockname()[1]}/v1"
    finally:
        for sock in (*waiting, listener):
            sock.close()

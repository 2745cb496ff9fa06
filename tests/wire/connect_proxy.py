"""A real http proxy over raw sockets: CONNECT for https, absolute addresses for http, with or without a login."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from tests.wire.raw_server import PATIENCE


class ConnectProxy:
    """
    Lets calls through to the hosts that it knows, and notes all that it hears.

    Args:
        hosts: The place of each host that it can reach, by ``name:port``.
        login: ``user:password`` that it wants, or None.
    """

    def __init__(self, hosts: Mapping[str, tuple[str, int]], login: str | None = None) -> None:
        self._hosts = hosts
        self._wanted = None if login is None else b"Basic " + base64.b64encode(login.encode())
        self.heads: list[bytes] = []
        self.heard = bytearray()  # everything that came from clients
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> ConnectProxy:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for sock in (self._listener, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        for sock in (self._listener, *self._open):
            sock.close()

    @property
    def lines(self) -> list[str]:
        """The first line of each request."""
        return [head.split(b"\r\n", 1)[0].decode() for head in self.heads]

    def _run(self, *work: object) -> None:
        target, *arguments = work
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(PATIENCE)
            self._open.append(client)
            self._run(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            head, rest = self._read_head(client)
            if not head:
                return
            if self._wanted is not None and b"proxy-authorization: " + self._wanted not in _lowered(head):
                self._refuse(client, b"407 Proxy Authentication Required", b"Proxy-Authenticate: Basic\r\n")
                return
            method, target = head.split(b" ", 2)[:2]
            if method == b"CONNECT":
                name = target.decode()
            else:
                parts = urlsplit(target.decode())
                name = f"{parts.hostname}:{parts.port or 80}"
                path = (parts.path or "/").encode()
                # What is for the proxy goes no further.
                lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"proxy-")]
                rest = b"\r\n".join([lines[0].replace(target, path, 1), *lines[1:]]) + b"\r\n\r\n" + rest
            if name not in self._hosts:
                self._refuse(client, b"403 Forbidden")
                return
            server = socket.create_connection(self._hosts[name], PATIENCE)
            self._open.append(server)
            if method == b"CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            server.sendall(rest)
            self._run(self._pump, client, server, True)
            self._pump(server, client, heard=False)

    def _read_head(self, client: socket.socket) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = client.recv(65536)
            if not piece:
                return b"", b""
            data += piece
        self.heard += data
        head, _, rest = data.partition(b"\r\n\r\n")
        self.heads.append(head)
        return head, rest

    def _pump(self, source: socket.socket, sink: socket.socket, heard: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if heard:
                    self.heard += piece
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _refuse(self, client: socket.socket, status: bytes, more: bytes = b"") -> None:
        client.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n" + more + b"Connection: close\r\n\r\n")
        client.shutdown(socket.SHUT_WR)


def _lowered(head: bytes) -> bytes:
    """The head with the names of its headers in lower case."""
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return b"\r\n".join(name.lower() + colon + value for name, colon, value in lines)

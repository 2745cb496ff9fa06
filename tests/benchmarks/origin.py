"""
A server in a process of its own, over raw sockets, so that it costs as little as can be.

The path says what it sends (the base URL is all that a client needs to know):

- ``/burst/COUNT``: so many events, each in an HTTP chunk and a ``send`` of its own, as fast as it can;
- ``/ready/COUNT``: the same bytes, all of them made beforehand and handed to the kernel in large pieces;
- ``/paced/COUNT/RATE``: so many events, RATE in a second, the first together with the head of the response;
- ``/markdown/SIZE/RATE``: a Markdown answer of that size, in pieces of four characters, RATE in a second;
- ``/json/SIZE/RATE``: the same, of an answer in JSON;
- ``/clock/COUNT/RATE/NAME``: so many words, RATE in a second, each NAME and the time it is sent, as `stamp` writes it.

``GET /sent`` tells when each piece of the last paced answer was sent (the monotonic clock is the same in all
processes of a machine), ``GET /connections`` how many connections there were.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import answers

__all__ = ["ROOT", "Origin", "running", "stamp", "stamped"]

ROOT = Path(__file__).parents[2]
_LETTERS = "abcdefghijklmnopqrstuvwxy"
_STAMPS = len(_LETTERS) ** 5
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Origin:
    """A running server, as its clients see it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def url(self, plan: str) -> str:
        """The base URL of a plan, such as ``ready/20000``."""
        return f"{self.address}/{plan}/v1"

    def sent(self) -> list[float]:
        """When each piece of the last paced answer was sent."""
        found: list[float] = self._get("sent")
        return found

    def connections(self) -> int:
        """How many connections there were, without those of this method and of `sent`."""
        found: int = self._get("connections")
        return found

    def _get(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/{what}", timeout=30) as response:
            return json.load(response)


@contextmanager
def running() -> Iterator[Origin]:
    """Start a server, and end it."""
    command = [sys.executable, "-m", "tests.benchmarks.origin"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Origin(int(process.stdout.readline()))
        finally:
            process.terminate()


def stamp(seconds: float) -> str:
    """A time of the monotonic clock as a word of five letters, exact to a millisecond, good for some hours."""
    left, letters = int(seconds * 1000) % _STAMPS, ""
    for _ in range(5):
        left, letter = divmod(left, len(_LETTERS))
        letters += _LETTERS[letter]
    return letters


def stamped(word: str, now: float) -> float:
    """The time that a word tells, the last such time before ``now``."""
    value: int = sum(_LETTERS.index(letter) * len(_LETTERS) ** place for place, letter in enumerate(word))
    return now - ((int(now * 1000) - value) % _STAMPS) / 1000


class _Server:
    def __init__(self) -> None:
        self.sent: list[float] = []
        self.connections = 0
        self._made: dict[int, list[bytes]] = {}

    def converse(self, sock: socket.socket) -> None:
        """Answer one request after the other."""
        rest = b""
        while True:
            while b"\r\n\r\n" not in rest:
                data = sock.recv(65536)
                if not data:
                    return
                rest += data
            head, _, rest = rest.partition(b"\r\n\r\n")
            found = _LENGTH.search(head)
            size = int(found[1]) if found else 0
            while len(rest) < size:
                rest += sock.recv(65536)
            rest = rest[size:]
            method, target, _ = head.split(b" ", 2)
            if method == b"GET":
                self._tell(sock, target.decode())
                return
            self._answer(sock, target.decode())

    def _tell(self, sock: socket.socket, target: str) -> None:
        self.connections -= 1
        body = json.dumps({"/sent": self.sent, "/connections": self.connections}[target]).encode()
        sock.sendall(b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + body)

    def _answer(self, sock: socket.socket, target: str) -> None:
        _, plan, count, *more = target.split("/")
        if plan == "burst":
            sock.sendall(answers.HEAD)
            send = sock.sendall
            for piece in self._frames(int(count)):
                send(piece)
            send(answers.END)
        elif plan == "ready":
            self._ready(sock, int(count))
        elif plan == "paced":
            first, *rest = self._frames(int(count))
            self._paced(sock, [answers.HEAD + first, *rest], float(more[0]))
        elif plan in {"markdown", "json"}:
            texts = answers.pieces({"markdown": answers.markdown, "json": answers.in_json}[plan](int(count)))
            sock.sendall(answers.HEAD)
            self._paced(sock, [answers.frame(answers.chunk(text)) for text in texts], float(more[0]))
        elif plan == "clock":
            sock.sendall(answers.HEAD)
            words = (
                more[1] + stamp(time.monotonic()) + ("\n\n" if number % 40 == 39 else " ")
                for number in range(int(count))
            )
            self._paced(sock, (answers.frame(answers.chunk(word)) for word in words), float(more[0]))

    def _frames(self, count: int) -> list[bytes]:
        if count not in self._made:
            self._made[count] = [answers.frame(each) for each in answers.words(count)]
        return self._made[count]

    def _ready(self, sock: socket.socket, count: int) -> None:
        # A large answer is one block over and over, so that a million events need no room here.
        part = min(count, 1000)
        block = b"".join(self._frames(part))
        sock.sendall(answers.HEAD + block)
        for _ in range(count // part - 1):
            sock.sendall(block)
        sock.sendall(answers.END)

    def _paced(self, sock: socket.socket, frames: Iterable[bytes], rate: float) -> None:
        sent: list[float] = []
        began = time.monotonic()
        # Each is made when it is due, since it may tell the time.
        waiting, number = iter(frames), 0
        while True:
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            each = next(waiting, None)
            if each is None:
                break
            number += 1
            sock.sendall(each)
            sent.append(time.monotonic())
        self.sent = sent
        sock.sendall(answers.END)


def main() -> None:
    """Serve until the process is ended."""
    server = _Server()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.connections += 1
            threading.Thread(target=_serve, args=(server, sock), daemon=True).start()


def _serve(server: _Server, sock: socket.socket) -> None:
    with sock:
        try:
            server.converse(sock)
        except OSError:
            return  # the client has gone


if __name__ == "__main__":
    main()

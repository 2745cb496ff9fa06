"""Tunnels through proxies: what is said, and answers that are cut, strange or endless."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from byom_magics.wire.faults import Fault
from byom_magics.wire.tunnel import Proxy, open_tunnel, proxy_of, refused

PROXY = Proxy("proxy.test", 3128, (b"me", b"w\xc3\xb6rd"))


def tunnel(answer: Callable[[socket.socket], None], proxy: Proxy = PROXY, host: str = "models.test") -> bytes:
    """Open a tunnel to a proxy that answers so; what it heard."""
    ours, theirs = socket.socketpair()
    heard: list[bytes] = []

    def serve() -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += theirs.recv(4096)
        heard.append(data)
        answer(theirs)

    with ours, theirs:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            open_tunnel(ours, proxy, host, 443)
        finally:
            ours.close()
            thread.join(10)
    return heard[0]


def saying(*pieces: bytes, end: bool = False) -> Callable[[socket.socket], None]:
    def answer(sock: socket.socket) -> None:
        for piece in pieces:
            sock.sendall(piece)
        if end:
            sock.shutdown(socket.SHUT_WR)

    return answer


GRANTED = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"


def test_the_proxy_is_told_the_server_and_its_own_login_and_no_more() -> None:
    assert tunnel(saying(GRANTED)) == (
        b"CONNECT models.test:443 HTTP/1.1\r\nHost: models.test:443\r\nProxy-Authorization: Basic bWU6d8O2cmQ=\r\n\r\n"
    )
    assert tunnel(saying(GRANTED), Proxy("p", 1), "::1") == b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n"


@pytest.mark.parametrize("at", range(1, len(GRANTED)))
def test_an_answer_may_come_cut_anywhere(at: int) -> None:
    tunnel(saying(GRANTED[:at], GRANTED[at:]))


@pytest.mark.parametrize(
    ("answer", "says", "passing"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "does not take the login", False),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "refused to connect to models.test:443 (403 Forbidden)", False),
        (b"HTTP/1.0 502\r\n\r\n", "(502)", True),
        (b"HTTP/1.1 503 Busy\x1b[31m\r\n\r\n", "503 Busy", True),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no http proxy", False),
        (b"\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n", "no http proxy", False),
        (b"", "ended the connection", True),
    ],
)
def test_what_is_no_tunnel_is_told(answer: bytes, says: str, passing: bool) -> None:
    with pytest.raises(Fault) as caught:
        tunnel(saying(answer, end=True))
    assert says in caught.value.what
    assert "\x1b" not in caught.value.what
    assert caught.value.hint
    assert caught.value.passing is passing


def test_an_endless_answer_is_given_up() -> None:
    def forever(sock: socket.socket) -> None:
        try:
            while True:
                sock.sendall(b"x" * 65536)
        except OSError:
            pass

    with pytest.raises(Fault, match="no http proxy"):
        tunnel(forever)


def test_a_login_is_in_no_message_and_no_repr() -> None:
    proxy = proxy_of("http://me%40here:top%3Asesame@proxy.test:3128")
    assert proxy.login == (b"me@here", b"top:sesame")
    assert "sesame" not in repr(proxy)
    for said in ("407 No", "403 No"):
        fault = refused(proxy, said, "models.test", 443)
        assert "sesame" not in f"{fault.what}{fault.hint}"


@pytest.mark.parametrize(
    ("url", "place"), [("http://proxy.test", "proxy.test:80"), ("http://[::1]:3128/", "[::1]:3128")]
)
def test_a_proxy_is_known_by_its_address(url: str, place: str) -> None:
    assert proxy_of(url).place == place


@pytest.mark.parametrize(
    "url", ["socks5://proxy.test:1080", "https://proxy.test", "http://", "http://proxy.test:0", "http://p:99999"]
)
def test_what_is_no_http_proxy_is_refused(url: str) -> None:
    with pytest.raises(Fault) as caught:
        proxy_of(url)
    assert caught.value.kind == "policy"

"""Addresses: what is taken as one, what a key is bound to, and where it may travel."""

from __future__ import annotations

import ipaddress
import random
import socket

import pytest

from byom_magics.errors import RegistrationError
from byom_magics.wire.policy import (
    base_url,
    carries_key_safely,
    is_loopback,
    join,
    literal,
    origin,
    place_of,
    scheme_of,
)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("  https://api.example.com/v1  ", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/v1?api-version=1", "https://api.example.com/v1?api-version=1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_a_base_address_is_tidied(given: str, used: str) -> None:
    assert base_url(given) == used


@pytest.mark.parametrize(
    "given",
    [
        "", "localhost:11434/v1", "api.example.com", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)",
        "http://", "http:///v1", "http://user@example.com/v1", "http://user:secret-word@example.com/v1",
        "http://exa mple.com", "http://example.com/v1\r\nX: y", "http://example.com\\@evil.test", "http://example.com/#x",
        "http://example.com:0/v1", "http://example.com:99999/v1", "http://example.com:abc/v1", "http://[::1/v1",
        "https://example.com/v1?api_key=secret-word", "https://example.com/v1?token=secret-word", "http://example.com\x00",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_how_to_write_one(given: str) -> None:
    with pytest.raises(RegistrationError) as caught:
        base_url(given)
    assert caught.value.hint
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("base", "path", "whole"),
    [
        ("http://h/v1", "/chat/completions", "http://h/v1/chat/completions"),
        ("http://h/v1", "chat", "http://h/v1/chat"),
        ("http://h", "/chat", "http://h/chat"),
        ("http://h/v1?a=1", "/chat", "http://h/v1/chat?a=1"),
        ("http://h/v1?a=1", "/chat?b=2", "http://h/v1/chat?b=2&a=1"),
        ("http://h/v1", "", "http://h/v1"),
        ("http://h/v1", "/../api/chat", "http://h/api/chat"),
        ("http://h/a/v1?b=1", "/../api/chat", "http://h/a/api/chat?b=1"),
        ("http://h", "/../../api", "http://h/../../api"),
    ],
)
def test_a_path_is_joined_to_its_base(base: str, path: str, whole: str) -> None:
    assert join(base, path) == whole


@pytest.mark.parametrize(
    ("url", "bound"),
    [
        ("https://example.com/v1", "https://example.com:443"),
        ("https://EXAMPLE.com:443/v1", "https://example.com:443"),
        ("http://example.com/v1", "http://example.com:80"),
        ("http://example.com:8080", "http://example.com:8080"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, bound: str) -> None:
    assert origin(url) == bound


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"]
)
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(f"http://{host}:8000/v1")
    assert carries_key_safely(f"http://{host}:8000/v1")


@pytest.mark.parametrize(
    "host",
    ["example.com", "127.0.0.1.example.com", "localhost.example.com", "notlocalhost", "0.0.0.0", "169.254.169.254",
     "10.0.0.1", "2130706433", "[::ffff:8.8.8.8]", "[::ffff:127.0.0.1]", "127.1", "0x7f.0.0.1"],
)  # fmt: skip
def test_other_machines_are_not_taken_for_this_one(host: str) -> None:
    assert not is_loopback(f"http://{host}:8000/v1")
    assert not carries_key_safely(f"http://{host}:8000/v1")
    assert carries_key_safely(f"https://{host}:8000/v1")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Example.com/v1", ("example.com", 443)),
        ("http://example.com/v1", ("example.com", 80)),
        ("http://[::1]:8000/v1", ("::1", 8000)),
        ("http://me:word@example.com:3128", ("example.com", 3128)),
        ("http://example.com:99999", ("example.com", 0)),
        ("HTTP://example.com", ("example.com", 80)),
    ],
)
def test_a_place_is_a_host_and_a_port(url: str, place: tuple[str, int]) -> None:
    assert place_of(url) == place
    assert scheme_of(url) == url.partition(":")[0].lower()


@pytest.mark.parametrize(
    "name", ["example.com", "a", "", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "08.1.1.1", "4294967296", "1..2", "-1",
             "1.2.3.4.example.com", "0xg.1", "127.0.0.1x"]
)  # fmt: skip
def test_a_name_is_no_address(name: str) -> None:
    assert literal(name) is None


def test_an_address_is_known_in_every_spelling_that_a_look_up_would_take() -> None:
    dice = random.Random(1)
    seen = 0
    for _ in range(3000):
        pieces = [
            dice.choice(("{}", "0x{:x}", "0X{:X}", "0{:o}", "00{:o}", "0x0{:x}")) for _ in range(dice.randint(1, 4))
        ]
        numbers = [dice.choice((0, 1, 9, 127, 169, 254, 255, 256, 65535, 43518, 2130706433, 2**32)) for _ in pieces]
        host = ".".join(piece.format(number) for piece, number in zip(pieces, numbers, strict=True))
        try:
            found = socket.getaddrinfo(host, 80, socket.AF_INET, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            continue
        seen += 1
        assert literal(host) == ipaddress.ip_address(found[0][4][0]), host
    assert seen > 300


@pytest.mark.parametrize(
    "url",
    ["https://llm.example/sk-proj-0123456789abcdefXYZ/v1", "https://llm.example/v1?via=sk-proj-0123456789abcdefXYZ"],
)
def test_sec_21_an_address_with_what_can_only_be_a_key_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(RegistrationError, match="carry a key") as caught:
        base_url(url)
    assert "0123456789" not in str(caught.value)

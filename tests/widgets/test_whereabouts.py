from __future__ import annotations

import socket

import pytest

from byom_magics.catalog.registration import spec_of
from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.widgets.whereabouts import CLOUD, PRIVATE, THIS_MACHINE, place_words, whereabouts


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://localhost:11434/v1", THIS_MACHINE),
        ("http://api.localhost/v1", THIS_MACHINE),
        ("http://127.0.0.1:1234/v1", THIS_MACHINE),
        ("http://127.1/v1", THIS_MACHINE),
        ("http://0.0.0.0:8000/v1", THIS_MACHINE),
        ("http://[::1]:8000/v1", THIS_MACHINE),
        ("http://10.0.0.8/v1", PRIVATE),
        ("http://172.31.0.1/v1", PRIVATE),
        ("http://192.168.1.20:8000/v1", PRIVATE),
        ("http://[fd00::7]/v1", PRIVATE),
        ("http://100.64.0.9/v1", PRIVATE),
        ("http://gpu-7:8000/v1", PRIVATE),
        ("http://box.local/v1", PRIVATE),
        ("http://BOX.LOCAL./v1", PRIVATE),
        ("http://llm.home.arpa/v1", PRIVATE),
        ("https://api.openai.com/v1", CLOUD),
        ("http://172.32.0.1/v1", CLOUD),
        ("http://8.8.8.8/v1", CLOUD),
        ("https://notlocal/v1", PRIVATE),
        ("https://local.example/v1", CLOUD),
        ("https://localhost.example/v1", CLOUD),
    ],
)
def test_a_place_follows_from_the_address_and_nothing_is_looked_up(
    url: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "getaddrinfo", no)
    assert whereabouts(spec_of("m", url=url)) == place


def test_built_in_models_and_unix_sockets_are_on_this_machine() -> None:
    assert whereabouts(spec_of("m", url="demo://built-in/v1", builtin=True)) == THIS_MACHINE
    assert whereabouts(spec_of("m", url="http://api.example/v1", unix_socket="/run/llm.sock")) == THIS_MACHINE


def test_the_region_that_an_endpoint_declares_is_told_beside_the_place() -> None:
    assert place_words(ModelSpec("a", "m", Endpoint("https://api.example.com/v1", region="eu"))) == "cloud eu"
    assert place_words(ModelSpec("a", "m", Endpoint("http://localhost:1/v1"))) == "this machine"

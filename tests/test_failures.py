"""What can be wrong with a connection, each told in words of its own, with what to do next: by a call and by the doctor."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

import byom_magics as byom
from byom_magics import errors
from tests.checking import respond_always
from tests.magics.notebook import notebook
from tests.wire.answers import refused, sized
from tests.wire.connect_proxy import ConnectProxy
from tests.wire.raw_server import RawServer, never_accepts, nobody_listens

PAGE = b"<html><head><title>Sign in</title></head></html>"
NO_PATH = {"detail": "Not Found"}
NO_MODEL = {"error": {"message": "The model 'large' does not exist", "code": "model_not_found"}}


class World:
    """Servers that each fail in their own way."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.ca = trustme.CA(organization_name="Example Company")
        self.file = str(folder / "ca.pem")
        self.ca.cert_pem.write_to_path(self.file)
        self._stack = stack

    def answering(self, answer: bytes, **more: Any) -> dict[str, Any]:
        server: RawServer = self._stack.enter_context(respond_always(answer))
        return {"url": server.url, "api_key": "env:SOME_KEY", **more}

    def secured(self, *names: str, trusted: bool = True, demanding: bool = False, **more: Any) -> dict[str, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("127.0.0.1",)), **more).configure_cert(context)
        if demanding:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        server = self._stack.enter_context(RawServer([b""], tls=context))
        return {"url": server.url, **({"tls": {"ca": self.file}} if trusted else {})}

    def proxied(self, login: str | None) -> dict[str, Any]:
        proxy = self._stack.enter_context(ConnectProxy({}, login))
        return {"url": "https://models.test/v1", "proxy": proxy.url}

    def refused(self) -> dict[str, Any]:
        return {"url": self._stack.enter_context(nobody_listens())}

    def silent(self) -> dict[str, Any]:
        return {"url": self._stack.enter_context(never_accepts()), "timeouts": {"connect": 0.4}}


PAST = datetime.now(timezone.utc) - timedelta(days=3)
EXPIRED: dict[str, Any] = {"not_before": PAST - timedelta(days=30), "not_after": PAST}

FAILURES: dict[str, tuple[Callable[[World], dict[str, Any]], str, str]] = {
    "DNS": (lambda _: {"url": "http://name.invalid/v1"}, "name", "'name.invalid' was not found"),
    "refused": (World.refused, "connection", "connection was refused"),
    "timeout": (World.silent, "connection", "Stopped after 0.4 s"),
    "unknown CA": (lambda world: world.secured(trusted=False), "TLS", "issued by 'Example Company'"),
    "expired": (lambda world: world.secured(**EXPIRED), "TLS", f"expired on {PAST:%Y-%m-%d}"),
    "wrong name": (lambda world: world.secured("other.test"), "TLS", "belongs to another name, 'other.test'"),
    "client certificate": (lambda world: world.secured(demanding=True), "TLS", "wants a client certificate"),
    "proxy": (lambda world: world.proxied(None), "connection", "refused to connect to models.test:443"),
    "proxy login": (lambda world: world.proxied("me:word"), "connection", "wants a login"),
    "401": (lambda world: world.answering(refused("401 Unauthorized")), "model list", "401 Unauthorized"),
    "403": (lambda world: world.answering(refused("403 Forbidden")), "answer", "403 Forbidden"),
    "404 path": (lambda world: world.answering(refused("404 Not Found", NO_PATH)), "answer", "404 Not Found"),
    "404 model": (lambda world: world.answering(refused("404 Not Found", NO_MODEL)), "answer", "does not exist"),
    "HTML": (lambda world: world.answering(sized(PAGE, "200 OK", "text/html")), "answer", "Sign in"),
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("SOME_KEY", "a-key-0123456789")
    with ExitStack() as stack:
        yield World(tmp_path, stack)


def registered(world: World, name: str) -> None:
    byom.register("it", **{"model": "large", **FAILURES[name][0](world)})


def asked(world: World, name: str) -> tuple[str, str]:
    """What a plain call says, and its next step."""
    registered(world, name)
    with pytest.raises(errors.CallError) as caught:
        byom.ask("it", "hi")
    return caught.value.what, caught.value.hint or ""


def doctored(world: World, name: str) -> tuple[str, str]:
    """What the doctor says, and its next step."""
    registered(world, name)
    worst = byom.doctor("it").worst
    assert worst is not None
    return worst.detail, worst.next_step


@pytest.mark.parametrize("name", FAILURES)
def test_a_call_says_what_is_wrong_and_what_to_do_next(name: str, world: World) -> None:
    what, then = asked(world, name)
    assert FAILURES[name][2] in what
    assert then


@pytest.mark.parametrize("name", FAILURES)
def test_the_doctor_says_it_in_the_step_where_it_is_and_shows_what_to_do_next(name: str, world: World) -> None:
    with notebook() as nb:
        nb.ok("%load_ext byom_magics")
        registered(world, name)
        printed = " ".join(nb.ok("%byom_doctor it").printed.split())
    _, step, words = FAILURES[name]
    assert f"✗ FAILED {step} " in printed
    failed = printed.partition(f"✗ FAILED {step} ")[2].partition(" – skipped ")[0]
    assert words in failed
    assert " Next: " in failed


@pytest.mark.parametrize("way", [asked, doctored], ids=["call", "doctor"])
def test_no_two_failures_are_told_in_the_same_words(way: Callable[[World, str], tuple[str, str]], world: World) -> None:
    said: dict[str, str] = {}
    for name in FAILURES:
        what, then = way(world, name)
        text = re.sub(r"[\d.:/]+|'[^']*'", " ", f"{what} {then}")  # numbers, addresses and names tell nothing apart
        assert then
        assert text not in said.values(), f"{name} is told like {said}"
        said[name] = text
    assert len(said) == len(FAILURES)

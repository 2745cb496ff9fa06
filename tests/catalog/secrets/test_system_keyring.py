from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null

from byom_magics.catalog.secrets import Secret, forget_session, system_keyring
from byom_magics.catalog.secrets.system_keyring import SystemKeyring
from byom_magics.errors import MissingPackageError, SecretError
from tests.catalog.secrets.rings import (
    BrokenRing,
    ChainedRings,
    ForgetfulRing,
    HangingRing,
    MemoryRing,
    PlaintextKeyring,
    WeakRing,
)

ORIGIN = "https://api.example.com:443"
KEY = "canary-0123456789"


@pytest.fixture(autouse=True)
def _own_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)
    forget_session()


def use(backend: Any) -> SystemKeyring:
    keyring.set_keyring(backend)
    return SystemKeyring()


def secret(value: str = KEY) -> Secret:
    return Secret(value, source="ask", origin=ORIGIN)


def bare(found: Secret | None) -> str:
    assert found is not None
    return found.bare()


# Which keyring is used


def test_a_good_keyring_is_used_and_nothing_of_the_check_is_left() -> None:
    ring = MemoryRing()
    found = use(ring).finding()
    assert found.backend is ring
    assert found.name == "Test Ring"
    assert ring.kept == {}


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (WeakRing(), "priority is 0.5"),
        (PlaintextKeyring(), "not encrypted"),
        (null.Keyring(), "not used"),  # type: ignore[no-untyped-call]
        (fail.Keyring(), "not used"),  # type: ignore[no-untyped-call]
        (BrokenRing(), "it fails (OSError)"),
        (ForgetfulRing(), "it fails (PasswordDeleteError)"),
    ],
)
def test_a_keyring_that_is_weak_or_broken_is_refused_and_it_is_said_why(backend: Any, why: str) -> None:
    ring = use(backend)
    assert ring.finding().backend is None
    assert why in ring.finding().why
    with pytest.raises(SecretError) as caught:
        ring.get("mine")
    assert why in str(caught.value)
    assert "%byom_key set NAME" in str(caught.value)


def test_what_keyrings_alt_brings_is_refused_whatever_its_priority() -> None:
    kind = type("EncryptedKeyring", (MemoryRing,), {"__module__": "keyrings.alt.file", "priority": 9})
    assert use(kind()).finding().backend is None


def test_of_several_keyrings_the_first_good_one_is_used_alone() -> None:
    good = MemoryRing()
    ring = use(ChainedRings(PlaintextKeyring(), BrokenRing(), good))
    assert ring.finding().backend is good
    assert use(ChainedRings(PlaintextKeyring())).finding().backend is None


def test_a_keyring_that_does_not_answer_is_refused_in_time_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_keyring, "_CHECK_S", 0.05)
    hanging = HangingRing()
    ring = use(hanging)
    assert "did not answer" in ring.finding().why
    assert "did not answer" in ring.finding().why
    hanging.unlocked.set()
    check = ring._check
    assert check is not None
    assert check.wait(20)
    assert ring.finding().backend is hanging  # what was unlocked meanwhile is used


def test_the_check_is_made_once_in_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = use(MemoryRing())
    first = ring.finding()
    keyring.set_keyring(MemoryRing())
    assert ring.finding() is first


def test_without_the_package_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    ring = SystemKeyring()
    assert ring.finding().missing
    assert ring.names() == []
    assert not ring.delete("mine")
    with pytest.raises(MissingPackageError, match="pip install 'byom-magics\\[keyring\\]'"):
        ring.get("mine")


# Keeping keys


def test_a_key_is_kept_with_its_origin() -> None:
    backend = MemoryRing()
    ring = use(backend)
    ring.put("mine", secret())
    found = ring.get("mine")
    assert json.loads(backend.key("mine") or "") == {"key": KEY, "origin": ORIGIN}
    assert bare(found) == KEY
    assert found is not None
    assert found.origin == ORIGIN
    assert found.source == "keyring:mine (Test Ring)"


@pytest.mark.parametrize("said", [KEY, f'"{KEY}"', '{"other": 1}', '{"key": 5}', "{" * 50_000])
def test_a_plain_key_that_another_program_put_there_is_taken_as_it_is(said: str) -> None:
    backend = MemoryRing()
    backend.set_password("byom_magics", "mine", said)
    found = use(backend).get("mine")
    assert bare(found) == said
    assert found is not None
    assert found.origin == ""


@pytest.mark.parametrize("origin", [None, 5, ["x"]])
def test_an_origin_that_is_none_binds_to_nothing(origin: object) -> None:
    backend = MemoryRing()
    backend.set_password("byom_magics", "mine", json.dumps({"key": KEY, "origin": origin}))
    found = use(backend).get("mine")
    assert found is not None
    assert (found.bare(), found.origin) == (KEY, "")


def test_a_name_that_has_no_key_gives_none() -> None:
    ring = use(MemoryRing())
    assert ring.get("mine") is None
    assert not ring.delete("mine")


def test_names_are_listed_and_deleted_ones_are_not() -> None:
    ring = use(MemoryRing())
    for name in ("one", "two", "one"):
        ring.put(name, secret())
    assert ring.names() == ["two", "one"]
    assert ring.delete("two")
    assert ring.names() == ["one"]


@pytest.mark.parametrize("index", ["", "{}", "no json", "[1, null]", "[" * 50_000])
def test_a_list_of_names_that_someone_else_wrote_does_no_harm(index: str) -> None:
    backend = MemoryRing()
    backend.set_password("byom_magics", "names of keys", index)
    ring = use(backend)
    assert ring.names() == []
    ring.put("mine", secret())
    assert ring.names() == ["mine"]


class _Worsening(MemoryRing):
    """It keeps what the check writes, and later spoils what it is given."""

    spoils = False
    breaks = False

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.breaks and "new" in password:
            super().set_password(service, username, "half of it")
            message = "disk full, and new-canary lost"
            raise RuntimeError(message)
        super().set_password(service, username, password[:-1] if self.spoils and "new" in password else password)


def test_a_key_that_cannot_be_read_back_is_told_and_the_old_one_is_there() -> None:
    backend = _Worsening()
    ring = use(backend)
    ring.put("mine", secret())
    backend.spoils = True
    with pytest.raises(SecretError, match="did not keep the key"):
        ring.put("mine", secret("new-canary-987"))
    assert bare(ring.get("mine")) == KEY
    with pytest.raises(SecretError):
        ring.put("fresh", secret("new-canary-987"))
    assert backend.key("fresh") is None


def test_a_keyring_that_breaks_while_it_writes_is_told_and_the_old_key_is_there() -> None:
    backend = _Worsening()
    ring = use(backend)
    ring.put("mine", secret())
    backend.breaks = True
    with pytest.raises(SecretError, match="RuntimeError: disk full"):
        ring.put("mine", secret("new-canary-987"))
    backend.breaks = False
    assert bare(ring.get("mine")) == KEY


def test_a_keyring_that_is_locked_later_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = HangingRing()
    backend.unlocked.set()
    ring = use(backend)
    assert ring.finding().backend is backend
    backend.unlocked.clear()
    monkeypatch.setattr(system_keyring, "_UNLOCK_S", 0.05)
    with pytest.raises(SecretError, match="waits to be unlocked"):
        ring.put("mine", secret())
    backend.unlocked.set()

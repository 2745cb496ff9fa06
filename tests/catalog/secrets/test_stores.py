from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from byom_magics.catalog.secrets import Secret, check_can_keep, drop, hold, keep, mask, resolve, stored
from byom_magics.errors import SecretError
from tests.catalog.secrets.rings import MemoryRing, WeakRing

ORIGIN = "https://api.example.com:443"
KEY = "canary-0123456789"


@pytest.fixture
def ring() -> Iterator[MemoryRing]:
    before = keyring.get_keyring()
    made = MemoryRing()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(WeakRing())
    yield
    keyring.set_keyring(before)


def secret(value: str = KEY, origin: str = ORIGIN) -> Secret:
    return Secret(value, source="ask", origin=origin)


def test_a_key_goes_into_the_keyring_and_comes_out_of_it(ring: MemoryRing) -> None:
    assert keep("keyring:mine", secret()) == "in the keyring of this system (Test Ring)"
    assert resolve("keyring:mine", origin=ORIGIN).reveal() == KEY
    assert stored() == ["keyring:mine"]


def test_where_no_keyring_is_good_enough_memory_keeps_it_and_that_is_said(no_ring: None) -> None:
    assert "in memory, for this session only (the keyring" in keep("keyring:mine", secret())
    found = resolve("keyring:mine", origin=ORIGIN)
    assert found.reveal() == KEY
    assert found.source == "keyring:mine (in this session's memory)"
    assert stored() == ["session:mine"]


def test_what_goes_into_the_keyring_does_not_stay_in_memory(ring: MemoryRing) -> None:
    hold("mine", "a-held-key", ORIGIN)
    keep("keyring:mine", secret())
    assert resolve("keyring:mine", origin=ORIGIN).reveal() == KEY
    with pytest.raises(SecretError):
        resolve("session:mine", origin=ORIGIN)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_file_is_said_not_to_be_encrypted(tmp_path: Path) -> None:
    reference = f"file:{tmp_path / 'my.key'}"
    assert "not encrypted" in keep(reference, secret())
    assert resolve(reference, origin=ORIGIN).reveal() == KEY


def test_a_kept_key_is_masked_from_then_on(no_ring: None) -> None:
    keep("session:mine", secret())
    assert mask(f"it is {KEY}") == "it is [key hidden]"


def test_what_is_under_way_keeps_the_key_it_began_with(ring: MemoryRing) -> None:
    keep("keyring:mine", secret())
    under_way = resolve("keyring:mine", origin=ORIGIN)
    keep("keyring:mine", secret("another-key"), replace=True)
    assert under_way.reveal() == KEY
    assert resolve("keyring:mine", origin=ORIGIN).reveal() == "another-key"


@pytest.mark.parametrize("reference", ["env:MY_KEY", "command:vault read key", lambda: KEY])
def test_what_comes_from_elsewhere_is_not_kept_here(reference: str) -> None:
    with pytest.raises(SecretError):
        check_can_keep(reference)


@pytest.mark.parametrize("reference", ["keyring:mine", "session:mine", "ask"])
def test_a_key_is_forgotten_where_it_is(ring: MemoryRing, reference: str) -> None:
    assert not drop(reference, ORIGIN)
    keep(reference, secret())
    assert drop(reference, ORIGIN)
    assert not drop(reference, ORIGIN)
    assert ring.key("mine") is None


def test_the_token_of_a_callable_is_forgotten_and_fetched_anew() -> None:
    fetched: list[str] = []

    def token() -> tuple[str, int]:
        fetched.append(f"token-{len(fetched)}")
        return fetched[-1], 3600

    resolve(token, origin=ORIGIN)
    assert drop(token, ORIGIN)
    assert not drop(token, ORIGIN)
    assert resolve(token, origin=ORIGIN).reveal() == "token-1"


@pytest.mark.parametrize("reference", ["env:MY_KEY", "file:/tmp/my.key"])
def test_what_other_programs_may_use_is_not_deleted(reference: str) -> None:
    with pytest.raises(SecretError, match="not deleted from here"):
        drop(reference, ORIGIN)

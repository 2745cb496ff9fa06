"""Keyrings for tests: one that keeps keys in memory, and others that must not be used."""

from __future__ import annotations

import threading

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryRing(KeyringBackend):
    """A keyring as good as that of a system, except that it is in memory."""

    priority = 5
    name = "Test Ring"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]

    def key(self, name: str) -> str | None:
        return self.kept.get(("byom_magics", name))


class WeakRing(MemoryRing):
    """Keys in a plain file, as keyrings.alt keeps them, have a priority below 1."""

    priority = 0.5  # type: ignore[assignment]


class PlaintextKeyring(MemoryRing):
    """A plain file that claims to be a good place."""


class BrokenRing(MemoryRing):
    """No service on the other side, as in a container without D-Bus."""

    def set_password(self, service: str, username: str, password: str) -> None:
        message = "no service for the secret"
        raise OSError(message)


class ForgetfulRing(MemoryRing):
    """It takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class HangingRing(MemoryRing):
    """It waits to be unlocked, by a window that nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = threading.Event()

    def set_password(self, service: str, username: str, password: str) -> None:
        self.unlocked.wait()
        super().set_password(service, username, password)


class ChainedRings(MemoryRing):
    """What keyring offers where there are several: it goes on to the next one when one fails."""

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = list(backends)

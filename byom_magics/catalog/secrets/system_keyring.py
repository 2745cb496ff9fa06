"""
The operating system's keyring, through the optional package keyring.

It is used only if it keeps keys encrypted and answers in time: with some packages around, what stands for a keyring
where there is none is a plain text file.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from byom_magics.catalog.secrets.masking import mask
from byom_magics.catalog.secrets.secret import Secret, sendable
from byom_magics.errors import MissingPackageError, SecretError
from byom_magics.plain import visible

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["SERVICE", "Finding", "SystemKeyring"]

SERVICE = "byom_magics"
"""The service under which keys stand: ``keyring set byom_magics NAME`` puts one there too."""

_INDEX = "names of keys"  # no key can have a name with blanks
_CHECK_S = 5.0
_UNLOCK_S = 60.0  # the person may have to unlock it
_POLL_S = 0.1
_LEAST_PRIORITY = 1
_REFUSED = ("plaintext", "null", "fail")

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Finding:
    """
    Whether keys can be kept in a keyring.

    Attributes:
        backend: The keyring, or None.
        why: Why there is none.
        missing: Whether that is because the package is not installed.
    """

    backend: KeyringBackend | None
    why: str = ""
    missing: bool = False

    @property
    def name(self) -> str:
        """What the keyring calls itself."""
        return visible(str(getattr(self.backend, "name", ""))) or type(self.backend).__name__


class SystemKeyring:
    """The keyring of this machine; looked for once in a session, when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._check: _Work[Finding] | None = None
        self._until = 0.0

    def finding(self) -> Finding:
        """Whether there is one that can be used; waits five seconds at most, once."""
        with self._lock:
            if self._check is None:
                self._check = _Work(_find)
                self._until = time.monotonic() + _CHECK_S
            check = self._check
        if not check.wait(self._until - time.monotonic()):
            return Finding(None, f"the keyring of this system did not answer within {_CHECK_S:g} s")
        return check.result()

    def get(self, name: str) -> Secret | None:
        """
        The key of that name, bound to the origin that is noted beside it; None if there is none.

        Raises:
            MissingPackageError: The package keyring is not installed.
            SecretError: There is no keyring that can be used, or it does not answer.
        """
        backend = self._backend(name)
        said = _do(name, lambda: backend.get_password(SERVICE, name))
        if not said:
            return None
        value, origin = _read(said)
        source = f"keyring:{name} ({self.finding().name})"
        return Secret(sendable(value, source), source=source, origin=origin)

    def put(self, name: str, secret: Secret) -> None:
        """
        Keep a key, in place of the one that has this name; that one stays if the new one cannot be read back.

        Raises:
            MissingPackageError: The package keyring is not installed.
            SecretError: There is no keyring that can be used, or it did not take the key.
        """
        backend = self._backend(name)

        def work() -> bool:
            # Made here: the frame outside waits, and a traceback of its interrupt may show all that is in it.
            said = json.dumps({"key": secret.bare(), "origin": secret.origin})
            before = backend.get_password(SERVICE, name)
            try:
                backend.set_password(SERVICE, name, said)
                kept = backend.get_password(SERVICE, name) == said
            except BaseException:
                _put_back(backend, name, before)
                raise
            if not kept:
                _put_back(backend, name, before)
            return kept

        if not _do(name, work):
            message = f"The keyring did not keep the key {visible(name)} as it was given."
            raise SecretError(message, hint="the one that was there stays; try --file PATH (not encrypted)")
        with suppress(SecretError):
            _do(name, lambda: _note(backend, name, there=True))

    def delete(self, name: str) -> bool:
        """
        Delete a key; whether there was one.

        Raises:
            SecretError: It could not be deleted.
        """
        backend = self.finding().backend
        if backend is None:
            return False
        if _do(name, lambda: backend.get_password(SERVICE, name)) is None:
            return False
        _do(name, lambda: backend.delete_password(SERVICE, name))
        with suppress(SecretError):
            _do(name, lambda: _note(backend, name, there=False))
        return True

    def names(self) -> list[str]:
        """The names of the keys that were put there from here; empty where no keyring can be used."""
        backend = self.finding().backend
        if backend is None:
            return []
        with suppress(SecretError):
            return _do("names", lambda: _noted(backend))
        return []

    def _backend(self, name: str) -> KeyringBackend:
        found = self.finding()
        if found.backend is not None:
            return found.backend
        reference = f"keyring:{visible(name)}"
        if found.missing:
            hint = "install it: %pip install 'byom-magics[keyring]'; or type it for this session: %byom_key set NAME"
            raise MissingPackageError(f"{reference} needs the package keyring, which is not installed.", hint=hint)
        message = f"{reference} cannot be looked up: {found.why}."
        hint = "type the key for this session: %byom_key set NAME; or register the model with --api-key env:NAME"
        raise SecretError(message, hint=hint)


class _Work(Generic[_Result]):
    """
    Something that may hang, done in a thread that nobody has to wait for.

    Args:
        do: What is to be done.
    """

    def __init__(self, do: Callable[[], _Result]) -> None:
        self._do = do
        self._done = threading.Event()
        self._result: list[_Result] = []
        self._problem = ""
        threading.Thread(target=self._run, name="byom-keyring", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether it is done, after so many seconds at most."""
        until = time.monotonic() + seconds
        # Windows cannot interrupt a wait without a limit.
        while not self._done.wait(max(0.0, min(_POLL_S, until - time.monotonic()))):
            if time.monotonic() >= until:
                return False
        return True

    def result(self) -> _Result:
        """
        What came of it.

        Raises:
            SecretError: It failed.
        """
        if self._result:
            return self._result[0]
        message = f"The keyring failed: {self._problem}."
        raise SecretError(message, hint="see whether it is unlocked, and can be used by other programs")

    def _run(self) -> None:
        try:
            self._result.append(self._do())
        except Exception as problem:  # noqa: BLE001 - keyrings raise the errors of many libraries, or any other
            words = " ".join(visible(mask(str(problem)))[:300].split())
            self._problem = f"{type(problem).__name__}: {words}" if words else type(problem).__name__
        finally:
            self._done.set()


def _do(name: str, do: Callable[[], _Result]) -> _Result:
    work = _Work(do)
    if not work.wait(_UNLOCK_S):
        message = f"The keyring did not answer within {_UNLOCK_S:g} s when it was asked for {visible(name)}."
        raise SecretError(message, hint="see whether it waits to be unlocked")
    return work.result()


def _find() -> Finding:
    try:
        import keyring  # noqa: PLC0415 - an optional package, slow to load
    except ImportError:
        return Finding(None, "the package keyring is not installed", missing=True)
    chosen = keyring.get_keyring()
    # One that chains others would hand the key on to the next one, whatever that is, when the first one fails.
    candidates: list[Any] = list(getattr(chosen, "backends", None) or [chosen])
    why = "there is no keyring on this system"
    for backend in candidates:
        problem = _unsuitable(backend)
        if not problem:
            return Finding(backend)
        why = f"the keyring {type(backend).__module__}.{type(backend).__qualname__} is not used: {problem}"
    return Finding(None, visible(why))


def _unsuitable(backend: Any) -> str:  # noqa: ANN401 - whatever stands for a keyring
    kind = type(backend)
    where = f"{kind.__module__}.{kind.__qualname__}".lower()
    if kind.__module__.partition(".")[0] == "keyrings" and ".alt" in kind.__module__:
        return "it keeps keys in a file of its own"
    if any(word in part for part in where.split(".") for word in _REFUSED):
        return "it does not keep keys, or not encrypted"
    try:
        priority = float(backend.priority)
        if priority < _LEAST_PRIORITY:
            return f"its priority is {priority:g}, and one of at least {_LEAST_PRIORITY} is wanted"
        name, word = f"check {os.urandom(8).hex()}", os.urandom(16).hex()
        backend.set_password(SERVICE, name, word)
        try:
            kept = backend.get_password(SERVICE, name)
        finally:
            backend.delete_password(SERVICE, name)
        if kept != word or backend.get_password(SERVICE, name) is not None:
            return "it did not give back what was written, or did not delete it"
    except Exception as problem:  # noqa: BLE001 - keyrings raise the errors of many libraries, or any other
        return f"it fails ({type(problem).__name__})"
    return ""


def _put_back(backend: KeyringBackend, name: str, before: str | None) -> None:
    with suppress(Exception):
        if before is None:
            backend.delete_password(SERVICE, name)
        else:
            backend.set_password(SERVICE, name, before)


def _read(said: str) -> tuple[object, str]:
    """The key and its origin; what another program put there is the key alone."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return said, ""
    if isinstance(found, dict) and isinstance(found.get("key"), str):
        origin = found.get("origin")
        return found["key"], origin if isinstance(origin, str) else ""
    return said, ""


def _noted(backend: KeyringBackend) -> list[str]:
    try:
        names = json.loads(backend.get_password(SERVICE, _INDEX) or "[]")
    except (ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _note(backend: KeyringBackend, name: str, *, there: bool) -> None:
    """Keep the list of names, since a keyring does not say which it has."""
    names = [each for each in _noted(backend) if each != name] + ([name] if there else [])
    backend.set_password(SERVICE, _INDEX, json.dumps(names))

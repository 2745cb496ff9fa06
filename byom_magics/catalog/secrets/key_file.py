"""Files that hold one key each: not encrypted, and so readable by their owner alone."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from byom_magics.catalog.secrets.secret import Secret, sendable
from byom_magics.errors import SecretError
from byom_magics.plain import visible

__all__ = ["is_there", "read_key_file", "write_key_file"]

_MOST_BYTES = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_POSIX = os.name == "posix"
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # a pipe in its place would wait for a writer for ever
_BINARY = getattr(os, "O_BINARY", 0)


def read_key_file(name: str) -> str:
    """
    The key in a file; ``~`` stands for the home folder.

    Raises:
        SecretError: It is not there, holds no one key, or others may read it.
    """
    path = _path(name)
    try:
        handle = os.open(path, os.O_RDONLY | _NO_WAITING | _BINARY)
    except (OSError, ValueError) as problem:
        raise _unread(name, problem) from None
    try:
        _check(name, os.fstat(handle))
        content = os.read(handle, _MOST_BYTES + 1)
    except OSError as problem:
        raise _unread(name, problem) from None
    finally:
        os.close(handle)
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        message = f"The key file {visible(name)} is no text in UTF-8."
        raise SecretError(message, hint="it has to hold the key and nothing else") from None
    if not text or len(text.splitlines()) > 1 or len(content) > _MOST_BYTES:
        message = f"The key file {visible(name)} {'is empty' if not text else 'holds more than one key'}."
        raise SecretError(message, hint="it has to hold the key and nothing else")
    return text


def is_there(name: str) -> bool:
    """Whether there is such a file with something in it; it is not read."""
    try:
        found = _path(name).stat()
    except (OSError, ValueError, SecretError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0


def write_key_file(name: str, secret: Secret, *, replace: bool) -> None:
    """
    Write a key into a file that its owner alone may read; it appears whole, or not at all.

    Args:
        name: The path; ``~`` stands for the home folder.
        secret: The key.
        replace: Whether one that is there is replaced; a file that was not expected is never overwritten.

    Raises:
        SecretError: It cannot be written, or is there already.
    """
    sendable(secret.bare(), f"file:{name}", in_header=False)
    path = Path(os.path.realpath(_path(name)))
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}") if replace else path
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError:
        message = f"There is a file {visible(name)} already; it is not overwritten."
        raise SecretError(message, hint="choose another one, or %byom_key rotate NAME if it holds that key") from None
    except (OSError, ValueError) as problem:
        raise _unwritten(name, problem) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret.bare().strip().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            fresh.replace(path)
    except BaseException as problem:
        with suppress(OSError):
            fresh.unlink()
        if isinstance(problem, OSError):
            raise _unwritten(name, problem) from None
        raise


def _path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:
        message = f"The home folder in {visible(name)} is not known."
        raise SecretError(message, hint="give the full path of the key file") from None


def _check(name: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        message = f"{visible(name)} is no file."
        raise SecretError(message, hint="give the path of a file that holds the key and nothing else")
    if _POSIX and found.st_mode & _OTHERS:
        mode = f"{stat.S_IMODE(found.st_mode):03o}"
        message = f"Others than its owner may use the key file {visible(name)} (its mode is {mode})."
        hint = f"run: chmod 600 {visible(name)} (where it is mounted read-only: mount it so, or copy it)"
        raise SecretError(message, hint=hint)


def _unread(name: str, problem: Exception) -> SecretError:
    if isinstance(problem, FileNotFoundError):
        message = f"There is no key file {visible(name)}."
        return SecretError(message, hint=f"make it: %byom_key set NAME --file {visible(name)}")
    return SecretError(f"The key file {visible(name)} cannot be read: {_why(problem)}.", hint="see its path and mode")


def _unwritten(name: str, problem: Exception) -> SecretError:
    message = f"The key file {visible(name)} cannot be written: {_why(problem)}."
    return SecretError(message, hint="choose a path in a folder that is there and yours")


def _why(problem: Exception) -> str:
    return getattr(problem, "strerror", None) or type(problem).__name__

"""A file of the person's own: replaced whole or not at all, by one kernel at a time, and for their eyes only."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from os import fsync
from pathlib import Path

from byom_magics.errors import RegistrationError

__all__ = ["alone", "put_whole"]

_PATIENCE_S = 10.0


def put_whole(target: Path, text: str) -> None:
    """
    Put a text into a file, whole or not at all; the person alone may read it.

    Args:
        target: The file; its folder is there.
        text: All that it is to hold.

    Raises:
        OSError: It cannot be written; it stays as it was.
    """
    number, name = tempfile.mkstemp(prefix=".byom-", suffix=".tmp", dir=target.parent)  # its mode is 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            fsync(file.fileno())
        os.replace(name, target)  # noqa: PTH105 - the name is a text
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - the name is a text
        raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the folder's own entry on the disk too, where a folder can be opened."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def alone(target: Path) -> Iterator[None]:
    """
    Wait until no other kernel writes this file. The lock's own file stays: taking it away would let two in.

    Args:
        target: The file; its folder is there.

    Raises:
        RegistrationError: Another kernel writes it, and does not end.
        OSError: There can be no lock.
    """
    number = os.open(f"{target}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + _PATIENCE_S
        while not _locked(number):
            if time.monotonic() > end:
                message = f"Another kernel has been writing {target} for {_PATIENCE_S:.0f} s."
                raise RegistrationError(message, hint="save again; if it stays so, end that kernel")
            time.sleep(0.02)
        yield
    finally:
        os.close(number)  # and with it the lock


if sys.platform == "win32":
    import msvcrt

    def _locked(number: int) -> bool:
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(number: int) -> bool:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

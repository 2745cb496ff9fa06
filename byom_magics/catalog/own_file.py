"""A file of the person's own: changed by one kernel at a time."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from byom_magics.errors import RegistrationError

__all__ = ["alone"]

_PATIENCE_S = 10.0


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

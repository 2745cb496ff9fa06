"""A file that is written whole or not at all: who reads it meanwhile gets what was there before."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["replace_whole"]


def replace_whole(target: Path, data: bytes, *, private: bool = False) -> None:
    """
    Write a file beside the target and let it take its place.

    Args:
        target: The file, which need not be there yet; its folder has to be.
        data: All that it will hold.
        private: Whether the person alone may read it; else it keeps the mode of the file before it, if there was one.

    Raises:
        OSError: It cannot be written; the target is as it was, and nothing is left beside it.
    """
    beside = target.with_name(f".{os.urandom(6).hex()}.tmp")
    mode = 0o600 if private else 0o666
    try:
        with open(beside, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if not private and target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    finally:
        with suppress(OSError):
            beside.unlink()  # if it has not taken the file's place
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the folder's own entry on the disk too, where a folder can be opened; the file itself is there."""
    if os.name != "posix":
        return
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

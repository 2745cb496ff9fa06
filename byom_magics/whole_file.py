"""A file that is written whole or not at all: who reads it meanwhile gets what was there before."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["replace_whole"]


def replace_whole(target: Path, data: bytes) -> None:
    """
    Write a file beside the target and let it take its place, with the target's mode if there is one.

    Args:
        target: The file, which need not be there yet; its folder has to be.
        data: All that it will hold.

    Raises:
        OSError: It cannot be written; the target is as it was, and nothing is left beside it.
    """
    beside = target.with_name(f".{os.urandom(6).hex()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    finally:
        with suppress(OSError):
            beside.unlink()  # if it has not taken the file's place

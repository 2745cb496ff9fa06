"""
The answers that are kept: a file each, in the person's cache folder, found by what was asked.

A file is named by a hash of the model's key, the address and the body of the request; of the question itself nothing is
written, of the answer everything. It is readable for its owner only.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from byom_magics.log.kept import read, written

if TYPE_CHECKING:
    from byom_magics.log.kept import Kept

__all__ = ["MOST_BYTES", "Cache", "key"]

MOST_BYTES = 500 * 1024 * 1024
"""How much is kept in all; the oldest go."""

_LARGEST = 20 * 1024 * 1024
_SUFFIX = ".json"
_UNFINISHED = ".tmp"
_GIVEN_UP_S = 3_600.0  # what was begun so long ago is finished by nobody


def key(model: str, url: str, body: str, sample: int = 0) -> str:
    """
    The name that an answer is found by.

    Args:
        model: The key of the model.
        url: Where it is asked.
        body: The body of the request, as JSON.
        sample: Which of several answers to one question it is.
    """
    with contextlib.suppress(ValueError, RecursionError):  # a transformer may send anything
        body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    asked = json.dumps([model, url, body, sample])
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


class Cache:
    """
    Answers on disk. Several processes may use one folder at the same time.

    Args:
        folder: Where they are; the person's cache folder if None.
        most_bytes: How much is kept in all.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        if folder is None:
            import platformdirs  # noqa: PLC0415 - not needed to load

            folder = Path(platformdirs.user_cache_dir("byom_magics")) / "answers"
        self.folder = folder
        self._most_bytes = most_bytes
        self._left: int | None = None  # about how many bytes there is room for; counted at the first answer

    def get(self, name: str) -> Kept | None:
        """The answer of that name, or None. A file that cannot be read as one is taken away."""
        path = self._path(name)
        try:
            kept = read(json.loads(_content(path)))
        except (OSError, MemoryError):
            return None
        except (ValueError, RecursionError):
            kept = None
        if kept is None:
            with contextlib.suppress(OSError):
                path.unlink()
        return kept

    def put(self, name: str, kept: Kept) -> str:
        """
        Keep an answer.

        Returns:
            Why it could not be kept, for the person; empty if it was.
        """
        try:
            data = json.dumps(written(kept), ensure_ascii=False).encode("utf-8", "surrogatepass")
        except (TypeError, ValueError, RecursionError) as problem:
            return f"the answer was not kept in the cache: {problem}"
        if len(data) > _LARGEST:
            return f"the answer was not kept in the cache: it is larger than {_LARGEST // 1024**2} MB"
        path = self._path(name)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._write(path, data)
            self._make_room(len(data))
        except OSError as problem:
            return f"the answer was not kept in the cache ({self.folder}): {problem.strerror or problem}"
        return ""

    def size(self) -> tuple[int, int]:
        """How many answers there are, and how many bytes they take."""
        sizes = [size for _, size, _ in self._files()]
        return len(sizes), sum(sizes)

    def clear(self) -> tuple[int, int]:
        """
        Take all answers away.

        Returns:
            How many there were, and how many bytes they took.
        """
        count = freed = 0
        for path, size, _ in self._files():
            with contextlib.suppress(OSError):
                path.unlink()
                count, freed = count + 1, freed + size
        self._drop_unfinished(0)
        self._left = None
        return count, freed

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}{_SUFFIX}"

    def _files(self) -> Iterator[tuple[Path, int, float]]:
        for path in self.folder.glob(f"??/*{_SUFFIX}"):
            with contextlib.suppress(OSError):  # another process may have taken it away
                state = path.stat()
                if stat.S_ISREG(state.st_mode):
                    yield path, state.st_size, state.st_mtime

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file whole or not at all, for its owner only."""
        beside = path.with_name(f".{os.urandom(6).hex()}{_UNFINISHED}")
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(opened, "wb") as file:
                file.write(data)
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def _make_room(self, added: int) -> None:
        """Take the oldest answers away when there are too many bytes; a tenth more, so that it is rarely done."""
        if self._left is not None:
            self._left -= added
            if self._left >= 0:
                return
        self._drop_unfinished(_GIVEN_UP_S)
        files = sorted(self._files(), key=lambda each: each[2])
        total = sum(size for _, size, _ in files)
        if total > self._most_bytes:
            for path, size, _ in files[:-1]:
                if total <= self._most_bytes * 9 // 10:
                    break
                with contextlib.suppress(OSError):
                    path.unlink()
                    total -= size
        self._left = self._most_bytes - total

    def _drop_unfinished(self, older_s: float) -> None:
        """Take away what a process began to write, and did not live to finish."""
        for path in self.folder.glob(f"??/.*{_UNFINISHED}"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime >= older_s:
                    path.unlink()


def _content(path: Path) -> bytes:
    """
    What is in a file of ours.

    Raises:
        ValueError: It is none: a pipe or a folder, or larger than anything that is kept.
    """
    state = path.stat()
    if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST:
        raise ValueError(path)
    return path.read_bytes()

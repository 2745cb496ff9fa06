"""
The models that a person likes best: their keys, in a small file in the person's own folder.

It is read when favourites are first wanted, and written when one is marked and at no other time. Several kernels may do
so: each change is made to what the file says at that moment. Where the file cannot be used, it stays as it is, and
favourites hold for the session.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from byom_magics.errors import RegistrationError

__all__ = ["Favourites"]

_FIELD = "favourites"
_LARGEST = 1024 * 1024


class Favourites:
    """
    The favourites of a person.

    Args:
        path: The file, there or not; also an attribute.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: frozenset[str] | None = None
        self._unsaved: dict[str, bool] = {}
        self._watchers: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the models, registered or not."""
        if self._kept is None:
            self.read()
        return self._with_unsaved(self._kept or frozenset())

    def read(self) -> str:
        """
        Read the file: another kernel may have changed it.

        Returns:
            Why it cannot be used, for the person; empty if it can, or is not there.
        """
        try:
            found = frozenset(_keys(_document(self.path)))
        except (OSError, ValueError, RecursionError) as problem:
            self._kept = self._kept or frozenset()
            return f"Favourites of other sessions are not known: {self.path} {_why(problem)}."
        if found != self._kept:
            self._kept = found
            self._tell()
        return ""

    def mark(self, key: str, *, liked: bool) -> str:
        """
        Make a model a favourite, or one no more.

        Returns:
            Why that holds for this session only, for the person; empty if it is kept.
        """
        try:
            with self._lock:
                self._unsaved[key] = liked
                self._save()
        except (OSError, ValueError, RecursionError, RegistrationError) as problem:
            return f"This holds for the session only: {self.path} {_why(problem)}."
        finally:
            self._tell()
        return ""

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call ``watcher()`` after each change; returns what ends that."""
        self._watchers.append(watcher)

        def unwatch() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return unwatch

    def _save(self) -> None:
        from byom_magics.catalog.own_file import alone  # noqa: PLC0415 - only when something is saved
        from byom_magics.whole_file import replace_whole  # noqa: PLC0415 - the same

        target = Path(os.path.realpath(self.path))  # what a link leads to is replaced, not the link
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(target):
            document = _document(target)
            before = _keys(document)
            after = self._with_unsaved(frozenset(before))
            if after != frozenset(before):
                document[_FIELD] = [*(key for key in before if key in after), *sorted(after.difference(before))]
                replace_whole(target, f"{json.dumps(document, indent=2)}\n".encode(), private=True)
        self._kept = after
        self._unsaved.clear()

    def _with_unsaved(self, kept: frozenset[str]) -> frozenset[str]:
        unsaved = dict(self._unsaved)
        liked = {key for key, is_liked in unsaved.items() if is_liked}
        return (kept | liked) - (unsaved.keys() - liked)

    def _tell(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()


def _document(path: Path) -> dict[str, Any]:
    """What the file says; `ValueError` says what is wrong with it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("is no file")
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}
    if len(data) > _LARGEST:
        raise ValueError(f"has more than {_LARGEST // 1024**2} MB")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON that can be read") from None
    if not isinstance(document, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 - what is wrong with a file is one kind of error
    _keys(document)
    return document


def _keys(document: dict[str, Any]) -> list[str]:
    found = document.get(_FIELD, [])
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise ValueError(f'has no list of keys as "{_FIELD}"')
    return found


def _why(problem: Exception) -> str:
    if isinstance(problem, RegistrationError):
        return f"is in use ({problem.what})"
    if isinstance(problem, OSError):
        return f"cannot be used ({problem.strerror or type(problem).__name__})"
    return str(problem)

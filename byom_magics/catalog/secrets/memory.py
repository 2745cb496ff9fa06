"""Keys that live as long as this session: those that were typed at a prompt."""

from __future__ import annotations

import getpass
import threading

from byom_magics.errors import SecretError

__all__ = ["forget_typed", "is_typed", "typed"]

_typed: dict[str, str] = {}  # by the origin it is for
_lock = threading.Lock()


def typed(origin: str, model: str | None) -> str:
    """The key for an origin; asked for, unseen, where it was not typed yet."""
    with _lock:
        value = _typed.get(origin)
    if value is None:
        value = getpass.getpass(f"Key for {model or origin} at {origin}: ")
        if not value:
            message = "No key was typed."
            raise SecretError(message, model=model, hint="run the cell again and type it")
        with _lock:
            _typed[origin] = value
    return value


def is_typed(origin: str) -> bool:
    """Whether a key was typed for this origin."""
    with _lock:
        return origin in _typed


def forget_typed() -> None:
    """Forget what was typed at a prompt."""
    with _lock:
        _typed.clear()

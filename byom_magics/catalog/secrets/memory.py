"""Keys that live as long as this session: typed at a prompt, or taken out of a file that should not hold them."""

from __future__ import annotations

import getpass
import threading
import warnings

from byom_magics.catalog.secrets.masking import look_for
from byom_magics.catalog.secrets.reference import check_name
from byom_magics.catalog.secrets.secret import Secret, sendable
from byom_magics.errors import SecretError

__all__ = [
    "Typed",
    "drop",
    "drop_typed",
    "forget",
    "held",
    "hold",
    "keep",
    "known",
    "names",
    "prompt",
    "retyped",
    "typed",
]

Typed = tuple[str, str]
"""What a typed key is for: an origin, and what of it (``key``, or a password)."""

_typed: dict[Typed, Secret] = {}
_held: dict[str, Secret] = {}
_lock = threading.Lock()
_prompting = threading.Lock()  # two calls at once ask once


def hold(name: str, value: str, origin: str) -> str:
    """
    Keep the literal key of an old file for this session, and for nothing but its origin.

    Args:
        name: What it is called, such as the key of its model. One that is there already is replaced.
        value: The key.
        origin: Scheme, host and port that may receive it.

    Returns:
        Its reference, ``session:NAME``.

    Raises:
        SecretError: It is no key that can be sent, or the name is none.
    """
    check_name(name)
    source = f"session:{name}"
    value = sendable(value, source)
    look_for(value)
    keep(name, Secret(value, source=source, origin=origin))
    return source


def keep(name: str, secret: Secret) -> None:
    """Keep a key under a name."""
    with _lock:
        _held[name] = secret


def held(name: str) -> Secret | None:
    """The key of that name, or None."""
    return _held.get(name)


def drop(name: str) -> bool:
    """Forget the key of that name; whether there was one."""
    with _lock:
        return _held.pop(name, None) is not None


def names() -> tuple[str, ...]:
    """The names of all keys that are held."""
    return tuple(_held)


def typed(origin: str, model: str | None = None, what: str = "key") -> Secret:
    """
    The key that was typed for an origin; asked for, unseen, where it was not typed yet.

    Raises:
        SecretError: Nothing was typed, or nobody can be asked here.
    """
    found = _typed.get((origin, what))
    if found is not None:
        return found
    with _prompting:
        found = _typed.get((origin, what))
        if found is None:
            found = prompt(f"{what[:1].upper()}{what[1:]} for {model or origin} at {origin}: ", origin, model)
            retyped(found, what)
        return found


def retyped(secret: Secret, what: str = "key") -> None:
    """Take this one for what is typed for its origin from now on."""
    with _lock:
        _typed[secret.origin, what] = secret


def known(origin: str, what: str = "key") -> Secret | None:
    """What was typed for an origin, or None; nobody is asked."""
    return _typed.get((origin, what))


def drop_typed(origin: str) -> bool:
    """Forget what was typed for an origin; whether there was anything."""
    with _lock:
        mine = [each for each in _typed if each[0] == origin]
        for each in mine:
            del _typed[each]
    return bool(mine)


def prompt(text: str, origin: str, model: str | None = None) -> Secret:
    """
    Ask the person for a key, unseen.

    Raises:
        SecretError: Nothing was typed, or nobody can be asked here.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would be shown while it is typed
            value = getpass.getpass(text)
    except (EOFError, OSError, NotImplementedError, RuntimeError, getpass.GetPassWarning):
        # ipykernel raises a RuntimeError where the front end has no prompt.
        message = "A key cannot be typed here: there is no prompt that hides it."
        hint = "put it into an environment variable, and give --api-key env:NAME"
        raise SecretError(message, model=model, hint=hint) from None
    if not value.strip():
        message = "No key was typed."
        raise SecretError(message, model=model, hint="run the cell again and type it")
    value = sendable(value, "what was typed", model)
    look_for(value)
    return Secret(value, source="ask (typed in this session)", origin=origin)


def forget() -> None:
    """Forget all of it."""
    with _lock:
        _typed.clear()
        _held.clear()

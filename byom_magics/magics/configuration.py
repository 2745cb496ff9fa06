"""What ``--file`` and ``--save`` do, and what they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError

if TYPE_CHECKING:
    from byom_magics.catalog.layers import Loaded
    from byom_magics.session import Session

__all__ = ["loaded", "saved", "saved_default"]

_MOST_NAMED = 12


def loaded(session: Session, words: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """
    Load the file of ``--file``; the lines to show.

    Raises:
        OptionError: There is more on the line than the file and whether it is trusted.
        RegistrationError: The file cannot be used, or asks for trust.
        SecretError: A key stands in it as itself.
    """
    others = [f"--{name.replace('_', '-')}" for name in values if name not in ("file", "trust")]
    if words or others:
        message = f"%byom_register: {(*words, *others)[0]} does not go with --file, which names its own models."
        raise OptionError(message, hint="write %byom_register --file byom.toml, and what else you want on its own line")
    return _told(session.layers.load(values["file"], trust=values.get("trust", False)))


def saved(session: Session, key: str, values: Mapping[str, Any]) -> str:
    """
    Save a model that was registered with these arguments; the line to show.

    Raises:
        RegistrationError: It cannot be saved; it stays registered.
        SecretError: Its key is only known to this session.
    """
    return f"Saved {key} in {session.layers.save(key, values)}: the next session knows it."


def saved_default(session: Session, key: str) -> list[str]:
    """
    Save the default; the lines to show.

    Raises:
        UnknownModelError: There is no such model.
        RegistrationError: The file cannot be written.
    """
    lines = [f"Saved in {session.layers.save_default(key)}: the next session asks {key} too."]
    if not session.layers.keeps(key):
        lines.append(f"{key} itself is not saved: register it again with --save, as in %byom_register {key} … --save")
    return lines


def _told(loaded: Loaded) -> list[str]:
    brought = [
        f"{what} {_names(names)}"
        for what, names in (("models", loaded.models), ("endpoints", loaded.endpoints))
        if names
    ]
    if loaded.default is not None:
        brought.append(f"default {loaded.default}")
    if loaded.policy is not None:
        brought.append("a policy, which holds from now on")
    lines = [f"Loaded {loaded.source}: {'; '.join(brought) or 'there is nothing in it'}."]
    if loaded.replaced:
        lines.append(f"Replaced: {_names(loaded.replaced)}.")
    lines += [f"Key: {use}." for use in loaded.uses]
    return [*lines, *(f"Note: {warning}" for warning in loaded.warnings)]


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more

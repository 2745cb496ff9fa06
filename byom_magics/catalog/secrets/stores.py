"""Where keys are kept, replaced and forgotten: the system's keyring, this session's memory, or a file of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog.secrets import memory, resolving
from byom_magics.catalog.secrets.masking import look_for
from byom_magics.catalog.secrets.reference import Reference, parsed
from byom_magics.catalog.secrets.secret import Secret
from byom_magics.errors import SecretError
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.catalog.spec import KeyReference

__all__ = ["check_can_keep", "drop", "keep", "stored"]


def check_can_keep(reference: KeyReference) -> None:
    """
    Whether a key that is typed can be kept where a reference points.

    Raises:
        SecretError: It comes from the environment, a command or a callable; the message says what to do there.
    """
    found = parsed(reference)
    if found.kind == "env":
        message = f"This key comes from the environment variable {found.name}, which is not set from here."
        hint = f'run: import os, getpass; os.environ["{found.name}"] = getpass.getpass()'
        raise SecretError(message, hint=hint)
    if found.kind in ("command", "callable"):
        message = f"This key comes from {found.text}: there is nothing to type."
        raise SecretError(message, hint="%byom_key forget NAME lets it be fetched anew at the next call")


def keep(reference: KeyReference, secret: Secret, *, replace: bool = False) -> str:
    """
    Keep a key where its reference points; calls that are under way finish with the one they have.

    A ``keyring:`` key is kept for this session only where no keyring can be used.

    Args:
        reference: Where.
        secret: The key, with the origin that it is for, if that is known.
        replace: Whether a file that is there is replaced.

    Returns:
        Where it is now, in words that can follow "is".

    Raises:
        SecretError: It cannot be kept there.
    """
    check_can_keep(reference)
    found = parsed(reference)
    look_for(secret.bare())
    if found.kind == "file":
        from byom_magics.catalog.secrets.key_file import write_key_file  # noqa: PLC0415 - few people have key files

        write_key_file(found.name, secret, replace=replace)
        return f"in the file {visible(found.name)}: not encrypted, and readable by its owner alone (mode 600)"
    if found.kind == "ask":
        memory.retyped(secret)
        return "in memory, for this session only"
    resolving.unbound(found.name)
    if found.kind == "keyring":
        keyring = resolving.keyring()
        finding = keyring.finding()
        if finding.backend is not None:
            keyring.put(found.name, secret)
            memory.drop(found.name)
            resolving.noted(found.name, secret)
            return f"in the keyring of this system ({finding.name})"
        memory.keep(found.name, _of(secret, found))
        return f"in memory, for this session only ({finding.why})"
    memory.keep(found.name, _of(secret, found))
    return "in memory, for this session only"


def drop(reference: KeyReference, origin: str) -> bool:
    """
    Forget the key that a reference points to; of a callable or a command the token that is kept.

    Args:
        reference: Where it is.
        origin: What it is for.

    Returns:
        Whether there was one.

    Raises:
        SecretError: It is not ours to forget (a variable, a file), or could not be deleted.
    """
    found = parsed(reference)
    if found.kind == "ask":
        return memory.drop_typed(origin)
    if found.kind in ("keyring", "session"):
        resolving.unbound(found.name)
        held = memory.drop(found.name)
        resolving.noted(found.name, None)
        return (found.kind == "keyring" and resolving.keyring().delete(found.name)) or held
    if found.kind in ("command", "callable"):
        return resolving.forget_token(found, origin)
    what = f"the variable {found.name}" if found.kind == "env" else f"the file {visible(found.name)}"
    message = f"This key stands in {what}, which other programs may use: it is not deleted from here."
    raise SecretError(message, hint="delete it yourself, or register the model with another --api-key")


def stored() -> list[str]:
    """The references of all keys that are kept under a name, in the keyring or in memory."""
    kept = resolving.keyring().names()
    return [f"keyring:{name}" for name in kept] + [f"session:{name}" for name in memory.names() if name not in kept]


def _of(secret: Secret, reference: Reference) -> Secret:
    return Secret(secret.bare(), source=f"{reference.text} (in this session's memory)", origin=secret.origin)

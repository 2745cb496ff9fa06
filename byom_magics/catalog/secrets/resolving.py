"""From a reference to what it stands for: said in words for a table, or the key itself for one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.catalog.secrets.environment import variable
from byom_magics.catalog.secrets.masking import look_for
from byom_magics.catalog.secrets.memory import is_typed, typed
from byom_magics.catalog.secrets.reference import check_reference
from byom_magics.catalog.secrets.secret import Secret
from byom_magics.errors import SecretError

if TYPE_CHECKING:
    from byom_magics.catalog.spec import KeyReference

__all__ = ["KeySource", "describe", "resolve"]


@dataclass(frozen=True)
class KeySource:
    """Where a key comes from, and whether it is there (None if that is only known when it is asked for)."""

    text: str
    is_set: bool | None

    def __str__(self) -> str:
        if not self.text:
            return "none needed"
        return self.text if self.is_set is None else f"{self.text} ({'set' if self.is_set else 'not set'})"


def describe(reference: KeyReference | None, origin: str = "") -> KeySource:
    """Where a reference points, for tables; never the key."""
    if reference is None:
        return KeySource("", None)
    if callable(reference):
        return KeySource(f"callable {getattr(reference, '__name__', type(reference).__name__)}", None)
    if reference == "ask":
        return KeySource("ask", is_set=is_typed(origin))
    name = str(reference).removeprefix("env:")
    return KeySource(str(reference), is_set=bool(variable(name)))


def resolve(reference: KeyReference, *, origin: str, prefix: str = "", model: str | None = None) -> Secret:
    """
    The key that a reference stands for, bound to ``origin``.

    Raises:
        SecretError: It is not set, or cannot be sent in a header.
    """
    check_reference(reference)
    source = describe(reference, origin).text
    if callable(reference):
        value = reference()
    elif reference == "ask":
        value = typed(origin, model)
    else:
        value = variable(str(reference).removeprefix("env:"))
        if not value:
            name = str(reference).removeprefix("env:")
            message = f"The environment variable {name} is not set, or is empty."
            hint = (
                f'set it before the kernel starts, or run: import os, getpass; os.environ["{name}"] = getpass.getpass()'
            )
            raise SecretError(message, model=model, hint=hint)
    return Secret(_sendable(value, source, model), source=source, origin=origin, prefix=prefix)


def _sendable(value: object, source: str, model: str | None) -> str:
    if not isinstance(value, str) or not value.strip():
        message = f"There is no key in {source}."
        raise SecretError(message, model=model, hint="set it, or register the model with another --api-key")
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        message = f"The key from {source} has characters that no header can carry (a line end, or not ASCII)."
        raise SecretError(message, model=model, hint="copy it again, without what stands around it")
    look_for(value)
    return value

"""What can be a reference to a key. A key itself never is: it would be saved with the line it stands on."""

from __future__ import annotations

import re

from byom_magics.errors import SecretError

__all__ = ["carries_key", "check_reference"]

_ENV = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_KEY_IN_QUERY = re.compile(r"(?:^|&)[^=&]*(?:key|token|secret|password|signature)=", re.IGNORECASE)
_RIGHT_WAY = (
    "put it into an environment variable, such as NAME, and give --api-key env:NAME; or give --api-key ask, "
    "and you will be asked for it without it being shown or saved"
)


def check_reference(reference: object) -> None:
    """
    Whether this can be a reference to a key.

    Raises:
        SecretError: It looks like a key itself, or like a reference of an unknown kind. It is not repeated.
    """
    if reference is None or callable(reference):
        return
    if not isinstance(reference, str):
        message = f"A key is given as a reference, not as {type(reference).__name__}."
        raise SecretError(message, hint=_RIGHT_WAY)
    if reference == "ask" or _ENV.fullmatch(reference):
        return
    if reference.startswith("env:"):
        message = "That is no name of an environment variable."
        raise SecretError(message, hint="names have letters, digits and underscores: --api-key env:MY_API_KEY")
    message = "That is a key itself, or no reference that is known. Keys are never taken on a line: it is saved."
    raise SecretError(message, hint=f"{_RIGHT_WAY}. If it was a real key, it now stands in the notebook: replace it")


def carries_key(query: str) -> bool:
    """Whether the query of an address seems to carry a key: addresses are shown and saved, so none may stand there."""
    return bool(_KEY_IN_QUERY.search(query))

"""Keys that a person types: in a cell there is a prompt for them, in a panel there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics import sending
from byom_magics.catalog import secrets
from byom_magics.catalog.secrets import memory
from byom_magics.errors import SecretError
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["ask_for_keys", "untyped"]

_ASK = "ask"
_LOGIN = "login (user:password)"
_PASSWORD = "password of the private key"  # noqa: S105 - what it is called


def ask_for_keys(spec: ModelSpec) -> None:
    """
    Ask the person for what a model's calls need to be typed. To be called in a cell.

    Raises:
        SecretError: Nothing was typed, or nobody can be asked here.
    """
    at = spec.endpoint
    if at.api_key == _ASK:
        secrets.resolve(_ASK, origin=origin(spec.url), model=spec.key)
    if at.proxy_login == _ASK:
        secrets.call_proxy(at, origin_of=origin, model=spec.key)
    if at.tls.key_password == _ASK:
        sending.key_password(spec)


def untyped(spec: ModelSpec) -> SecretError | None:
    """Why a model cannot be asked from a panel: something has to be typed for it, and was not yet; else None."""
    at, here = spec.endpoint, origin(spec.url)
    proxy = at.proxy if at.proxy not in (None, "env") else None
    missing = [
        name
        for name, reference, where, what in (
            ("key", at.api_key, here, "key"),
            ("login of the proxy", at.proxy_login if proxy else None, origin(proxy) if proxy else "", _LOGIN),
            ("password of the private key", at.tls.key_password, here, _PASSWORD),
        )
        if reference == _ASK and memory.known(where, what) is None
    ]
    if not missing:
        return None
    what = f"The {' and the '.join(missing)} of {spec.key} {'is' if len(missing) == 1 else 'are'} to be typed, "
    what += "and a panel has no prompt that hides what is typed."
    hint = f"run %byom_chat {spec.key} in a cell, which asks for it; or ask it once there: %%byom {spec.key}"
    return SecretError(what, model=spec.key, hint=hint)

"""How a call leaves: with its key, the login of its proxy and the password of its certificate, each looked up now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog import secrets
from byom_magics.wire import rules
from byom_magics.wire.dialects import known
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec, Policy, Timeouts
    from byom_magics.messages import Call
    from byom_magics.wire.client import Client
    from byom_magics.wire.stream import Stream

__all__ = ["key_password", "send"]


def send(
    client: Client,
    policies: tuple[Policy, ...],
    spec: ModelSpec,
    call: Call,
    *,
    timeouts: Timeouts,
    key: secrets.Secret | None = None,
) -> Stream:
    """
    Send a call; returns at once.

    Args:
        client: What it goes through.
        policies: The rules that it has to keep.
        spec: The model.
        call: What to ask it.
        timeouts: The timers of this call.
        key: A key in place of the model's own, to try it.

    Raises:
        PolicyError: The rules forbid it.
        SecretError: Its key is not set.
    """
    rules.check_call(spec, policies)  # no key is asked for in vain
    dialect = known.find(spec.dialect)
    headers = secrets.call_headers(
        spec.endpoint,
        origin=origin(spec.url),
        header=dialect.key_header,
        prefix=dialect.key_prefix,
        model=spec.key,
        key=key,
    )
    proxy = secrets.call_proxy(spec.endpoint, origin_of=origin, model=spec.key)
    password = key_password(spec)
    return client.stream(spec, call, timeouts=timeouts, headers=headers, proxy=proxy, key_password=password)


def key_password(spec: ModelSpec) -> secrets.Password | None:
    """The password of the client's private key, if one is named; it decrypts a file here, and is sent nowhere."""
    reference = spec.endpoint.tls.key_password
    if reference is None:
        return None
    what = "password of the private key"
    found = secrets.resolve(reference, origin=origin(spec.url), model=spec.key, what=what, in_header=False)
    return secrets.Password(found.bare())

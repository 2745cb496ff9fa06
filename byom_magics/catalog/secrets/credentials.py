"""What one call carries to show who asks: headers with keys in them, and the login of its proxy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, unquote, urlsplit

from byom_magics.catalog.secrets.environment import environment_proxy
from byom_magics.catalog.secrets.masking import look_for
from byom_magics.catalog.secrets.reference import is_reference, parsed
from byom_magics.catalog.secrets.resolving import resolve
from byom_magics.catalog.secrets.secret import Password, Secret
from byom_magics.errors import SecretError

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint

__all__ = ["ProxyUrl", "call_headers", "call_proxy", "shown_headers"]


class ProxyUrl(str):
    """The address of a proxy with a login in it, which its ``repr`` hides: lists, frames and objects show that one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(f"{self.partition('://')[0]}://[login hidden]@{self.rpartition('@')[2]}")

    def __reduce__(self) -> NoReturn:
        message = "a login cannot be pickled or copied"
        raise TypeError(message)


def call_headers(
    endpoint: Endpoint, *, origin: str, header: str, prefix: str, model: str, key: Secret | None = None
) -> dict[str, str | Secret]:
    """
    The headers of a call to an endpoint, its keys looked up.

    Args:
        endpoint: What is called.
        origin: Its scheme, host and port.
        header: The header that carries the key, where the endpoint names no other.
        prefix: What stands before it there.
        model: The key of the model, for messages.
        key: Is used in place of the endpoint's own.

    Raises:
        SecretError: A key is not set, is bound to another origin, or cannot be sent.
    """
    headers: dict[str, str | Secret] = {
        name: resolve(value, origin=origin, model=model) if is_reference(value) else value
        for name, value in endpoint.headers.items()
    }
    header, prefix = _place(endpoint, header, prefix)
    if not _is_free(header, headers):
        return headers
    if key is not None:
        headers[header] = Secret(key.bare(), source=key.source, origin=key.origin, prefix=prefix)
    elif endpoint.api_key is not None:
        headers[header] = resolve(endpoint.api_key, origin=origin, prefix=prefix, model=model)
    return headers


def shown_headers(endpoint: Endpoint, *, header: str, prefix: str) -> dict[str, str]:
    """The same for people: references in place of keys, and nothing is looked up."""
    headers = {
        name: f"[key from {parsed(value).text}]" if is_reference(value) else value
        for name, value in endpoint.headers.items()
    }
    header, prefix = _place(endpoint, header, prefix)
    if endpoint.api_key is not None and _is_free(header, headers):
        headers[header] = f"{prefix} [key from {parsed(endpoint.api_key).text}]".strip()
    return headers


def call_proxy(endpoint: Endpoint, *, origin_of: Callable[[str], str], model: str) -> str | None:
    """
    The URL of the proxy that a call to an endpoint goes through, with its login; None for a direct connection.

    Args:
        endpoint: What is called.
        origin_of: Gives scheme, host and port of a URL.
        model: The key of the model, for messages.

    Raises:
        SecretError: The login is not set, or is no ``user:password``.
    """
    proxy = environment_proxy(endpoint.url) if endpoint.proxy == "env" else endpoint.proxy
    if not proxy:
        return None
    if endpoint.proxy_login is None:
        if "@" not in urlsplit(proxy).netloc:
            return proxy
        look_for(unquote(urlsplit(proxy).password or ""))
        return ProxyUrl(proxy)
    login = resolve(
        endpoint.proxy_login, origin=origin_of(proxy), model=model, what="login (user:password)", in_header=False
    )
    user, colon, password = map(Password, login.bare().partition(":"))
    if not colon or not user:
        message = f"The proxy's login from {login.source} is not of the form user:password."
        raise SecretError(message, model=model, hint="set it so, with a colon between the two")
    look_for(password)
    scheme, _, rest = proxy.partition("://")
    return ProxyUrl(f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest.rpartition('@')[2]}")


def _place(endpoint: Endpoint, header: str, prefix: str) -> tuple[str, str]:
    own, before = endpoint.key_header, endpoint.key_prefix
    if own is not None and before is None and own.lower() != header.lower():
        before = "Bearer" if own.lower() in ("authorization", "proxy-authorization") else ""
    return own or header, prefix if before is None else before


def _is_free(header: str, headers: Mapping[str, object]) -> bool:
    return header.lower() not in {name.lower() for name in headers}

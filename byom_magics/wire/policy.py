"""Where calls may go, and what they may carry there. Addresses are taken apart here and nowhere else."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from byom_magics.catalog.secrets import carries_key
from byom_magics.errors import RegistrationError

__all__ = ["base_url", "carries_key_safely", "is_loopback", "join", "origin"]

_SCHEMES = ("http", "https", "demo")
_DEFAULT_PORT = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\<>\"{}|^`]")
_EXAMPLE = "give it like --url http://localhost:11434/v1"


def base_url(url: str) -> str:
    """
    The base URL as it will be used: checked, without a trailing slash.

    A full address of a completions endpoint is cut back to its base.

    Raises:
        RegistrationError: It is not an address that a call could go to, or it carries a secret.
    """
    text = _text(url).strip()
    bare = None if "://" in text else re.match(r"[\w.-]+(:\d+)?(?=/|$)", text)
    if bare:
        # Only the host is repeated: what follows may carry a key.
        message = f"The address '{bare[0]}…' has no scheme."
        raise RegistrationError(message, hint=f"write http://{bare[0]}… or https://{bare[0]}…")
    if not text.isascii():
        try:
            text = _ascii_host(text)
        except UnicodeError:
            message = "The address has characters that no host name can have."
            raise RegistrationError(message, hint=_EXAMPLE) from None
    if _FORBIDDEN.search(text):
        message = "The address has a blank or another character that no URL can have."
        raise RegistrationError(message, hint=_EXAMPLE)
    parts = _split(text)
    path = re.sub(r"/chat/completions/?$", "", parts.path).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}" + (f"?{parts.query}" if parts.query else "")


def join(url: str, path: str) -> str:
    """The address of ``path`` under a base URL; a query of the base stays at the end."""
    base, question, query = url.partition("?")
    if not path:
        return url
    return f"{base.rstrip('/')}/{path.lstrip('/')}" + (("&" if "?" in path else question) + query if question else "")


def origin(url: str) -> str:
    """Scheme, host and port of a URL: what a key is bound to."""
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORT.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine by its very spelling (names other than localhost are not looked up)."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def carries_key_safely(url: str) -> bool:
    """Whether a key may travel there: over TLS, or without leaving this machine."""
    return not url.startswith("http://") or is_loopback(url)


def _text(url: object) -> str:
    if isinstance(url, str):
        return url
    message = f"The address cannot be {type(url).__name__}."
    raise RegistrationError(message, hint=_EXAMPLE)


def _ascii_host(text: str) -> str:
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    if not path.isascii():
        message = "not ASCII"
        raise UnicodeError(message)
    return f"{scheme}://{host.encode('idna').decode()}{slash}{path}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as problem:
        message = f"The address cannot be read: {problem}."
        raise RegistrationError(message, hint=_EXAMPLE) from None
    if parts.scheme not in _SCHEMES:
        message = f"The address has the scheme '{parts.scheme}'; http and https can be called."
        raise RegistrationError(message, hint=_EXAMPLE)
    if "@" in parts.netloc:
        message = "The address carries a user name or a password."
        hint = "leave it out of --url, and give the key as --api-key env:NAME"
        raise RegistrationError(message, hint=hint)
    if not _AUTHORITY.fullmatch(parts.netloc) or port == 0:
        message = f"The address has no proper host: '{parts.netloc}'."
        raise RegistrationError(message, hint=_EXAMPLE)
    if parts.fragment:
        message = "The address has a part after '#', which is never sent."
        raise RegistrationError(message, hint=_EXAMPLE)
    if carries_key(parts.query):
        message = "The address seems to carry a key in its query."
        hint = "leave it out of --url, and give it as --api-key env:NAME or --header 'NAME: env:NAME'"
        raise RegistrationError(message, hint=hint)
    return parts

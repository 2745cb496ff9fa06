"""Where calls may go, and what they may carry there. Addresses are taken apart here and nowhere else."""

from __future__ import annotations

import ipaddress
import re
from typing import Union
from urllib.parse import SplitResult, urlsplit

from byom_magics.catalog.secrets import carries_key
from byom_magics.errors import RegistrationError

__all__ = [
    "IP",
    "base_url",
    "carries_key_safely",
    "is_loopback",
    "join",
    "literal",
    "origin",
    "place_of",
    "scheme_of",
    "this_machine",
]

IP = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_SCHEMES = ("http", "https", "demo")
_DEFAULT_PORT = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\<>\"{}|^`]")
_NUMBER = re.compile(r"0x[0-9a-f]{0,16}|[0-9]{1,16}")
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
    """The address of ``path`` under a base URL; a query of the base stays at the end. ``/../`` in front goes up."""
    base, question, query = url.partition("?")
    if not path:
        return url
    while path.startswith("/../") and urlsplit(base).path.strip("/"):
        base, path = base.rstrip("/").rpartition("/")[0], path.removeprefix("/..")
    return f"{base.rstrip('/')}/{path.lstrip('/')}" + (("&" if "?" in path else question) + query if question else "")


def origin(url: str) -> str:
    """Scheme, host and port of a URL: what a key is bound to."""
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORT.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def place_of(url: str) -> tuple[str, int]:
    """The host (an IPv6 address without its brackets) and the port that a URL is about."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0  # no port that there is
    return parts.hostname or "", _DEFAULT_PORT.get(parts.scheme, 0) if port is None else port


def scheme_of(url: str) -> str:
    """The scheme of a URL, in lower case."""
    return urlsplit(url).scheme


def literal(host: str) -> IP | None:
    """
    The address that a host is by itself, in any spelling that a look-up would take for one; None for a name.

    Decimal, octal, hexadecimal and shortened forms (``0x7f.1``), a dot at the end, IPv6 with a scope, and IPv4 written
    as IPv6 are all taken apart.
    """
    text = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _loosely(text.lower())
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def this_machine(host: str) -> bool:
    """Whether a host is this machine by its very spelling (names other than localhost are not looked up)."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback and literal(name) == address


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine by its very spelling."""
    return this_machine(urlsplit(url).hostname or "")


def carries_key_safely(url: str) -> bool:
    """Whether a key may travel there: over TLS, or without leaving this machine."""
    return scheme_of(url) != "http" or is_loopback(url)


def _loosely(text: str) -> IP | None:
    """As C's ``inet_aton`` reads it: one to four numbers in C's notation, the last one filling the rest."""
    pieces = text.split(".")
    if len(pieces) > 4 or not all(_NUMBER.fullmatch(piece) for piece in pieces):
        return None
    try:
        numbers = [_number(piece) for piece in pieces]
    except ValueError:
        return None  # an 8 or a 9 in an octal number
    last = numbers.pop()
    if any(number > 255 for number in numbers) or last >= 256 ** (4 - len(numbers)):
        return None
    return ipaddress.IPv4Address(sum(number << (24 - 8 * at) for at, number in enumerate(numbers)) + last)


def _number(piece: str) -> int:
    if piece.startswith("0x"):
        return int(piece[2:] or "0", 16)
    return int(piece, 8 if piece.startswith("0") else 10)


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
    if carries_key(parts.query) or carries_key(parts.path):
        message = f"The address seems to carry a key in its {'query' if carries_key(parts.query) else 'path'}."
        hint = "leave it out of --url, and give it as --api-key env:NAME or --header 'NAME: env:NAME'"
        raise RegistrationError(message, hint=hint)
    return parts

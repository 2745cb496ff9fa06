"""
Keys: references to them, and the only place where their values stand.

The catalog holds references (``env:NAME``, ``ask``, or a callable), never a key. A reference is resolved when a call
starts, on the thread that asked, and bound to the origin it was registered for.
"""

from __future__ import annotations

import base64
import functools
import getpass
import os
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, quote_plus, urlsplit

from byom_magics.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byom_magics.catalog.spec import KeyReference

__all__ = [
    "KeySource",
    "Masker",
    "Secret",
    "carries_key",
    "check_reference",
    "describe",
    "environment_proxy",
    "forget_typed",
    "mask",
    "masker",
    "resolve",
]

_ENV = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_KEY_IN_QUERY = re.compile(r"(?:^|&)[^=&]*(?:key|token|secret|password|signature)=", re.IGNORECASE)
_RIGHT_WAY = (
    "put it into an environment variable, such as NAME, and give --api-key env:NAME; or give --api-key ask, "
    "and you will be asked for it without it being shown or saved"
)

_HIDDEN = "[key hidden]"
_URL_SAFE = str.maketrans("+/", "-_")

_typed: dict[str, str] = {}  # what was typed at a prompt, by the origin it is for; for this session only
_seen: set[str] = set()  # values to be masked in what is shown
_lock = threading.Lock()


class Secret:
    """
    A key that will not print itself, bound to the origin it is for.

    Args:
        value: The key.
        source: Where it came from, such as ``env:NAME``.
        origin: Scheme, host and port that may receive it.
        prefix: What stands before it in the header, such as ``Bearer``.
    """

    __slots__ = ("__value", "origin", "prefix", "source")

    def __init__(self, value: str, *, source: str, origin: str, prefix: str = "") -> None:
        self.__value = value
        self.source = source
        self.origin = origin
        self.prefix = prefix

    def reveal(self) -> str:
        """The header's value, for the one request that carries it."""
        return f"{self.prefix} {self.__value}" if self.prefix else self.__value

    def __repr__(self) -> str:
        return f"<key from {self.source} for {self.origin}>"

    def __reduce__(self) -> NoReturn:
        message = "a key cannot be pickled or copied"
        raise TypeError(message)


@dataclass(frozen=True)
class KeySource:
    """Where a key comes from, and whether it is there (None if that is only known when it is asked for)."""

    text: str
    is_set: bool | None

    def __str__(self) -> str:
        if not self.text:
            return "none needed"
        return self.text if self.is_set is None else f"{self.text} ({'set' if self.is_set else 'not set'})"


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


def describe(reference: KeyReference | None, origin: str = "") -> KeySource:
    """Where a reference points, for tables; never the key."""
    if reference is None:
        return KeySource("", None)
    if callable(reference):
        return KeySource(f"callable {getattr(reference, '__name__', type(reference).__name__)}", None)
    if reference == "ask":
        with _lock:
            return KeySource("ask", is_set=origin in _typed)
    name = str(reference).removeprefix("env:")
    return KeySource(str(reference), is_set=bool(os.environ.get(name)))


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
        value = _asked(origin, model)
    else:
        value = os.environ.get(str(reference).removeprefix("env:"), "")
        if not value:
            name = str(reference).removeprefix("env:")
            message = f"The environment variable {name} is not set, or is empty."
            hint = (
                f'set it before the kernel starts, or run: import os, getpass; os.environ["{name}"] = getpass.getpass()'
            )
            raise SecretError(message, model=model, hint=hint)
    return Secret(_sendable(value, source, model), source=source, origin=origin, prefix=prefix)


def mask(text: str) -> str:
    """``text`` with every key that was used in this session replaced, in its encoded forms too."""
    with _lock:
        values = sorted(_seen, key=len, reverse=True)
    for value in values:
        for form in _forms(value):
            text = text.replace(form, _HIDDEN)
    return text


class Masker:
    """
    Masks keys in a text that comes in pieces.

    Args:
        forms: Every form of every key.
    """

    def __init__(self, forms: Iterable[str]) -> None:
        self._forms = sorted(forms, key=len, reverse=True)
        self._first = re.compile(f"[{re.escape(''.join({form[0] for form in self._forms}))}]")
        self._whole = re.compile("|".join(map(re.escape, self._forms)))
        self._held = ""

    def feed(self, text: str) -> str:
        """The next piece, masked; an end that may be the beginning of a key is held back."""
        if not self._held and self._first.search(text) is None:
            return text
        text = self._whole.sub(_HIDDEN, self._held + text)
        for begun in self._first.finditer(text, max(0, len(text) - len(self._forms[0]) + 1)):
            end = text[begun.start() :]
            if any(form.startswith(end) for form in self._forms):
                self._held = end
                return text[: begun.start()]
        self._held = ""
        return text

    def another(self) -> Masker:
        """The same for another text."""
        return Masker(self._forms)

    def flush(self) -> str:
        """What was held back, when no more will come."""
        text, self._held = self._held, ""
        return text


def masker() -> Masker | None:
    """What masks the keys of this session in a text that comes in pieces; None while none was used."""
    with _lock:
        forms = {form for value in _seen for form in _forms(value)}
    return Masker(forms) if forms else None


def forget_typed() -> None:
    """Forget what was typed at a prompt."""
    with _lock:
        _typed.clear()


def environment_proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL (``HTTP_PROXY``, ``HTTPS_PROXY``, ``NO_PROXY``), or None."""
    import urllib.request  # noqa: PLC0415 - slow to load, and rarely needed

    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


@functools.lru_cache(maxsize=64)
def _forms(value: str) -> list[str]:
    """A key as it is, as in a URL, and as base64 at any place of a longer text; the longest first."""
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value)}
    forms |= {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in forms}
    raw = value.encode()
    for before in range(3):
        # Of the characters that share bits with a neighbour nothing can be known.
        start, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        coded = base64.b64encode(bytes(before) + raw)[start:end].decode()
        forms |= {coded, coded.translate(_URL_SAFE)}
    return sorted(forms, key=len, reverse=True)


def _asked(origin: str, model: str | None) -> str:
    with _lock:
        value = _typed.get(origin)
    if value is None:
        value = getpass.getpass(f"Key for {model or origin} at {origin}: ")
        if not value:
            message = "No key was typed."
            raise SecretError(message, model=model, hint="run the cell again and type it")
        with _lock:
            _typed[origin] = value
    return value


def _sendable(value: object, source: str, model: str | None) -> str:
    if not isinstance(value, str) or not value.strip():
        message = f"There is no key in {source}."
        raise SecretError(message, model=model, hint="set it, or register the model with another --api-key")
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        message = f"The key from {source} has characters that no header can carry (a line end, or not ASCII)."
        raise SecretError(message, model=model, hint="copy it again, without what stands around it")
    if len(value) >= 8:
        with _lock:
            _seen.add(value)
    return value

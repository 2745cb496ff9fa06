"""From what a person says about a model to its spec: every value checked, every message with the way out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from byom_magics.catalog.secrets import check_reference
from byom_magics.catalog.spec import Capabilities, Endpoint, KeyReference, ModelSpec, Prices, Timeouts
from byom_magics.errors import OptionError, RegistrationError, SecretError

__all__ = ["checked_timeouts", "spec_of"]

_KEY = re.compile(r"[^\s\-%{}'\"`$\\][^\s{}'\"`$\\]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, field names
_SECRET_HEADERS = re.compile(r"authorization|cookie|api-?key|auth-?token|access-?token|secret|password", re.IGNORECASE)
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding"})
_LONGEST_KEY = 200


def spec_of(
    key: str,
    *,
    url: str,
    model: str | None = None,
    api_key: KeyReference | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "/chat/completions",
    proxy: str | None = None,
    allow_http_key: bool = False,
    max_event_bytes: int | None = None,
    name: str = "",
    description: str = "",
    temperature: float | None = None,
    max_tokens: int | None = None,
    extra_body: Mapping[str, Any] | None = None,
    context_window: int | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
    currency: str = "USD",
    timeouts: Mapping[str, float | None] | None = None,
    capabilities: Mapping[str, bool | None] | None = None,
    builtin: bool = False,
) -> ModelSpec:
    """
    The spec of a model; ``url`` is a base URL that was checked already.

    Raises:
        RegistrationError: A value cannot be used.
        SecretError: A key was given as itself.
    """
    _check_key(key)
    check_reference(api_key)
    endpoint = Endpoint(
        url=url,
        path=_path(path),
        headers=_headers(headers or {}),
        api_key=api_key,
        proxy=_proxy(proxy),
        allow_http_key=allow_http_key,
        max_event_bytes=_whole("max_event_bytes", max_event_bytes, least=1024) or Endpoint.max_event_bytes,
    )
    return ModelSpec(
        key=key,
        model=_one_line("model", key if model is None else model),
        endpoint=endpoint,
        name=_one_line("name", name or key),
        description=description,
        temperature=_number("temperature", temperature),
        max_tokens=_whole("max_tokens", max_tokens, least=1),
        extra_body=dict(extra_body or {}),
        context_window=_whole("context_window", context_window, least=1),
        prices=Prices(_number("price_in", price_in), _number("price_out", price_out), _currency(currency)),
        timeouts=checked_timeouts(timeouts or {}),
        capabilities=_capabilities(capabilities or {}),
        builtin=builtin,
    )


def checked_timeouts(timeouts: Mapping[str, float | None]) -> dict[str, float | None]:
    """
    Timers by name, in seconds; None switches one off.

    Raises:
        OptionError: There is no such timer, or its value is no number of seconds above zero.
    """
    checked: dict[str, float | None] = {}
    for name, value in timeouts.items():
        if name not in Timeouts.names():
            message = f"There is no timer '{name}'."
            raise OptionError(message, hint=f"the timers are {', '.join(Timeouts.names())}")
        bad = isinstance(value, bool) or not isinstance(value, (int, float, type(None)))
        if bad or (value is not None and not 0 < value < math.inf):
            message = f"The timer '{name}' cannot be {value!r}."
            raise OptionError(message, hint="give seconds above 0, or None to switch it off")
        checked[name] = None if value is None else float(value)
    return checked


def _check_key(key: str) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key) or not key.isprintable() or len(key) > _LONGEST_KEY:
        message = "A model's key is one word: no blanks, quotes, braces, '$' or backslashes, and no '-' or '%' in front."
        raise RegistrationError(message, hint="choose one such as llama or openai/gpt-4o")


def _path(path: str) -> str:
    path = _one_line("path", path) if path else ""
    if any(each in path for each in " \\#") or "://" in path or path.startswith("//"):
        message = f"The path '{path}' is no path below the base URL."
        raise RegistrationError(message, hint="give one such as --path /chat/completions")
    return f"/{path.lstrip('/')}" if path else ""


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name) or name.lower() in _OURS:
            message = f"'{str(name)[:60]!s}' is no header that can be set." if str(name).isprintable() else "Bad header name."
            raise RegistrationError(message, hint="give headers like --header 'X-Tenant: a'")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            message = f"The header {name} has a value that cannot be sent (a line end, or not ASCII)."
            raise RegistrationError(message, hint="give headers like --header 'X-Tenant: a'")
        if _SECRET_HEADERS.search(name) and not value.startswith("env:"):
            message = f"The header {name} carries a secret, and its value was given as it is."
            hint = f"put the value into an environment variable and give --header '{name}: env:NAME'"
            raise SecretError(message, hint=hint)
        if value.startswith("env:"):
            check_reference(value)
        checked[name] = value.strip()
    return checked


def _proxy(proxy: str | None) -> str | None:
    if proxy is None or proxy == "env":
        return proxy
    if not isinstance(proxy, str) or not re.fullmatch(r"http://[^\s/@]+/?", proxy):
        message = "A proxy is 'env' (what the environment says) or an address such as http://proxy:3128."
        raise RegistrationError(message, hint="https and socks proxies, and passwords in the address, are not taken")
    return proxy


def _one_line(what: str, text: str) -> str:
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        message = f"The {what} is empty, or has characters that cannot be sent."
        raise RegistrationError(message, hint=f"give one line of text as the {what}")
    return text.strip()


def _number(what: str, value: float | None) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        message = f"The {what} cannot be {value!r}."
        raise RegistrationError(message, hint=f"give a number of 0 or more as {what}")
    return value


def _whole(what: str, value: int | None, *, least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        message = f"The {what} cannot be {value!r}."
        raise RegistrationError(message, hint=f"give a whole number of {least} or more as {what}")
    return value


def _currency(currency: str) -> str:
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        message = f"'{str(currency)[:20]}' is no currency."
        raise RegistrationError(message, hint="give three capital letters, such as USD or EUR")
    return currency


def _capabilities(given: Mapping[str, bool | None]) -> Capabilities:
    names = [each.name for each in fields(Capabilities)]
    for name, value in given.items():
        if name not in names or not (value is None or isinstance(value, bool)):
            message = f"There is no capability '{name}' that can be {value!r}."
            raise RegistrationError(message, hint=f"the capabilities are {', '.join(names)}, each True, False or None")
    return Capabilities(**given)

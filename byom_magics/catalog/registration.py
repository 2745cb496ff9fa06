"""From what a person says about a model to its spec: every value checked, every message with the way out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from byom_magics.catalog.secrets import carries_key, check_reference
from byom_magics.catalog.spec import Capabilities, Endpoint, KeyReference, ModelSpec, Prices, Timeouts
from byom_magics.errors import OptionError, RegistrationError, SecretError, SetupError
from byom_magics.plain import visible

__all__ = ["checked_fields", "checked_timeouts", "spec_of"]

_KEY = re.compile(r"[^\s\-%{}'\"`$\\][^\s{}'\"`$\\]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, field names
_SECRET_HEADERS = re.compile(
    r"authorization|cookie|api[-_]?key|secret|password|(?:^|[-_])(?:key|token|auth)$", re.IGNORECASE
)
_SECRET_VALUES = re.compile(r"(?:bearer|basic)\s", re.IGNORECASE)
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding"})
_LONGEST_KEY = 200
_SHOWN = 60


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
        OptionError: A timer, or the name of a field of the body, cannot be used.
    """
    _check_key(key)
    check_reference(api_key)
    endpoint = Endpoint(
        url=url,
        path=_path(path),
        headers=_headers(headers),
        api_key=api_key,
        proxy=_proxy(proxy),
        allow_http_key=_flag("allow_http_key", allow_http_key),
        max_event_bytes=_whole("max_event_bytes", max_event_bytes, least=1024) or Endpoint.max_event_bytes,
    )
    return ModelSpec(
        key=key,
        model=_one_line("model", key if model is None else model),
        endpoint=endpoint,
        name=_one_line("name", name or key),
        description=_text("description", description),
        temperature=_number("temperature", temperature),
        max_tokens=_whole("max_tokens", max_tokens, least=1),
        extra_body=checked_fields(extra_body),
        context_window=_whole("context_window", context_window, least=1),
        prices=Prices(_number("price_in", price_in), _number("price_out", price_out), currency=_currency(currency)),
        timeouts=checked_timeouts(timeouts),
        capabilities=_capabilities(capabilities),
        builtin=builtin,
    )


def checked_timeouts(timeouts: object) -> dict[str, float | None]:
    """
    Timers by name, in seconds; None switches one off.

    Raises:
        OptionError: There is no such timer, or its value is no number of seconds above zero.
    """
    checked: dict[str, float | None] = {}
    for name, value in _mapping("timeouts", timeouts, OptionError).items():
        if name not in Timeouts.names():
            message = f"There is no timer '{_shown(name)}'."
            raise OptionError(message, hint=f"the timers are {', '.join(Timeouts.names())}")
        if value is not None and not (_is_number(value) and 0 < value < math.inf):
            message = f"The timer '{name}' cannot be {_shown(value, quoted=True)}."
            raise OptionError(message, hint="give seconds above 0, or None to switch it off")
        checked[name] = None if value is None else float(value)
    return checked


def checked_fields(extra_body: object) -> dict[str, Any]:
    """
    Further fields of a request's body.

    Raises:
        OptionError: It is no mapping of names to values.
    """
    given = _mapping("extra_body", extra_body, OptionError)
    for name in given:
        if not isinstance(name, str):
            message = f"A field of extra_body cannot have the name {_shown(name, quoted=True)}."
            raise OptionError(message, hint="names of fields are texts")
    return given


def _mapping(what: str, value: object, error: type[SetupError]) -> dict[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        message = f"The {what} cannot be {_shown(value, quoted=True)}."
        raise error(message, hint=f"give a mapping of names to values as {what}")
    return dict(value)


def _shown(value: object, *, quoted: bool = False) -> str:
    return visible(repr(value) if quoted else str(value))[:_SHOWN]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_key(key: object) -> None:
    if not (isinstance(key, str) and _KEY.fullmatch(key) and key.isprintable() and len(key) <= _LONGEST_KEY):
        message = (
            "A model's key is one word: no blanks, quotes, braces, '$' or backslashes, and no '-' or '%' in front."
        )
        raise RegistrationError(message, hint="choose one such as llama or openai/gpt-4o")


def _path(path: str) -> str:
    path = _one_line("path", path) if path else ""
    if any(each in path for each in " \\#") or "://" in path or path.startswith("//") or not path.isascii():
        message = f"The path '{_shown(path)}' is no path below the base URL."
        raise RegistrationError(message, hint="give one such as --path /chat/completions")
    if carries_key(path.partition("?")[2]):
        message = "The path seems to carry a key in its query."
        hint = "leave it out of --path, and give it as --api-key env:NAME or --header 'NAME: env:NAME'"
        raise RegistrationError(message, hint=hint)
    return f"/{path.lstrip('/')}" if path else ""


def _headers(headers: object) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in _mapping("headers", headers, RegistrationError).items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name) or name.lower() in _OURS:
            message = f"'{_shown(name)}' is no header that can be set."
            raise RegistrationError(message, hint="give headers like --header 'X-Tenant: a'")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            message = f"The header {name} has a value that cannot be sent (a line end, or not ASCII)."
            raise RegistrationError(message, hint="give headers like --header 'X-Tenant: a'")
        text = value.strip()
        if text.startswith("env:"):
            check_reference(text)
        elif _SECRET_HEADERS.search(name) or _SECRET_VALUES.match(text):
            message = f"The header {name} carries a secret, and its value was given as it is."
            hint = f"put the value into an environment variable and give --header '{name}: env:NAME'"
            raise SecretError(message, hint=hint)
        checked[name] = text
    return checked


def _proxy(proxy: object) -> str | None:
    if proxy is None or proxy == "env":
        return "env" if proxy else None
    if not isinstance(proxy, str) or not re.fullmatch(r"http://[^\s/@]+/?", proxy):
        message = "A proxy is 'env' (what the environment says) or an address such as http://proxy:3128."
        raise RegistrationError(message, hint="https and socks proxies, and passwords in the address, are not taken")
    return proxy


def _text(what: str, value: object) -> str:
    if not isinstance(value, str):
        message = f"The {what} cannot be {_shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"give a text as {what}")
    return value


def _one_line(what: str, text: object) -> str:
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        message = f"The {what} is empty, or has characters that cannot be sent."
        raise RegistrationError(message, hint=f"give one line of text as the {what}")
    return text.strip()


def _flag(what: str, value: object) -> bool:
    if not isinstance(value, bool):
        message = f"The value of {what} cannot be {_shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"give True or False as {what}")
    return value


def _number(what: str, value: float | None) -> float | None:
    if value is None or (_is_number(value) and 0 <= value < math.inf):
        return value
    message = f"The {what} cannot be {_shown(value, quoted=True)}."
    raise RegistrationError(message, hint=f"give a number of 0 or more as {what}")


def _whole(what: str, value: object, *, least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        message = f"The {what} cannot be {_shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"give a whole number of {least} or more as {what}")
    return value


def _currency(currency: object) -> str:
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        message = f"'{_shown(currency)}' is no currency."
        raise RegistrationError(message, hint="give three capital letters, such as USD or EUR")
    return currency


def _capabilities(capabilities: object) -> Capabilities:
    given, names = _mapping("capabilities", capabilities, RegistrationError), Capabilities.names()
    for name, value in given.items():
        if name not in names or not (value is None or isinstance(value, bool)):
            message = f"There is no capability '{_shown(name)}' that can be {_shown(value, quoted=True)}."
            raise RegistrationError(message, hint=f"the capabilities are {', '.join(names)}, each True, False or None")
    return Capabilities(**given)

"""From what a person says about a server to its endpoint: every value checked, every message with the way out."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from byom_magics.catalog import checks
from byom_magics.catalog.secrets import carries_key, check_reference, is_reference, is_secret_header
from byom_magics.catalog.spec import Endpoint, KeyReference, Limits, Quirks, Tls
from byom_magics.errors import RegistrationError, SecretError

if TYPE_CHECKING:
    from byom_magics.catalog.preset import Preset

__all__ = ["endpoint_of"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, field names
_PROXY = re.compile(r"http://(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding"})
_NO_TLS, _NO_LIMITS, _NO_QUIRKS = Tls(), Limits(), Quirks()


def endpoint_of(
    url: str,
    *,
    name: str = "",
    preset: Preset | None = None,
    path: str | None = None,
    headers: Mapping[str, str] | None = None,
    api_key: KeyReference | None = None,
    key_header: str | None = None,
    key_prefix: str | None = None,
    proxy: str | None = None,
    proxy_login: KeyReference | None = None,
    unix_socket: str | None = None,
    region: str | None = None,
    tls: Mapping[str, Any] | None = None,
    limits: Mapping[str, int | None] | None = None,
    quirks: Mapping[str, Any] | None = None,
    allow_http_key: bool | None = None,
    max_event_bytes: int | None = None,
    source: str = "",
    locked: str = "",
) -> Endpoint:
    """
    The endpoint at a base URL that was checked already. None is what the preset says, or else the default.

    Raises:
        RegistrationError: A value cannot be used.
        SecretError: A key was given as itself.
    """
    if name and not checks.word(name):
        message = "An endpoint's name is one word: no blanks, quotes, braces, '$' or backslashes, and no '-' in front."
        raise RegistrationError(message, hint="choose one such as ours")
    if preset is not None:
        api_key = preset.api_key if api_key is None else api_key
        key_header = preset.key_header if key_header is None else key_header
        key_prefix = preset.key_prefix if key_prefix is None else key_prefix
        headers = _over(preset.headers, headers)
        quirks = {**preset.quirks, **checks.mapping("quirks", quirks)}
        # Where another address runs is not known.
        region = preset.region if region is None and url == preset.url else region
    return Endpoint(
        url=url,
        name=name,
        preset=preset.name if preset is not None else "",
        path=None if path is None else _path(path),
        headers=_headers(headers) if headers else {},
        api_key=_reference(api_key),
        key_header=None if key_header is None else _header_name(key_header),
        key_prefix=None if key_prefix is None else _prefix(key_prefix),
        proxy=None if proxy is None else _proxy(proxy),
        proxy_login=_reference(proxy_login),
        unix_socket=None if unix_socket is None else _socket(unix_socket, url),
        region=checks.optional_line("region", region),
        tls=_tls(tls) if tls else _NO_TLS,
        limits=_limits(limits) if limits else _NO_LIMITS,
        quirks=_quirks(quirks) if quirks else _NO_QUIRKS,
        allow_http_key=False if allow_http_key is None else checks.flag("allow_http_key", allow_http_key),
        max_event_bytes=checks.whole("max_event_bytes", max_event_bytes, least=1024) or Endpoint.max_event_bytes,
        source=source,
        locked=locked,
    )


def _over(below: Mapping[str, str], given: object) -> dict[str, str]:
    above = checks.mapping("headers", given)
    names = {name.lower() for name in above if isinstance(name, str)}
    return {**{name: value for name, value in below.items() if name.lower() not in names}, **above}


def _reference(reference: Any) -> KeyReference | None:  # noqa: ANN401 - lists are taken too
    if reference is not None:
        check_reference(reference)
    # What a spec holds is nobody's to change.
    kept: KeyReference | None = tuple(reference) if isinstance(reference, list) else reference
    return kept


def _path(path: object) -> str:
    if path == "":
        return ""
    given = checks.one_line("path", path)
    if any(each in given for each in " \\#") or "://" in given or given.startswith("//") or not given.isascii():
        message = f"The path '{checks.shown(given)}' is no path below the base URL."
        raise RegistrationError(message, hint="give one such as --path /chat/completions")
    if any(carries_key(part) for part in given.partition("?")):
        message = "The path seems to carry a key."
        hint = "leave it out of --path, and give it as --api-key env:NAME or --header 'NAME: env:NAME'"
        raise RegistrationError(message, hint=hint)
    return f"/{given.lstrip('/')}"


def _header_name(name: object) -> str:
    if not isinstance(name, str) or not _TOKEN.fullmatch(name) or name.lower() in _OURS:
        message = f"'{checks.shown(name)}' is no header that can be set."
        raise RegistrationError(message, hint="give headers like --header 'X-Tenant: a'")
    return name


def _headers(headers: object) -> dict[str, str]:
    checked: dict[str, str] = {}
    for given, value in checks.mapping("headers", headers).items():
        name = _header_name(given)
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            message = f"The header {name} has a value that cannot be sent (a line end, or not ASCII)."
            raise RegistrationError(message, hint="give headers like --header 'X-Tenant: a'")
        text = value.strip()
        if is_reference(text):
            check_reference(text)
        elif is_secret_header(name, text):
            message = f"The header {name} carries a secret, and its value was given as it is."
            hint = f"put the value into an environment variable and give --header '{name}: env:NAME'"
            raise SecretError(message, hint=hint)
        checked[name] = text
    return checked


def _prefix(prefix: object) -> str:
    given = checks.text("key_prefix", prefix).strip()
    if given and (not _TOKEN.fullmatch(given) or len(given) > 20):
        # Not repeated: it may be the key.
        message = "The key_prefix is no word that can stand before a key."
        raise RegistrationError(message, hint="give one such as --key-prefix Bearer, and the key as --api-key env:NAME")
    return given


def _proxy(proxy: object) -> str:
    if proxy == "env":
        return "env"
    if not isinstance(proxy, str) or not _PROXY.fullmatch(proxy):
        message = "A proxy is 'env' (what the environment says) or an address such as http://proxy:3128."
        hint = (
            "https and socks proxies are not taken; a user and password are given apart, "
            "as --proxy-login env:NAME with user:password in that variable"
        )
        raise RegistrationError(message, hint=hint)
    return proxy


def _socket(unix_socket: object, url: str) -> str:
    if not url.startswith(("http://", "https://")):
        message = "A unix socket stands in place of the host of an http address."
        raise RegistrationError(message, hint="give --url http://localhost/v1 beside --unix-socket PATH")
    return _file("unix_socket", unix_socket)


def _file(what: str, path: object) -> str:
    given = checks.one_line(what, str(path) if isinstance(path, Path) else path)
    return str(Path(given).expanduser()) if given.startswith("~") else given


def _tls(tls: object) -> Tls:
    given = _known("tls", tls, Tls)
    for file in ("ca", "certificate", "key"):
        if given.get(file) is not None:
            given[file] = _file(f"tls.{file}", given[file])
    for switch in ("system_trust", "verify"):
        if switch in given:
            checks.flag(f"tls.{switch}", given[switch])
    if "key_password" in given:
        given["key_password"] = _reference(given["key_password"])
    _one_of("tls.minimum_version", given.get("minimum_version", "1.2"), ("1.2", "1.3"))
    if (given.get("key") or given.get("key_password")) and not given.get("certificate"):
        message = "A private key goes with a client's certificate, and none is given."
        raise RegistrationError(message, hint="give --client-cert FILE too")
    if given.get("system_trust") is False and not given.get("ca") and given.get("verify", True):
        message = "No authority would be trusted: the system's are switched off, and no others are given."
        raise RegistrationError(message, hint="give --ca FILE too")
    return Tls(**given)


def _limits(limits: object) -> Limits:
    given = _known("limits", limits, Limits)
    return Limits(**{name: checks.whole(f"limits.{name}", value, least=1) for name, value in given.items()})


def _quirks(quirks: object) -> Quirks:
    given = _known("quirks", quirks, Quirks)
    hints = _quirk_kinds()
    for name, value in given.items():
        what = f"quirks.{name}"
        if name == "without":
            given[name] = checks.texts(what, value)
        elif hints[name] is bool:
            checks.flag(what, value)
        elif hints[name] is str:
            given[name] = checks.one_line(what, value)
        else:
            _one_of(what, value, get_args(hints[name]))
    return Quirks(**given)


@functools.cache
def _quirk_kinds() -> dict[str, Any]:
    return get_type_hints(Quirks)


def _known(what: str, given: object, kind: type[Tls | Limits | Quirks]) -> dict[str, Any]:
    if isinstance(given, kind):
        return {name: getattr(given, name) for name in kind.__dataclass_fields__}
    checked = checks.mapping(what, given)
    for name in checked:
        if name not in kind.__dataclass_fields__:
            message = f"There is nothing '{checks.shown(name)}' in {what}."
            raise RegistrationError(message, hint=checks.nearest(f"names in {what}", name, kind.__dataclass_fields__))
    return checked


def _one_of(what: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        message = f"The {what} cannot be {checks.shown(value, quoted=True)}."
        raise RegistrationError(message, hint=f"it is one of {', '.join(choices)}")

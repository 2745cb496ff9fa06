"""What is saved of a registration: the fields of a file, kept as they were given, and never a key or a function."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.fields import SECTIONS
from byom_magics.catalog.secrets.reference import is_reference
from byom_magics.catalog.spec import Endpoint, Prices
from byom_magics.errors import RegistrationError, SecretError

if TYPE_CHECKING:
    from byom_magics.catalog.registry import Registry

__all__ = ["saved_entries"]

_PRICES = {
    "price_in": "input",
    "price_out": "output",
    "price_cached_in": "cached_input",
    "price_cached_out": "cached_output",
    "currency": "currency",
}
_REFERENCES = ("api_key", "proxy_login", "key_password")
_PATHS = tuple(name for section in ("endpoint", "tls") for name, field in SECTIONS[section].items() if field.path)


def saved_entries(
    key: str, given: Mapping[str, Any], registry: Registry, known: Collection[str]
) -> dict[str, dict[str, Any]]:
    """
    The tables of a file for one model, by section: its own, and that of its endpoint if the next session lacks it.

    Args:
        key: The model's key.
        given: The arguments of its registration, as they were given.
        registry: Where endpoints are looked up.
        known: The names of the endpoints that the next session has without this.

    Raises:
        RegistrationError: Something in it cannot be said in a file.
        SecretError: A key is only known to this session.
    """
    told = {name: value for name, value in _with_prices(given).items() if value not in (None, "", {}, [], ())}
    name = told.pop("endpoint", None)
    entries: dict[str, dict[str, Any]] = {}
    if isinstance(name, Endpoint):
        entries["endpoints"] = {name.name or key: _endpoint_table(name)}
        name = name.name or key
    elif name is not None and ("url" in told or "preset" in told):
        entries["endpoints"] = {name: {each: told.pop(each) for each in SECTIONS["endpoint"] if each in told}}
    elif name is not None and name not in known:
        entries["endpoints"] = {name: _endpoint_table(registry.endpoints[name])}
    entries["models"] = {key: told if name is None else {"endpoint": name, **told}}
    return {
        section: {each: _plain(table, (section, each)) for each, table in tables.items()}
        for section, tables in entries.items()
    }


def _with_prices(given: Mapping[str, Any]) -> dict[str, Any]:
    flat = {_PRICES[name]: value for name, value in given.items() if name in _PRICES and value is not None}
    told = {name: value for name, value in given.items() if name not in _PRICES}
    if not flat:
        return told
    prices = told.get("prices") or {}
    return {**told, "prices": {**(_beyond(prices, Prices()) if isinstance(prices, Prices) else prices), **flat}}


def _endpoint_table(endpoint: Endpoint) -> dict[str, Any]:
    """What an endpoint says beyond its preset and the defaults."""
    below: Endpoint = Endpoint("")
    if endpoint.preset:
        from byom_magics.catalog import presets  # noqa: PLC0415 - only where one is saved
        from byom_magics.catalog.endpoint import endpoint_of  # noqa: PLC0415 - with it

        preset = presets.find(endpoint.preset)
        below = endpoint_of(preset.url, preset=preset)
    table = _beyond(endpoint, below)
    if endpoint.preset:
        table["preset"] = endpoint.preset
    return {name: table[name] for name in SECTIONS["endpoint"] if name in table and name != "locked"}


def _beyond(given: Any, below: Any) -> dict[str, Any]:  # noqa: ANN401 - an endpoint, or a part of one
    table: dict[str, Any] = {}
    for field in fields(given):
        value, default = getattr(given, field.name), getattr(below, field.name)
        if value == default:
            continue
        if is_dataclass(value):
            table[field.name] = _beyond(value, default)
        elif isinstance(value, Mapping):
            table[field.name] = {name: each for name, each in value.items() if default.get(name) != each}
        else:
            table[field.name] = value
    return table


def _plain(value: Any, place: tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever a field holds
    """A value as a file can say it."""
    name, what = place[-1], ".".join(place)
    if is_dataclass(value) and not isinstance(value, type):
        value = _beyond(value, type(value)())
    if value is None:
        if "timeouts" in place:
            return "off"
        message = f"{what} is None, which a TOML file cannot say; nothing was saved."
        raise RegistrationError(message, hint=f"leave {name} out, or write the file as JSON by hand")
    if name in _REFERENCES or (len(place) > 1 and place[-2] == "headers" and is_reference(value)):
        return _reference(value, what)
    if isinstance(value, Mapping):
        return {str(each): _plain(inner, (*place, str(each))) for each, inner in value.items()}
    if name in _PATHS and isinstance(value, (str, os.PathLike)) and "extra_body" not in place:
        return _absolute(os.fspath(value))
    if isinstance(value, (list, tuple)):
        return [_plain(each, (*place, str(number))) for number, each in enumerate(value)]
    if not isinstance(value, (str, int, float, bool)):
        message = f"{what} is {type(value).__name__}, which no file can hold; nothing was saved."
        hint = f"register it under a name (byom_magics.register_transformer), and give that name as {name}"
        raise RegistrationError(message, hint=hint if name.endswith("transformer") else f"give {name} as a plain value")
    return value


def _reference(value: Any, what: str) -> Any:  # noqa: ANN401 - a reference of whatever kind
    if callable(value):
        message = f"{what} is a Python callable, which no file can hold; nothing was saved."
        raise SecretError(message, hint="give the key as env:NAME, keyring:NAME or command:…, and save that")
    if isinstance(value, (list, tuple)):
        return list(value)
    if value.startswith("session:"):
        message = f"{what} is only known to this session ({value}), and no key is ever saved; nothing was."
        raise SecretError(message, hint="keep it with %byom_key set NAME, and give --api-key keyring:NAME; or env:NAME")
    if value.startswith("file:") and not value.startswith("file:~"):
        return f"file:{_absolute(value.removeprefix('file:'))}"
    return value


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())

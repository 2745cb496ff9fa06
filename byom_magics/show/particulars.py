"""All that is known of one model, a fact a row, with where it comes from. Of keys only where they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from byom_magics.catalog import secrets
from byom_magics.catalog.spec import Limits, Prices, Quirks, Timeouts, Tls
from byom_magics.show.tables import Table

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint, KeyReference, ModelSpec

__all__ = ["particulars"]

_COLUMNS = ("fact", "value", "from")
_UNKNOWN, _NOT_SET, _OWN = "unknown", "not set", "the dialect's own"
_MODEL = {
    "model": _UNKNOWN,
    "description": _UNKNOWN,
    "provider": _UNKNOWN,
    "dialect": _UNKNOWN,
    "context_window": _UNKNOWN,
    "max_tokens": _NOT_SET,
    "temperature": _NOT_SET,
    "top_p": _NOT_SET,
    "seed": _NOT_SET,
    "stop": _NOT_SET,
    "system": _NOT_SET,
    "extra_body": _NOT_SET,
    "pinned": _UNKNOWN,
    "tags": _NOT_SET,
    "request_transformer": _NOT_SET,
    "response_transformer": _NOT_SET,
}
_ENDPOINT = {
    "url": _UNKNOWN,
    "name": _NOT_SET,
    "preset": _NOT_SET,
    "path": _OWN,
    "api_key": "none needed",
    "key_header": _OWN,
    "key_prefix": _OWN,
    "headers": _NOT_SET,
    "proxy": "none",
    "proxy_login": _NOT_SET,
    "unix_socket": _NOT_SET,
    "region": _UNKNOWN,
    "allow_http_key": _NOT_SET,
    "max_event_bytes": _NOT_SET,
}
_CALLED = {"url": "address", "name": "endpoint", "api_key": "key from"}
_REFERENCES = ("api_key", "proxy_login", "key_password")


def particulars(spec: ModelSpec, origin_of: Callable[[str], str], preset: Mapping[str, object]) -> Table:
    """
    Everything about a model.

    Args:
        spec: The model.
        origin_of: Gives scheme, host and port of an address, to which typed keys are bound.
        preset: What the preset of its endpoint says, by the names of fields.
    """
    rows = [*_model_rows(spec, preset), *_endpoint_rows(spec, origin_of(spec.url), preset)]
    locked = spec.locked or spec.endpoint.locked
    return Table(_COLUMNS, rows, f"It is locked by {locked}." if locked else "")


def _model_rows(spec: ModelSpec, preset: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    source = "built in" if spec.builtin else spec.source or "session"
    yield "key", spec.key, source
    yield "name", spec.name or spec.key, source if spec.name and spec.name != spec.key else "the key"
    for name, missing in _MODEL.items():
        yield _row(name, getattr(spec, name), missing, preset, source, default=_default(spec, name))
    for each in fields(Prices):
        value = getattr(spec.prices, each.name)
        said = any(price is not None for price in (spec.prices.input, spec.prices.output))
        missing = _UNKNOWN if each.name != "currency" or not said else ""
        value = value if each.name != "currency" or said else None
        yield _row(f"price: {each.name}", value, missing, {}, source)
    for able in spec.capabilities.names():
        yield _row(f"can: {able}", getattr(spec.capabilities, able), _UNKNOWN, {}, source)
    for timer in Timeouts.names():
        if timer in spec.timeouts:
            yield _row(f"timer: {timer}", spec.timeouts[timer], "off", {}, source)


def _endpoint_rows(spec: ModelSpec, origin: str, preset: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    endpoint = spec.endpoint
    source = "built in" if spec.builtin else endpoint.source or "session"
    for name, missing in _ENDPOINT.items():
        value = getattr(endpoint, name)
        told: Mapping[str, object] = {} if name in ("name", "preset") else preset
        row = _row(_CALLED.get(name, name), value, missing, {_CALLED.get(name, name): told.get(name)}, source,
                   default=_default(endpoint, name))  # fmt: skip
        if name == "headers" and value:
            row = (row[0], _headers(endpoint, origin), row[2])
        elif name in _REFERENCES and value is not None:
            row = (row[0], _reference(value, origin if name == "api_key" else ""), row[2])
        yield row
    quirks = preset.get("quirks")
    known = quirks if isinstance(quirks, Mapping) else {}
    for label, part, untouched in (
        ("TLS", endpoint.tls, Tls()),
        ("limit", endpoint.limits, Limits()),
        ("quirk", endpoint.quirks, Quirks()),
    ):
        for each in fields(part):
            value = getattr(part, each.name)
            if value != getattr(untouched, each.name):
                shown = _reference(value, "") if each.name in _REFERENCES else _text(value)
                is_told = label == "quirk" and _same(known.get(each.name), value)
                yield f"{label}: {each.name}", shown, "preset" if is_told else source
    if not endpoint.tls.verify:
        yield "TLS", "THE CERTIFICATE IS NOT VERIFIED", source


def _row(
    name: str, value: object, missing: str, preset: Mapping[str, object], source: str, *, default: object = None
) -> tuple[str, str, str]:
    if value is None or value in ("", (), {}):
        return name, missing, ""
    if name in preset and _same(preset[name], value):
        return name, _text(value), "preset"
    return name, _text(value), "default" if value == default else source


def _default(of: ModelSpec | Endpoint, name: str) -> object:
    return getattr(type(of), name, None)


def _same(told: object, value: object) -> bool:
    return told == value or (isinstance(told, list) and tuple(told) == value)


def _reference(reference: KeyReference, origin: str) -> str:
    return str(secrets.describe(reference, origin))


def _headers(endpoint: Endpoint, origin: str) -> str:
    return ", ".join(
        f"{name}: {_reference(value, origin) if secrets.is_reference(value) else value}"
        for name, value in endpoint.headers.items()
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if callable(value):
        return f"function {getattr(value, '__name__', type(value).__name__)}"
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, default=str)
    return str(value)

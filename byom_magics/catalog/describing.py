"""A model described in terms of what is there already: a preset, an endpoint that others are served at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.endpoint import endpoint_of
from byom_magics.catalog.registration import spec_of
from byom_magics.catalog.spec import Endpoint
from byom_magics.errors import RegistrationError

if TYPE_CHECKING:
    from byom_magics.catalog.preset import Preset
    from byom_magics.catalog.registry import Registry
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["check_endpoint", "described", "own_endpoint"]

# Looked at apart; and no file speaks here that could lock anything.
_NOT_CHECKED = frozenset({"url", "name", "preset", "source", "locked"})


def described(
    models: Registry,
    base_url: Callable[[str], str],
    key: str,
    *,
    url: str | None = None,
    endpoint: str | Endpoint | None = None,
    preset: str | None = None,
    **description: Any,
) -> ModelSpec:
    """
    The spec of a model.

    Args:
        models: Where endpoints are looked up.
        base_url: Checks an address.
        key: The word by which it is called.
        url: Its address; the preset's if None.
        endpoint: An endpoint, or the name of one that is registered; beside ``url`` or ``preset`` the name that the new
            endpoint gets.
        preset: The name of what is known of the service.
        description: What else `spec_of` takes.

    Raises:
        RegistrationError: A value cannot be used, or there is no such preset.
        UnknownEndpointError: There is no such endpoint.
        SecretError: A key was given as itself.
        OptionError: A timer, or the name of a field of the body, cannot be used.
    """
    if isinstance(endpoint, Endpoint) or (endpoint is not None and url is None and preset is None):
        served = endpoint if isinstance(endpoint, Endpoint) else models.endpoints[endpoint]
        told = {**dict.fromkeys(("provider", "dialect")), **description}
        return spec_of(key, url=url, endpoint=served, **{**told, **_spoken(models, served, told)})
    found = None if preset is None else _preset(preset)
    checked = base_url(_address(key, found) if url is None else url)
    return spec_of(key, url=checked, preset=found, endpoint_name=endpoint or "", **description)


def own_endpoint(models: Registry, base_url: Callable[[str], str], key: str, given: Endpoint) -> Endpoint:
    """
    An endpoint that a person made as an object, every value of it checked as if it had been described.

    Args:
        models: Where endpoints are looked up: one that is registered is taken as it is.
        base_url: Checks an address.
        key: The model's, which an endpoint without a name gets as its own.
        given: The endpoint.

    Raises:
        RegistrationError: A value cannot be used.
        SecretError: A key was given as itself.
    """
    if given.name and models.endpoints.get(given.name) == given:
        return given
    told = {each.name: getattr(given, each.name) for each in fields(Endpoint) if each.name not in _NOT_CHECKED}
    return replace(endpoint_of(base_url(given.url), name=given.name or key, **told), preset=given.preset)


def check_endpoint(models: Registry, spec: ModelSpec) -> None:
    """
    Whether the endpoint of a model can have the model's own key as its name.

    Raises:
        RegistrationError: Another one has it, which was registered for itself or serves other models.
    """
    name = spec.endpoint.name
    if name not in models.endpoints or models.served_at(name) == (spec.key,):
        return
    others = [key for key in models.served_at(name)[:4] if key != spec.key][:3]
    serves = f" and serves {', '.join(others)}" if others else ""
    message = f"There is an endpoint '{name}' already{serves}, and this model would replace it."
    hint = f"give --endpoint {name} without an address to be served there, or --endpoint and another name"
    raise RegistrationError(message, model=spec.key, hint=hint)


def _spoken(models: Registry, endpoint: Endpoint, description: Mapping[str, Any]) -> dict[str, Any]:
    """How a server that is known already speaks, and who it is, where that is not said."""
    if endpoint.preset:
        preset = _preset(endpoint.preset)
        told: dict[str, Any] = {"provider": preset.provider, "dialect": preset.dialect_at(endpoint.url)}
    else:
        first = next((models.get(key) for key in models.served_at(endpoint.name)), None)
        told = {"provider": first.provider, "dialect": first.dialect} if first is not None else {}
    return {name: value for name, value in told.items() if description[name] is None}


def _preset(name: str) -> Preset:
    from byom_magics.catalog import presets  # noqa: PLC0415 - their file is read when one is named

    return presets.find(name)


def _address(key: str, preset: Preset | None) -> str:
    if preset is not None and not preset.gaps:
        return preset.url
    if preset is None:
        message, hint = "The model has no address.", "give --url URL, --preset NAME or --endpoint NAME"
    else:
        message = f"The address of {preset.title} has a part of your own: {', '.join(preset.gaps)}."
        hint = f"give it, as in --url {preset.example or preset.url}"
    raise RegistrationError(message, model=key, hint=hint)

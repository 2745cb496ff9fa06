"""What a server offers: a model as its list has it, what further answers add, and the keys under which models go."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable
from dataclasses import fields, replace
from typing import Any

from byom_magics.catalog.spec import Capabilities, Listed, Prices

__all__ = ["filled", "joined", "key_for", "key_of", "offers"]

_LONGEST_KEY = 100
_NOT_IN_KEYS = re.compile(r"[\s{}'\"`$\\]+")
_NOT_FIRST = "-%"
_PATH = re.compile(r"(?:/|[A-Za-z]:[\\/])")


def offers(listed: Iterable[Listed]) -> list[Listed]:
    """The models of a list, each name once: what a second entry of the same name says is added to the first."""
    found: dict[str, Listed] = {}
    for each in listed:
        before = found.get(each.id)
        found[each.id] = each if before is None or before == each else filled(before, each)
    return list(found.values())


def filled(offer: Listed, other: Listed) -> Listed:
    """The offer, with what it leaves open taken from another one of the same model."""
    return replace(
        offer,
        name=offer.name or other.name,
        description=offer.description or other.description,
        context_window=offer.context_window or other.context_window,
        max_tokens=offer.max_tokens or other.max_tokens,
        prices=_prices(offer.prices, other.prices),
        capabilities=_capabilities(offer.capabilities, other.capabilities),
        tags=tuple(dict.fromkeys((*offer.tags, *other.tags))),
    )


def joined(models: Iterable[Listed], more: Iterable[Listed]) -> list[Listed]:
    """The models, each with what a list that says more has on it; that list's own further models are left out."""
    known = {offer.id: offer for offer in more}
    return [filled(known[offer.id], offer) if offer.id in known else offer for offer in models]


def key_of(model: str) -> str:
    """A key for a model of that name: what a cell's first line cannot hold is taken out."""
    # MLX and vLLM name models by the folder they lie in.
    name = re.split(r"[\\/]", model.rstrip("\\/"))[-1] if _PATH.match(model) else model
    text = name[: 2 * _LONGEST_KEY]
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else "-" for letter in text)
    return _NOT_IN_KEYS.sub("-", text)[:_LONGEST_KEY].strip(_NOT_FIRST) or "model"


def key_for(model: str, server: str, taken: Container[str]) -> str:
    """A key that is not taken: the model's name, with the server's before it where that is needed, or numbered."""
    plain = key_of(model)
    named = f"{key_of(server)}/{plain}" if server else plain
    for key in (plain, named):
        if key not in taken:
            return key
    for number in range(2, 10):
        if f"{named}-{number}" not in taken:
            return f"{named}-{number}"
    # A list may have very many names that make the same key: they are not counted through.
    return f"{named}-{hashlib.sha256(model.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _prices(first: Prices, other: Prices) -> Prices:
    if first == Prices() or first.currency != other.currency:
        return other if first == Prices() else first
    return Prices(**{each.name: _either(first, other, each.name) for each in fields(Prices)})


def _capabilities(first: Capabilities, other: Capabilities) -> Capabilities:
    return Capabilities(**{name: _either(first, other, name) for name in Capabilities.names()})


def _either(first: object, other: object, name: str) -> Any:  # noqa: ANN401 - a field of either
    value = getattr(first, name)
    return getattr(other, name) if value is None else value

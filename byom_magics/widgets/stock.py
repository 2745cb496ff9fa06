"""The models that a picker chooses from, prepared for searching and filtering; only what has changed is read anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.errors import UnknownModelError
from byom_magics.show.models import abilities
from byom_magics.widgets.choosing import ORDERS, Left, Traits, Wish, left, ordered, traits
from byom_magics.widgets.matching import Entry, entry, search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byom_magics.catalog.registry import Registry
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["Found", "Stock", "specs_of"]

_NO_WISH = Wish()


@dataclass(frozen=True)
class Found:
    """
    What a search came to.

    Attributes:
        keys: The models, in the order in which they are shown.
        total: How many there are in all.
        unsaid: See `choosing.Left`.
    """

    keys: tuple[str, ...]
    total: int
    unsaid: Mapping[str, int]


class Stock:
    """
    The models of a registry.

    Args:
        models: The registry.
    """

    def __init__(self, models: Registry) -> None:
        self._models = models
        self._entries: dict[str, tuple[ModelSpec, Entry]] = {}
        self._traits: dict[str, tuple[ModelSpec, Traits]] = {}
        self._stale = True

    def changed(self) -> None:
        """Note that a model was registered or forgotten."""
        self._stale = True

    def get(self, key: str | None) -> ModelSpec | None:
        """The model of that key as it was when it was last looked for; None if there is none."""
        found = self._entries.get(key) if key is not None else None
        return found[0] if found is not None else None

    def find(
        self, text: str, wish: Wish = _NO_WISH, *, order: str = ORDERS[0], favourites: Collection[str] = ()
    ) -> Found:
        """Give the models that have the words of ``text`` and are as wanted; the best matches first, or as ordered."""
        self._look()
        keys = search([each for _, each in self._entries.values()], text)
        unsaid: Mapping[str, int] = {}
        if wish != _NO_WISH or order != ORDERS[0]:
            known = {key: self._traits_of(key) for key in keys}
            result: Left = left(known.values(), wish, favourites)
            keys, unsaid = ordered(result.keys, order, known, wish.currency), result.unsaid
        return Found(tuple(keys), len(self._entries), unsaid)

    def currencies(self) -> tuple[str, ...]:
        """The currencies of the prices that are known, that of most models first; dollars if there are none."""
        self._look()
        prices = [spec.prices for spec, _ in self._entries.values()]
        found = Counter(each.currency for each in prices if each.output is not None)
        return tuple(currency for currency, _ in found.most_common()) or ("USD",)

    def _look(self) -> None:
        if not self._stale:
            return
        self._stale = False
        known, self._entries = self._entries, {}
        for spec in specs_of(self._models):
            before = known.get(spec.key)
            self._entries[spec.key] = before if before is not None and before[0] is spec else (spec, _entry(spec))
        for key in self._traits.keys() - self._entries.keys():
            del self._traits[key]

    def _traits_of(self, key: str) -> Traits:
        spec = self._entries[key][0]
        known = self._traits.get(key)
        if known is None or known[0] is not spec:
            known = self._traits[key] = (spec, traits(spec))
        return known[1]


def specs_of(models: Registry) -> list[ModelSpec]:
    """All models of a registry that other threads may change meanwhile."""
    found = []
    for key in models:
        try:
            found.append(models[key])
        except UnknownModelError:  # noqa: PERF203 - forgotten by another thread since the keys were listed
            continue
    return found


def _entry(spec: ModelSpec) -> Entry:
    where = (spec.url, "built in" if spec.builtin else "", spec.provider or "", spec.endpoint.region or "", *spec.tags)
    texts = (*where, *abilities(spec), spec.description)
    return entry(spec.key, (spec.key, spec.name, spec.model), texts)

"""
Which models a person's filters leave, and in which order. Pure.

A filter asks for what is known: a model of which nobody said whether it can call tools is not one that can, and one
without a price is not cheap. How many were left out for that alone is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from byom_magics.widgets.whereabouts import whereabouts

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["ORDERS", "Left", "Traits", "Wish", "left", "ordered", "traits", "words"]

Value = TypeVar("Value")

ORDERS = ("as registered", "name", "price", "context")


@dataclass(frozen=True)
class Traits:
    """
    What of a model is filtered and sorted by.

    Attributes:
        key: Which model.
        able: What it is known to be able to do.
        unable: What it is known not to be able to do.
        price: Of a million output tokens; None if nobody said.
        currency: Of the price.
        context: In tokens; None if nobody said.
        place: Where it runs; one of `whereabouts.PLACES`.
        region: As declared, in lower case, or empty.
        tags: In lower case.
    """

    key: str
    able: frozenset[str] = frozenset()
    unable: frozenset[str] = frozenset()
    price: float | None = None
    currency: str = "USD"
    context: int | None = None
    place: str = ""
    region: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Wish:
    """
    What a person wants of a model; everything that is set has to hold.

    Attributes:
        able: What it can do, by the names of `Capabilities`.
        price: The most that a million output tokens may cost; None for any price.
        currency: Of the price.
        context: The least context, in tokens; None for any.
        places: Where it may run; empty for anywhere.
        region: What its declared region begins with; empty for any.
        tags: What its tags have to have, all of them.
        favourites: Whether it has to be a favourite.
    """

    able: frozenset[str] = frozenset()
    price: float | None = None
    currency: str = "USD"
    context: int | None = None
    places: frozenset[str] = frozenset()
    region: str = ""
    tags: frozenset[str] = frozenset()
    favourites: bool = False


@dataclass(frozen=True)
class Left:
    """
    What the filters leave.

    Attributes:
        keys: The models, in the order in which they came.
        unsaid: How many more would be there if something that nobody said were as wanted, by what that is.
    """

    keys: tuple[str, ...]
    unsaid: Mapping[str, int] = field(default_factory=dict)


def traits(spec: ModelSpec) -> Traits:
    """Give what a model is filtered and sorted by. The built-in models cost nothing."""
    can = vars(spec.capabilities)
    return Traits(
        key=spec.key,
        able=frozenset(name for name, value in can.items() if value),
        unable=frozenset(name for name, value in can.items() if value is False),
        price=0.0 if spec.builtin and spec.prices.output is None else spec.prices.output,
        currency=spec.prices.currency,
        context=spec.context_window,
        place=whereabouts(spec),
        region=(spec.endpoint.region or "").casefold(),
        tags=frozenset(tag.casefold() for tag in spec.tags),
    )


def left(models: Iterable[Traits], wish: Wish, favourites: Collection[str]) -> Left:
    """
    Filter models.

    Args:
        models: What there is.
        wish: What is wanted.
        favourites: The keys of the favourites.
    """
    keys: list[str] = []
    unsaid: Counter[str] = Counter()
    for each in models:
        open_questions = _open(each, wish, favourites)
        if open_questions is None:
            continue
        if open_questions:
            unsaid.update(open_questions)
        else:
            keys.append(each.key)
    return Left(tuple(keys), unsaid)


def ordered(keys: Iterable[str], order: str, known: Mapping[str, Traits], currency: str = "USD") -> list[str]:
    """
    Sort models: by name, by price (the cheapest first), or by context (the longest first); unknown ones come last.

    Args:
        keys: The models.
        order: One of `ORDERS`; the first leaves them as they are.
        known: Their traits by key.
        currency: Prices in others stand behind those in this one, and are not compared with them.
    """
    if order == "name":
        return sorted(keys, key=lambda key: (key.casefold(), key))
    if order == "price":
        return sorted(keys, key=lambda key: _by_price(known[key], currency))
    if order == "context":
        return sorted(keys, key=lambda key: -(known[key].context or 0))
    return list(keys)


def words(wish: Wish) -> list[str]:
    """Say what is wanted, a few words for each filter that is on."""
    said = [name.replace("_", " ") for name in sorted(wish.able)]
    if wish.price is not None:
        said.append(f"at most {wish.price:,.10g} {wish.currency} per million output tokens")
    if wish.context is not None:
        said.append(f"at least {wish.context:,} tokens of context")
    if wish.places:
        said.append(" or ".join(sorted(wish.places)))
    if wish.region:
        said.append(f"region {wish.region}")
    said += [f"tag {tag}" for tag in sorted(wish.tags)]
    return [*said, *(["favourites"] if wish.favourites else [])]


def _open(model: Traits, wish: Wish, favourites: Collection[str]) -> Sequence[str] | None:
    """What would have to be known for the model to fit; empty if it fits, None if it does not."""
    if (
        (wish.favourites and model.key not in favourites)
        or (wish.places and model.place not in wish.places)
        or wish.able & model.unable
        or not wish.tags <= model.tags
    ):
        return None
    answers = {
        f"price in {wish.currency}": _is_cheap(model, wish),
        "context": _is_known(wish.context, model.context, lambda wanted, has: has >= wanted),
        "region": _is_known(wish.region.casefold() or None, model.region or None, _begins),
    }
    if False in answers.values():
        return None
    unknown = [name.replace("_", " ") for name in sorted(wish.able - model.able)]
    return [*unknown, *(what for what, answer in answers.items() if answer is None)]


def _is_cheap(model: Traits, wish: Wish) -> bool | None:
    if wish.price is None or model.price == 0:  # nothing is nothing in every currency
        return True
    return None if model.price is None or model.currency != wish.currency else model.price <= wish.price


def _is_known(wanted: Value | None, known: Value | None, fits: Callable[[Value, Value], bool]) -> bool | None:
    if wanted is None:
        return True
    return None if known is None else fits(wanted, known)


def _begins(wanted: str, region: str) -> bool:
    return region.startswith(wanted)


def _by_price(model: Traits, currency: str) -> tuple[bool, bool, str, float]:
    if model.price is None:
        return True, True, "", 0.0
    own = model.currency == currency or model.price == 0
    return False, not own, "" if own else model.currency, model.price

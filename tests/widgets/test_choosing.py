from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.registration import spec_of
from byom_magics.widgets.choosing import ORDERS, Traits, Wish, left, ordered, traits, words
from byom_magics.widgets.whereabouts import CLOUD, PRIVATE


def frozen(given: dict[str, Any]) -> dict[str, Any]:
    return {name: frozenset(value) if isinstance(value, set) else value for name, value in given.items()}


def model(key: str, **known: Any) -> Traits:
    given = frozen(known)
    return Traits(key, **given)


def wish(**wanted: Any) -> Wish:
    given = frozen(wanted)
    return Wish(**given)


MODELS = [
    model(
        "a", able={"tools"}, unable={"reasoning"}, price=2.0, context=8_000, place=CLOUD, region="eu-west", tags={"x"}
    ),
    model("b", able={"tools", "reasoning"}, price=10.0, context=128_000, place=CLOUD, region="us", tags={"x", "y"}),
    model("c", price=1.0, currency="EUR", place=PRIVATE),
    model("d", unable={"tools"}, price=0.0, context=4_000, place=PRIVATE),
    model("e"),
]


@pytest.mark.parametrize(
    ("wanted", "keys", "unsaid"),
    [
        (wish(), "abcde", {}),
        (wish(able={"tools"}), "ab", {"tools": 2}),
        (wish(able={"reasoning"}), "b", {"reasoning": 3}),
        (wish(able={"tools", "reasoning"}), "b", {"reasoning": 2, "tools": 2}),
        (wish(price=5.0), "ad", {"price in USD": 2}),
        (wish(price=0.0), "d", {"price in USD": 2}),
        (wish(price=1.0, currency="EUR"), "cd", {"price in EUR": 3}),
        (wish(context=8_000), "ab", {"context": 2}),
        (wish(places={PRIVATE}), "cd", {}),
        (wish(places={PRIVATE, CLOUD}), "abcd", {}),
        (wish(region="EU"), "a", {"region": 3}),
        (wish(tags={"x", "y"}), "b", {}),
        (wish(favourites=True), "be", {}),
        (wish(able={"tools"}, price=5.0), "a", {"tools": 2, "price in USD": 2}),
    ],
)
def test_a_filter_asks_for_what_is_known_and_counts_what_is_not(
    wanted: Wish, keys: str, unsaid: dict[str, int]
) -> None:
    found = left(MODELS, wanted, {"b", "e"})
    assert ("".join(found.keys), dict(found.unsaid)) == (keys, unsaid)


@pytest.mark.parametrize(
    ("order", "keys"), [("as registered", "dacbe"), ("name", "abcde"), ("price", "dabce"), ("context", "badce")]
)
def test_what_is_not_known_comes_last(order: str, keys: str) -> None:
    assert order in ORDERS
    known = {each.key: each for each in MODELS}
    assert "".join(ordered("dacbe", order, known)) == keys


def test_prices_in_another_currency_are_not_compared() -> None:
    known = {each.key: each for each in MODELS}
    assert ordered("abc", "price", known, "EUR") == ["c", "a", "b"]


def test_traits_of_a_model_are_its_declared_facts() -> None:
    spec = spec_of(
        "gpt",
        url="https://api.example/v1",
        region="EU-West",
        capabilities={"tools": True, "reasoning": False},
        context_window=8_000,
        price_out=3,
        currency="EUR",
        tags=["Chat"],
    )
    known = traits(spec)
    assert (known.able, known.unable) == (frozenset({"tools"}), frozenset({"reasoning"}))
    assert (known.price, known.currency, known.context) == (3, "EUR", 8_000)
    assert (known.place, known.region, known.tags) == (CLOUD, "eu-west", frozenset({"chat"}))


def test_built_in_models_cost_nothing_and_others_without_a_price_are_not_cheap() -> None:
    assert traits(spec_of("demo", url="http://localhost/v1", builtin=True)).price == 0
    assert traits(spec_of("mine", url="http://localhost/v1")).price is None


def test_each_filter_that_is_on_is_said() -> None:
    assert words(wish()) == []
    everything = wish(
        able={"image_generation", "tools"},
        price=0.5,
        currency="EUR",
        context=128_000,
        places={CLOUD, PRIVATE},
        region="eu",
        tags={"x"},
        favourites=True,
    )
    assert words(everything) == [
        "image generation",
        "tools",
        "at most 0.5 EUR per million output tokens",
        "at least 128,000 tokens of context",
        "cloud or private network",
        "region eu",
        "tag x",
        "favourites",
    ]

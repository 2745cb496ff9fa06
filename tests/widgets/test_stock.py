from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.catalog.registration import spec_of
from byom_magics.catalog.registry import Registry
from byom_magics.widgets import stock as stock_module
from byom_magics.widgets.choosing import Wish, traits
from byom_magics.widgets.stock import Stock, specs_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def add(models: Registry, key: str, **described: Any) -> None:
    models.register(spec_of(key, **{"url": "http://localhost:11434/v1", **described}))


@pytest.fixture
def models() -> Registry:
    models = Registry()
    add(models, "gpt", url="https://api.example/v1", price_out=10, capabilities={"tools": True})
    add(models, "llama", price_out=1, region="eu")
    add(models, "mini", price_out=2, currency="EUR")
    return models


def test_words_and_filters_hold_together(models: Registry) -> None:
    stock = Stock(models)
    assert stock.find("").keys == ("gpt", "llama", "mini")
    assert stock.find("llama").keys == ("llama",)
    assert stock.find("eu").keys == ("llama",)
    found = stock.find("", Wish(price=5.0))
    assert (found.keys, found.total, dict(found.unsaid)) == (("llama",), 3, {"price in USD": 1})
    assert stock.find("gpt", Wish(price=5.0)).keys == ()
    assert stock.find("", Wish(favourites=True), favourites={"mini"}).keys == ("mini",)


def test_an_order_holds_without_a_filter_too(models: Registry) -> None:
    assert Stock(models).find("", order="price").keys == ("llama", "gpt", "mini")


def test_only_what_has_changed_is_read_anew(models: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = Stock(models)
    read: list[str] = []

    def noted(spec: Any) -> Any:
        read.append(spec.key)
        return traits(spec)

    monkeypatch.setattr(stock_module, "traits", noted)
    stock.find("", Wish(price=100.0))
    stock.find("", Wish(price=50.0))
    assert read == ["gpt", "llama", "mini"]
    add(models, "new", price_out=3)
    add(models, "gpt", price_out=4)
    assert "new" not in stock.find("", Wish(price=50.0)).keys
    stock.changed()
    assert stock.find("", Wish(price=3.0)).keys == ("llama", "new")
    assert read == ["gpt", "llama", "mini", "gpt", "new"]
    models.forget("llama")
    stock.changed()
    assert stock.find("", Wish(price=3.0)).keys == ("new",)


def test_it_knows_the_models_of_keys_and_the_currencies(models: Registry) -> None:
    stock = Stock(models)
    assert stock.currencies() == ("USD", "EUR")
    assert Stock(Registry()).currencies() == ("USD",)
    assert stock.get("gpt") is models["gpt"]
    assert stock.get("nothing") is None
    assert stock.get(None) is None


def test_a_model_that_another_thread_forgets_meanwhile_is_left_out(models: Registry) -> None:
    class Leaky(Registry):
        def __iter__(self) -> Iterator[str]:
            return iter(("gpt", "gone"))

    leaky = Leaky()
    add(leaky, "gpt")
    assert [spec.key for spec in specs_of(leaky)] == ["gpt"]

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from byom_magics.widgets.choosing import Wish
from byom_magics.widgets.controls import Controls
from byom_magics.widgets.filters import Filters
from byom_magics.widgets.whereabouts import PRIVATE
from tests.widgets.hands import do, labelled, none_left, press, shown

if TYPE_CHECKING:
    from collections.abc import Iterator


class Panel:
    def __init__(self) -> None:
        self.changes = 0
        self.currencies = ["EUR", "USD"]
        self.controls = Controls(threading.RLock())
        self.filters = Filters(self.controls, self.changed, lambda: self.currencies)

    def changed(self) -> None:
        self.changes += 1

    def set(self, words: str, value: object) -> None:
        control = labelled(self.filters.fold.box, words)
        if hasattr(control, "options"):
            do(control, index=control.options.index(value))
        else:
            do(control, value=value)


@pytest.fixture
def panel() -> Iterator[Panel]:
    with none_left():
        panel = Panel()
        press(panel.filters.fold.button)
        yield panel
        panel.controls.close()


def test_nothing_is_made_before_it_is_opened() -> None:
    panel = Panel()
    made = len(panel.controls)
    assert (panel.filters.wish, panel.filters.order) == (Wish(), "as registered")
    press(panel.filters.fold.button)
    assert len(panel.controls) > made + 10
    panel.controls.close()


def test_every_control_says_what_is_wanted(panel: Panel) -> None:
    panel.set("structured output", True)
    panel.set(PRIVATE, True)
    panel.set("favourites only", True)
    panel.set("in", "USD")
    panel.set("Price up to", "2.5")
    panel.set("Context from", "32k")
    panel.set("Region", " eu ")
    panel.set("Tags", "Chat, own")
    panel.set("Sort by", "price")
    assert panel.changes == 9
    assert panel.filters.order == "price"
    assert panel.filters.wish == Wish(
        able=frozenset({"structured_output"}),
        price=2.5,
        currency="USD",
        context=32_000,
        places=frozenset({PRIVATE}),
        region="eu",
        tags=frozenset({"chat", "own"}),
        favourites=True,
    )


def test_what_is_no_number_is_told_and_filters_nothing(panel: Panel) -> None:
    panel.set("Price up to", "cheap")
    panel.set("Context from", "0")
    assert (panel.filters.wish.price, panel.filters.wish.context) == (None, None)
    assert "The price cannot be 'cheap'." in shown(panel.filters.fold.box)
    assert "The context cannot be 0." in shown(panel.filters.fold.box)
    panel.set("Price up to", "1")
    panel.set("Context from", "")
    assert "cannot be" not in shown(panel.filters.fold.box)


def test_clearing_wants_nothing_in_particular_and_is_one_change(panel: Panel) -> None:
    panel.set("tools", True)
    panel.set("Price up to", "1")
    panel.set("Sort by", "name")
    before = panel.changes
    press(labelled(panel.filters.fold.box, "Clear filters"))
    assert (panel.filters.wish, panel.filters.order) == (Wish(currency="EUR"), "as registered")
    assert panel.changes == before + 1
    assert labelled(panel.filters.fold.box, "tools").value is False


def test_currencies_that_come_are_offered_and_the_chosen_one_stays(panel: Panel) -> None:
    panel.set("in", "USD")
    before = panel.changes
    panel.currencies.insert(0, "CHF")
    panel.filters.refresh()
    field = labelled(panel.filters.fold.box, "in")
    assert (field.options, field.value) == (("CHF", "EUR", "USD"), "USD")
    panel.currencies.remove("USD")
    panel.filters.refresh()
    assert field.value == "USD"
    assert panel.changes == before

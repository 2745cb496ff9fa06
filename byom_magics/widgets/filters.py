"""The filters of a picker: what a model can do, costs and takes in, where it runs, and in which order models come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.spec import Capabilities
from byom_magics.errors import OptionError
from byom_magics.widgets.amounts import amount, count
from byom_magics.widgets.choosing import ORDERS, Wish
from byom_magics.widgets.fold import Fold
from byom_magics.widgets.notices import problem_html
from byom_magics.widgets.whereabouts import PLACES

if TYPE_CHECKING:
    from byom_magics.widgets.controls import Controls

__all__ = ["Filters"]


class Filters:
    """
    What a person wants of a model, folded away at first.

    Args:
        controls: Makes the widgets.
        changed: Called when something else is wanted.
        currencies: Gives the currencies that prices are in.

    Attributes:
        wish: What is wanted.
        order: In which order; one of `choosing.ORDERS`.
        fold: The button and the box to show.
    """

    def __init__(
        self, controls: Controls, changed: Callable[[], None], currencies: Callable[[], Sequence[str]]
    ) -> None:
        self._controls = controls
        self._changed = changed
        self._currencies = currencies
        self._clearing = False
        self._switches: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        self.wish = Wish()
        self.order = ORDERS[0]
        self.fold = Fold(controls, ("Show filters", "Hide filters"), self._build, tip="Filter and sort the models")

    def refresh(self) -> None:
        """Offer the currencies that there are by now."""
        if not self._fields:
            return
        field, now = self._fields["currency"], tuple(self._currencies())
        if set(field.options) != set(now) and field.value in now:
            chosen = field.value
            self._clearing = True
            field.options = now
            field.value = chosen
            self._clearing = False

    def clear(self) -> None:
        """Want nothing in particular."""
        self._clearing = True
        for each in self._switches.values():
            each.value = False
        for name, field in self._fields.items():
            field.value = field.options[0] if name == "order" else "" if name != "currency" else field.value
        self._clearing = False
        self._read()

    def _build(self) -> Any:  # noqa: ANN401 - a widget
        make, able = self._controls, Capabilities.names()
        self._switches = {name: make.switch(name.replace("_", " "), self._read) for name in (*able, *PLACES)}
        self._switches["favourites"] = make.switch("favourites only", self._read)
        self._fields = {
            "price": make.text("Price up to", self._read, hint="per 1M output tokens"),
            "currency": make.choice("in", self._read, self._currencies()),
            "context": make.text("Context from", self._read, hint="tokens, such as 32k"),
            "region": make.text("Region", self._read, hint="such as eu"),
            "tags": make.text("Tags", self._read, hint="all of these words"),
            "order": make.choice("Sort by", self._read, ORDERS),
        }
        self._told = make.html()
        rows = (
            [make.html("Can do:"), *(self._switches[name] for name in able)],
            [make.html("Runs on:"), *(self._switches[name] for name in PLACES), self._switches["favourites"]],
            [*self._fields.values(), make.button("Clear filters", self.clear, tip="Show all models again")],
        )
        return make.box([*(make.box(row, "byom-picker-row") for row in rows), self._told], "byom-picker-panel")

    def _read(self) -> None:
        if self._clearing:
            return
        on = {name for name, switch in self._switches.items() if switch.value}
        typed = {name: field.value or "" for name, field in self._fields.items()}
        problems: list[OptionError] = []

        def read(what: str, reader: Callable[[str, str], Any], name: str) -> Any:  # noqa: ANN401 - a number or None
            try:
                return reader(what, typed[name])
            except OptionError as problem:
                problems.append(problem)
                return None

        self.wish = Wish(
            able=frozenset(on.intersection(Capabilities.names())),
            price=read("price", amount, "price"),
            currency=typed["currency"],
            context=read("context", count, "context"),
            places=frozenset(on.intersection(PLACES)),
            region=typed["region"].strip(),
            tags=frozenset(typed["tags"].casefold().replace(",", " ").split()),
            favourites="favourites" in on,
        )
        self.order = typed["order"]
        self._told.value = "".join(problem_html(each) for each in problems)
        self._changed()

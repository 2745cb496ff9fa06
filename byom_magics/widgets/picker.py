"""
The model picker: search as you type, filter, choose the default, test it, ask it, and bring new models in.

What happens (typing, choosing, a model registered in another cell) only says that something is to be painted; the
painting comes a moment later, once for all of it, in a thread of its own. So a loop that registers a thousand models
costs a few paintings, and a running cell holds nothing back. Whatever is folded away is made when it is first opened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from byom_magics.errors import UnknownModelError
from byom_magics.show.models import list_lines, model_table
from byom_magics.show.views import show_widget, widget_cell
from byom_magics.widgets.chosen import words
from byom_magics.widgets.controls import Controls
from byom_magics.widgets.filters import Filters
from byom_magics.widgets.fold import Fold
from byom_magics.widgets.model_list import ModelList
from byom_magics.widgets.opened import OPENED
from byom_magics.widgets.parameters import Parameters
from byom_magics.widgets.picker_text import CSS, FAVOURITE, NO_MODELS, about_html, found_html
from byom_magics.widgets.stock import Found, Stock, specs_of
from byom_magics.widgets.trials import Trials
from byom_magics.widgets.whereabouts import place_words
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.catalog.registry import Registry
    from byom_magics.session import Session
    from byom_magics.show.tables import Table

__all__ = ["Picker", "show_picker"]

_SHOWN = 200
_PAUSE = 0.03
_NO_COMMAND = "Choose one with %byom_default KEY. "

Later = Callable[[Callable[[], None]], None]
"""Calls a function a moment later, from whatever thread."""


def show_picker(session: Session) -> None:
    """Show a picker in the cell that runs; in a terminal, the table of the models and how to choose."""
    cell = widget_cell()
    if cell is None:
        print(_table(session.models).plain)  # noqa: T201 - what the person asked to see
        return
    picker = Picker(session)
    table = _table(session.models)
    picker.on_close(show_widget(picker.box.model_id, table.html, table.plain))
    OPENED.keep(cell, picker.close)


class Picker:
    """
    A picker, until it is closed. Its parts may be changed, and the registry too, from any thread.

    Args:
        session: Whose models there are to choose from; the choice becomes the default.
        later: When to paint.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, session: Session, later: Later | None = None) -> None:
        self._session = session
        self._models = session.models
        self._later = later or _soon
        # Held while widgets are changed, and never while the registry is: that tells all pickers.
        self._lock = threading.RLock()
        self._due = False
        self._closed = False
        self._replace: Callable[[str, str], None] | None = None
        self._stock = Stock(session.models)
        self._note = session.layers.favourites.read()
        self._entered: str | None = None
        make = self._controls = Controls(self._lock)
        self._search = make.text(
            "Search",
            self._plan,
            hint="type words; Enter takes the first, then the next",
            entered=self._take_next,
            is_long=True,
        )
        self._list = ModelList(make, self._choose)
        self._filters = Filters(make, self._plan, self._stock.currencies)
        self._parameters = Parameters(make, session.chosen, self._plan)
        self._trials = Trials(make, self._lock, session, self._stock.get)
        self._form = Fold(
            make, ("Register a model", "Hide the form"), self._new_form, tip="Bring a model into the session"
        )
        self._favourite = make.button(FAVOURITE[False][0], self._toggle_favourite, tip=FAVOURITE[False][1])
        css, self._told, self._details = make.html(CSS), make.html(), make.html()
        css.add_class("byom-picker-css")
        head = make.box([self._search, self._filters.fold.button], "byom-picker-row")
        doing = [self._favourite, *self._trials.buttons, self._parameters.fold.button, self._form.button]
        self.box = make.box(
            [
                css,
                head,
                self._filters.fold.box,
                self._told,
                self._list.box,
                make.box(doing, "byom-picker-row"),
                self._parameters.fold.box,
                self._form.box,
                self._trials.box,
                self._details,
            ],
            "byom-picker",
        )
        # Favourites are marked with a picker's lock held, which must not wait for the lock of another one.
        star = session.layers.favourites.watch(lambda: self._later(self._plan))
        self._unwatch = (session.models.watch(self._follow), star)
        self._paint()
        self.box.observe(lambda _: self.close(), "comm")

    def on_close(self, replace: Callable[[str, str], None]) -> None:
        """Set what takes the place of the widget when it is closed: it is called with the table, as HTML and text."""
        self._replace = replace

    def close(self) -> None:
        """Stop what runs, stop following the registry, and leave the table behind. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for unwatch in self._unwatch:
                unwatch()
            self._trials.close()
            self._list.close()
            self._controls.close()
        OPENED.drop(self.close)
        if self._replace is not None:
            table = _table(self._models)
            self._replace(table.html, table.plain)

    def _follow(self, change: str, _key: str) -> None:
        if change != "default":
            self._stock.changed()
        self._plan()

    def _choose(self, key: str) -> None:
        try:
            self._models.set_default(key)
            self._note = ""
        except UnknownModelError:
            self._note = f"{key} is no longer registered."
        self._plan()

    def _take_next(self) -> None:
        # JupyterLab keeps the arrow keys of a focused list for itself, so this is the keyboard's way through it.
        text = self._search.value
        with self._lock:
            found = self._found().keys
            again, self._entered = text == self._entered, text
        if not found or (not text.strip() and len(found) == len(self._models)):
            return
        default = self._models.default
        at = found.index(default) + 1 if again and default in found else 0
        self._choose(found[at % len(found)])

    def _toggle_favourite(self) -> None:
        default, favourites = self._models.default, self._session.layers.favourites
        if default is not None:
            self._note = favourites.mark(default, liked=default not in favourites.keys)
        self._plan()

    def _new_form(self) -> Any:  # noqa: ANN401 - a widget
        from byom_magics.widgets.register_form import RegisterForm  # noqa: PLC0415 - made when it is first opened

        return RegisterForm(self._controls, self._lock, self._session).box

    def _plan(self) -> None:
        with self._lock:
            if self._due or self._closed:
                return
            self._due = True
        self._later(self._paint)

    def _found(self) -> Found:
        filters, favourites = self._filters, self._session.layers.favourites.keys
        return self._stock.find(self._search.value, filters.wish, order=filters.order, favourites=favourites)

    def _paint(self) -> None:
        with self._lock:
            self._due = False
            if self._closed:
                return
            found, default = self._found(), self._models.default
            keys = found.keys[:_SHOWN]
            specs = [spec for key in keys if (spec := self._stock.get(key)) is not None]
            favourites = self._session.layers.favourites.keys
            lines = list_lines(specs, origin, favourites=favourites, where=place_words)
            self._list.show(keys, lines, default, found.total)
            self._told.value = found_html(found, _SHOWN, self._filters.wish)
            chosen = self._stock.get(default)
            self._details.value = about_html(chosen, words(self._session.chosen), self._note)
            self._favourite.description, self._favourite.tooltip = FAVOURITE[default in favourites]
            for each in (self._favourite, *self._trials.buttons):
                each.disabled = chosen is None
            self._filters.refresh()
            self._parameters.refresh()


def _soon(paint: Callable[[], None]) -> None:
    timer = threading.Timer(_PAUSE, paint)
    timer.daemon = True
    timer.start()


def _table(models: Registry) -> Table:
    """The models as they are now, for where there is no widget."""
    specs = specs_of(models)
    if not specs:
        return model_table((), None, origin, note=NO_MODELS)
    left_out = len(specs) - _SHOWN
    more = f"{left_out:,} more are not shown here: %byom_models." if left_out > 0 else ""
    return model_table(specs[:_SHOWN], models.default, origin, note=_NO_COMMAND + more)

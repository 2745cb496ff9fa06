"""
The model picker: search as you type, choose the default, follow the registry.

What happens (typing, choosing, a model registered in another cell) only says that something is to be painted; the
painting comes a moment later, once for all of it, in a thread of its own. So a loop that registers a thousand models
costs a few paintings, and a running cell holds nothing back.

A front end says of a choice only its number in the list. The list that was clicked may be older than the one that the
kernel has sent meanwhile, so every list is a widget of its own, and a choice belongs to the list it was made in.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets
from ipywidgets.widgets.widget_description import DescriptionStyle

from byom_magics.errors import UnknownModelError
from byom_magics.show.answer import document
from byom_magics.show.markup import escape
from byom_magics.show.models import abilities, list_lines, model_html, model_table
from byom_magics.show.status import note_html
from byom_magics.show.views import show_widget, widget_cell
from byom_magics.widgets.matching import Entry, entry, search
from byom_magics.widgets.opened import OPENED
from byom_magics.widgets.subshells import answer_while_busy
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.catalog.registry import Registry
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.show.tables import Table

__all__ = ["Picker", "show_picker"]

_SHOWN = 200
_ROWS = (4, 10)
_PAUSE = 0.03
# Choices made in lists that were replaced may still be on their way.
_KEPT_LISTS = 3
_LABELS = "5em"
_NO_COMMAND = "Choose one with %byom_default KEY. "
_CSS = """<style>
.byom-picker select {width: 100%; font-family: var(--jp-code-font-family, monospace);
  font-size: var(--jp-code-font-size, 13px)}
.byom-picker option {padding: 1px 4px}
.byom-picker .byom {line-height: 1.5}
</style>"""

Later = Callable[[Callable[[], None]], None]
"""Calls a function a moment later, from whatever thread."""


def show_picker(models: Registry) -> None:
    """Show a picker for these models in the cell that runs; in a terminal, their table and how to choose."""
    cell = widget_cell()
    if cell is None:
        print(_table(models).plain)  # noqa: T201 - what the person asked to see
        return
    picker = Picker(models)
    table = _table(models)
    picker.on_close(show_widget(picker.box.model_id, table.html, table.plain))
    OPENED.keep(cell, picker.close)


class Picker:
    """
    A picker, until it is closed. Its parts may be changed, and the registry too, from any thread.

    Args:
        models: What to choose from; the choice becomes its default.
        later: When to paint.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, models: Registry, later: Later | None = None) -> None:
        self._models = models
        self._later = later or _soon
        # Held while widgets are changed, and never while the registry is: that tells all pickers.
        self._lock = threading.RLock()
        self._due = False
        self._closed = False
        self._replace: Callable[[str, str], None] | None = None
        self._entries: dict[str, tuple[ModelSpec, Entry]] = {}
        self._stale = True
        self._note = ""
        self._entered: str | None = None
        self._older: deque[_List] = deque()
        self._wide = ipywidgets.Layout(width="100%")
        self._labelled = DescriptionStyle(description_width=_LABELS)
        self._search = _search_box(self._plan, self._take_next)
        self._list = self._new_list((), (), None, 0)
        self._count = ipywidgets.Label()
        self._frame = ipywidgets.Box([self._list.widget], layout=self._wide)
        self._details = ipywidgets.HTML()
        css = ipywidgets.HTML(_CSS, layout=ipywidgets.Layout(display="none"))
        head = ipywidgets.HBox([self._search, self._count])
        self.box = ipywidgets.VBox([css, head, self._frame, self._details])
        self.box.add_class("byom-picker")
        self._parts = [self.box, css, head, self._search, self._count, self._frame, self._details]
        self._unwatch = models.watch(self._follow)
        self._paint()
        self.box.observe(lambda _: self.close(), "comm")

    def on_close(self, replace: Callable[[str, str], None]) -> None:
        """Set what takes the place of the widget when it is closed: it is called with the table, as HTML and text."""
        self._replace = replace

    def close(self) -> None:
        """Stop following the registry, and leave the table behind. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._unwatch()
            for each in (*self._older, self._list):
                each.widget.close()
            for part in self._parts:
                for looks in (part.layout, getattr(part, "style", None)):
                    if looks is not None:
                        looks.close()
                part.close()
            self._labelled.close()
        OPENED.drop(self.close)
        if self._replace is not None:
            table = _table(self._models)
            self._replace(table.html, table.plain)

    def _follow(self, change: str, _key: str) -> None:
        if change != "default":
            self._stale = True
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
            found = search(self._searched(), text)
            again, self._entered = text == self._entered, text
        if not found or not text.strip():
            return
        default = self._models.default
        at = found.index(default) + 1 if again and default in found else 0
        self._choose(found[at % len(found)])

    def _plan(self) -> None:
        with self._lock:
            if self._due or self._closed:
                return
            self._due = True
        self._later(self._paint)

    def _paint(self) -> None:
        with self._lock:
            self._due = False
            if self._closed:
                return
            entries = self._searched()
            found = search(entries, self._search.value)
            self._paint_list(found[:_SHOWN], len(entries))
            self._count.value = _count(len(found), len(entries))
            self._details.value = self._details_html()

    def _searched(self) -> list[Entry]:
        if self._stale:
            self._stale = False
            known = self._entries
            self._entries = {}
            for key, spec in _items(self._models):
                before = known.get(key)
                self._entries[key] = before if before is not None and before[0] is spec else (spec, _entry(spec))
        return [each for _, each in self._entries.values()]

    def _paint_list(self, keys: list[str], total: int) -> None:
        lines = list_lines((self._entries[key][0] for key in keys), origin)
        default = self._models.default
        position = keys.index(default) if default in keys else None
        if (self._list.keys, self._list.lines) == (tuple(keys), tuple(lines)):
            self._list.mark(position)
            return
        self._older.append(self._list)
        self._list = self._new_list(tuple(keys), tuple(lines), position, total)
        self._frame.children = (self._list.widget,)
        while len(self._older) > _KEPT_LISTS:
            self._older.popleft().widget.close()

    def _new_list(self, keys: tuple[str, ...], lines: tuple[str, ...], position: int | None, total: int) -> _List:
        fewest, most = _ROWS
        widget = ipywidgets.Select(
            options=[*zip(lines, keys, strict=True)],
            index=position,
            rows=max(fewest, min(total, most)),
            description="Models",
            layout=self._wide,
            style=self._labelled,
        )
        return _List(widget, keys, lines, self._choose)

    def _details_html(self) -> str:
        default = self._models.default
        known = self._entries.get(default) if default is not None else None
        notes = [note_html(self._note)] if self._note else []
        if known is None:
            said = "A bare <code>%%byom</code> asks no model yet. The one that you choose here becomes the default."
            return document(*notes, f"<div>{said}</div>")
        said = f"A bare <code>%%byom</code> now asks <strong>{escape(known[0].key)}</strong>."
        return document(*notes, f"<div>{said}</div>\n", model_html(known[0], origin))


class _List:
    """One list of models, and the choice that is made in it."""

    def __init__(
        self,
        widget: Any,  # noqa: ANN401 - a Select
        keys: tuple[str, ...],
        lines: tuple[str, ...],
        choose: Callable[[str], None],
    ) -> None:
        self.widget = widget
        self.keys = keys
        self.lines = lines
        self._position = widget.index
        self._choose = choose
        widget.observe(self._chosen, "index")
        answer_while_busy(widget)

    def mark(self, position: int | None) -> None:
        """Show which one is the default; that is no choice."""
        self._position = position
        self.widget.index = position

    def _chosen(self, change: Mapping[str, Any]) -> None:
        position = change["new"]
        if position is None or position == self._position:
            return
        self._position = position
        self._choose(self.keys[position])


def _search_box(typed: Callable[[], None], entered: Callable[[], None]) -> Any:  # noqa: ANN401 - a widget
    box = ipywidgets.Text(
        description="Search",
        placeholder="type words; Enter takes the first, then the next",
        continuous_update=True,
        layout=ipywidgets.Layout(width="32em", max_width="100%"),
        style={"description_width": _LABELS},
    )

    def heard(_: object, content: Mapping[str, Any], _buffers: object) -> None:
        if content.get("event") == "submit":
            entered()

    box.observe(lambda _: typed(), "value")
    box.on_msg(heard)
    answer_while_busy(box)
    return box


def _soon(paint: Callable[[], None]) -> None:
    timer = threading.Timer(_PAUSE, paint)
    timer.daemon = True
    timer.start()


def _items(models: Registry) -> list[tuple[str, ModelSpec]]:
    found = []
    for key in models:
        try:
            found.append((key, models[key]))
        except UnknownModelError:  # noqa: PERF203 - forgotten by another thread since the keys were listed
            continue
    return found


def _entry(spec: ModelSpec) -> Entry:
    where = (spec.url, "built in" if spec.builtin else "", spec.provider or "", *spec.tags)
    texts = (*where, *abilities(spec), spec.description)
    return entry(spec.key, (spec.key, spec.name, spec.model), texts)


def _count(found: int, total: int) -> str:
    if not total:
        return "No model is registered: %byom_register KEY --url URL brings one in."
    if not found:
        return f"none of {total:,}"
    if found > _SHOWN:
        return f"{_SHOWN} shown, and {found - _SHOWN:,} more: type to narrow"
    return f"{found:,} of {total:,}" if found < total else f"{total:,} model{'s' if total > 1 else ''}"


def _table(models: Registry) -> Table:
    """The models as they are now, for where there is no widget."""
    specs = [spec for _, spec in _items(models)]
    if not specs:
        return model_table((), None, origin, note=_count(0, 0))
    left_out = len(specs) - _SHOWN
    more = f"{left_out:,} more are not shown here: %byom_models." if left_out > 0 else ""
    return model_table(specs[:_SHOWN], models.default, origin, note=_NO_COMMAND + more)

"""
A comparison as widgets: columns that stream side by side, and below them what can be done with the answers.

While answers come, each column paints itself in the thread that its answer comes in. When all have ended, a static
document takes the place of the columns, so that the saved notebook has it; what can be clicked stands in a strip of
its own below. In a page that was loaded anew the output of the cell cannot be changed any more; there it stands in the
widgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from byom_magics.errors import ByomError
from byom_magics.events import Cost
from byom_magics.presenting import bundle_of, title
from byom_magics.show.looks import controls_css
from byom_magics.widgets.compare_after import After
from byom_magics.widgets.compare_column import ColumnBox
from byom_magics.widgets.compare_vote import VoteBox
from byom_magics.widgets.page_watch import PageWatch
from byom_magics.widgets.parts import Parts, focus, reach_by_keyboard

if TYPE_CHECKING:
    from byom_magics.comparing import Comparison
    from byom_magics.events import Reply
    from byom_magics.session import Session
    from byom_magics.show.answer import Bundle

__all__ = ["ComparePanel"]

_WRAPPED = 8
_PER_TOKENS = 1_000_000
CSS = f"""<style>{controls_css("byom-compare")}{controls_css("byom-compare-strip")}
.byom-compare, .byom-compare-strip {{overflow: visible; flex-direction: column}}
.byom-compare-grid {{display: flex; flex-flow: row wrap; gap: .8em; align-items: stretch; overflow: visible}}
.byom-compare-grid > .byom-compare-column {{flex: 1 1 15em}}
.byom-compare-grid.byom-compare-long {{flex-wrap: nowrap; overflow-x: auto; padding-bottom: .6em}}
.byom-compare-grid.byom-compare-long > .byom-compare-column {{flex: 0 0 22em}}
.byom-compare-column {{flex-direction: column; min-width: 0; box-sizing: border-box; padding: .5em .8em;
  border: 1px solid var(--jp-border-color2, #bdbdbd); border-radius: 3px; overflow: visible}}
.byom-compare-title {{margin: 0; font-size: 1.05em; line-height: 1.3; font-weight: bold; overflow-wrap: anywhere}}
.byom-compare-row {{display: flex; flex-flow: row wrap; gap: .2em .4em; align-items: center; overflow: visible}}
.byom-compare .widget-html-content, .byom-compare-strip .widget-html-content,
.byom-compare .widget-htmlmath-content {{line-height: 1.5; overflow: visible}}
.byom-compare-column > * {{max-width: 100%}}
.byom-compare-column > button, .byom-compare-strip button {{align-self: flex-start; width: auto; max-width: 100%}}
.byom-compare-column > button {{height: auto; flex-shrink: 0; white-space: normal; text-align: left; line-height: 1.4;
  padding-top: .35em; padding-bottom: .35em}}
</style>"""


class ComparePanel:
    """
    The panel of one comparison, until it is closed.

    Args:
        comparison: What is shown; its `start` takes ``views`` and ``end`` of this.
        session: Where votes are kept.
        adopt: Puts a reply into a variable of the notebook; raises `ByomError` where it cannot be called so.
        refresh_rate: Paintings of a column per second, at most.

    Attributes:
        grid: The widget of the columns.
        strip: The widget of what can be done.
        views: What is told of each column, in the order of ``comparison.columns``.
    """

    def __init__(
        self,
        comparison: Comparison,
        session: Session,
        adopt: Callable[[str, Reply], None],
        *,
        refresh_rate: float = 7.0,
    ) -> None:
        self._comparison = comparison
        self._session = session
        self._adopt = adopt
        self._parts = Parts()
        self._lock = threading.RLock()
        self._closed = False
        self._anew, self._in_its_place = False, False
        comparison.on_told = self._told
        self._settled: Callable[[str, str], None] | None = None
        self._gone: Callable[[], None] | None = None
        boxes = [self._column(place, number, refresh_rate) for place, number in enumerate(comparison.order)]
        self._columns = boxes
        by_number = dict(zip(comparison.order, boxes, strict=True))
        self.views = [by_number[number] for number in range(len(boxes))]
        row = self._parts.box([each.box for each in boxes], "byom-compare-grid")
        if len(boxes) > _WRAPPED:
            row.add_class("byom-compare-long")
            reach_by_keyboard(row)
        self._again = self._parts.own(PageWatch(self._loaded_anew))
        self._shown = self._parts.html(math=True)
        self.grid = self._parts.box([self._parts.html(CSS), row, self._again], "byom-compare")
        self._by_hand = False
        self._stop_all = self._parts.button("Stop all", self._press_stop_all, tip="Hang up on all columns")
        self._offered = Parts()
        self.strip = self._parts.box([self._parts.html(CSS), self._shown, self._stop_all], "byom-compare-strip")

    def settle_in(self, replace: Callable[[str, str], None] | None, gone: Callable[[], None] | None = None) -> None:
        """
        Say where the static form goes.

        Args:
            replace: Takes it in place of the columns, as HTML and text; None to keep it in the widget.
            gone: Called when the strip is closed.
        """
        self._settled, self._gone = replace, gone

    def end(self) -> None:
        """All columns have ended: leave the static form, and offer what can be done with it."""
        bundle = bundle_of(self._comparison)
        self.settle(bundle)
        with self._lock:
            if not self._closed:
                if self._anew and self._settled is not None:
                    self._again.value = _framed(bundle)
                self._offer()

    def show(self, against: int | None) -> None:
        """Show the static form, the columns compared word by word with the one in that place, if any."""
        bundle = bundle_of(self._comparison, against)
        self.settle(bundle)
        self._repeat(None if against is None else bundle)

    def settle(self, bundle: Bundle) -> None:
        """Show a static form in place of the columns."""
        with self._lock:
            static = []
            if self._settled is not None:
                self._settled(bundle.html, bundle.plain)
            elif not self._closed:
                static = [self._parts.html(_framed(bundle), math=True)]
            self._close_columns()
            if not self._closed:
                # What holds closed widgets has no state to tell: a page that is loaded anew would get none at all.
                style, *before, again = self.grid.children
                self.grid.children = (style, *static, again)
                self._parts.drop(*before)

    def close(self) -> None:
        """Hang up on what still answers, and close all widgets. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._comparison.stop_all()
        with self._lock:
            self._close_columns()
            self._offered.close()
            self._parts.close()
            if self._gone is not None:
                self._gone()

    # What can be done. What is pressed may go away, and the keyboard's focus with it: then it goes to what comes next.

    def _press_stop(self, number: int) -> None:
        self._comparison.stop(number)
        focus(self._stop_all)

    def _press_stop_all(self) -> None:
        self._pressed()
        self._comparison.stop_all()

    def _pressed(self) -> None:
        self._by_hand = True

    def _offer(self) -> None:
        before, self._offered = self._offered, Parts()
        offered: VoteBox | After = (
            VoteBox(self._offered, self._comparison, self._session, self._pressed)
            if self._comparison.hidden
            else After(self._offered, self._comparison, self.show, self._adopt, self._done)
        )
        self.strip.children = (*self.strip.children[:2], offered.box)
        if self._by_hand:
            self._by_hand = False
            focus(_first_control(offered.box))
        before.close()

    def _told(self) -> None:
        """The names are told, by a vote here or in a line."""
        bundle = bundle_of(self._comparison)
        self.settle(bundle)
        self._repeat(bundle)
        with self._lock:
            if not self._closed:
                self._offer()

    def _done(self) -> None:
        from byom_magics.widgets.opened import OPENED  # noqa: PLC0415 - only needed here

        if self._settled is None or self._anew:  # the answers are in the widget, so it stays
            with self._lock:
                self.strip.children = self.strip.children[:2]
                self._offered.close()
            return
        self.close()
        OPENED.drop(self.close)

    # A page that was loaded anew

    def _loaded_anew(self) -> None:
        """What has ended is shown where the page may still have the columns; it knows of no static form yet."""
        with self._lock:
            if self._closed or self._settled is None:
                return
            self._anew = True
            if self._comparison.ended and not self._columns:
                self._again.value = _framed(bundle_of(self._comparison))
            else:
                self._in_its_place = True

    def _repeat(self, bundle: Bundle | None) -> None:
        """Show beside the controls what a page that was loaded anew cannot show in place of the columns."""
        with self._lock:
            if not self._anew or self._closed or self._settled is None:
                return
            if self._in_its_place:
                self._again.value = _framed(bundle or bundle_of(self._comparison))
            else:
                self._shown.value = "" if bundle is None else _framed(bundle)

    # Columns

    def _column(self, place: int, number: int, refresh_rate: float) -> ColumnBox:
        comparison = self._comparison
        address, price = ("", None) if comparison.hidden else self._known(comparison.columns[number].model)
        return ColumnBox(
            self._parts,
            title(comparison, place),
            address,
            partial(self._press_stop, number),
            hidden=comparison.hidden,
            format_name=comparison.format,
            refresh_rate=refresh_rate,
            price=price,
        )

    def _known(self, model: str) -> tuple[str, Callable[[int], str] | None]:
        try:
            spec = self._session.spec(model)
        except ByomError:
            return "", None
        each = spec.prices.output
        if not each:
            return spec.url, None
        currency = spec.prices.currency
        return spec.url, lambda tokens: str(Cost(tokens * each / _PER_TOKENS, currency))

    def _close_columns(self) -> None:
        columns, self._columns = self._columns, []
        for each in columns:
            each.close()


def _framed(bundle: Bundle) -> str:
    return f'<div class="jp-RenderedHTMLCommon" style="padding:0">{bundle.html}</div>'


def _first_control(box: Any) -> Any:  # noqa: ANN401 - a box, and what is in it that can be pressed or chosen
    for each in getattr(box, "children", ()):
        if hasattr(each, "children"):
            found = _first_control(each)
            if found is not None:
                return found
        elif hasattr(each, "disabled"):
            return each
    return None

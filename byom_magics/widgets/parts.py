"""What panels are made of: widgets that share their looks, are heard while a cell runs, and are closed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from byom_magics.widgets.subshells import answer_while_busy

__all__ = ["Parts", "focus", "reach_by_keyboard"]


class Parts:
    """
    Makes widgets, and closes them.

    Buttons, texts in HTML and boxes are one comm each: their layouts and styles are shared, where they can be.
    """

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._looks: dict[int, Any] = {}
        self._shared: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._made)

    def html(self, value: str = "", *, math: bool = False) -> Any:  # noqa: ANN401 - a widget
        """HTML that is safe to show; whether formulas in it are set is up to ``math``."""
        kind = ipywidgets.HTMLMath if math else ipywidgets.HTML
        return self._keep(kind(value, **self._shared_looks(kind.__name__, kind)))

    def button(self, words: str, press: Callable[[], None], *, tip: str = "") -> Any:  # noqa: ANN401 - a widget
        """A button with words on it."""
        made = ipywidgets.Button(
            description=words, tooltip=tip, **self._shared_looks("button", ipywidgets.Button, {"width": "auto"})
        )
        made.on_click(lambda _: press())
        answer_while_busy(made)
        return self._keep(made)

    def box(self, children: Sequence[Any], name: str = "") -> Any:  # noqa: ANN401 - a widget
        """A box; ``name`` is the class of CSS that says how it lays out what is in it."""
        layout = self._layout("box", {"max_width": "100%"})
        return self._keep(ipywidgets.Box(list(children), layout=layout, _dom_classes=tuple(name.split())))

    def own(self, made: Any) -> Any:  # noqa: ANN401 - a widget
        """A widget that was made elsewhere, with looks of its own: it is closed with the others, its looks too."""
        for looks in (made.layout, getattr(made, "style", None)):
            if looks is not None and looks not in self._shared.values():
                self._looks[id(looks)] = looks
        answer_while_busy(made)
        return self._keep(made)

    def drop(self, *made: Any) -> None:
        """Close some of them, and what is in them."""
        for each in made:
            if self._made.pop(id(each), None) is None:
                continue
            inside = getattr(each, "children", ())
            for looks in (each.layout, getattr(each, "style", None)):
                if looks is not None and self._looks.pop(id(looks), None) is not None:
                    looks.close()
            each.close()
            self.drop(*inside)

    def close(self) -> None:
        """Close all of them."""
        for kept in (self._made, self._looks):
            for each in list(kept.values()):
                each.close()
            kept.clear()
        for each in self._shared.values():
            each.close()
        self._shared.clear()

    def _keep(self, made: Any) -> Any:  # noqa: ANN401 - a widget
        self._made[id(made)] = made
        return made

    def _shared_looks(
        self,
        kind: str,
        of: Any,  # noqa: ANN401 - a widget's class
        layout: Mapping[str, str] | None = None,
        **style: str,
    ) -> dict[str, Any]:
        """The layout and the style that all widgets of a kind have."""
        name = f"{kind} style"
        if name not in self._shared:
            self._shared[name] = of.class_traits()["style"].klass(**style)
        return {"layout": self._layout(kind, layout or {}), "style": self._shared[name]}

    def _layout(self, kind: str, looks: Mapping[str, str]) -> Any:  # noqa: ANN401 - a Layout
        name = f"{kind} layout"
        if name not in self._shared:
            self._shared[name] = ipywidgets.Layout(**looks)
        return self._shared[name]


def reach_by_keyboard(widget: Any) -> None:  # noqa: ANN401 - any widget
    """Let Tab lead to a widget that scrolls, where that can be done."""
    if hasattr(widget, "tabbable"):  # from ipywidgets 8 on
        widget.tabbable = True


def focus(widget: Any) -> None:  # noqa: ANN401 - any widget
    """Put the keyboard's focus into a widget, where that can be done."""
    if hasattr(widget, "focus"):  # from ipywidgets 8 on
        widget.focus()

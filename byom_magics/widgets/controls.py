"""What forms are made of: fields with labels, switches and choices, which share their looks and are closed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import ipywidgets
from traitlets import Unicode

from byom_magics.widgets.parts import Parts
from byom_magics.widgets.subshells import answer_while_busy

__all__ = ["LABELS", "Controls"]

LABELS = "7em"
"""How wide the words before a field are."""

_FIELD = {"width": "22em", "max_width": "100%"}
_LONG = {"width": "34em", "max_width": "100%"}
_WIDE = {"width": "44em", "max_width": "100%"}


_KINDS: dict[str, tuple[Any, Mapping[str, str]]] = {
    "text": (ipywidgets.Text, _FIELD),
    "area": (ipywidgets.Textarea, _WIDE),
    "switch": (ipywidgets.Checkbox, {"width": "auto"}),
    "choice": (ipywidgets.Dropdown, _FIELD),
}


class _Reference(ipywidgets.Text):  # type: ignore[misc]  # ipywidgets has no types
    """A field whose text no other front end is told of, in case that a person pastes a key where its name belongs."""

    value = Unicode("").tag(sync=True, echo_update=False)


class Controls(Parts):
    """
    Makes the widgets of a form. What a person does in them is heard while a cell runs, where that can be.

    Args:
        lock: Held while that is heard.
    """

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        super().__init__()
        self._lock = lock

    def button(self, words: str, press: Callable[[], None], *, tip: str = "") -> Any:  # noqa: ANN401 - a widget
        """A button with words on it."""
        return super().button(words, self._locked(press), tip=tip)

    def text(
        self,
        label: str,
        changed: Callable[[], None],
        *,
        hint: str = "",
        entered: Callable[[], None] | None = None,
        each_letter: bool = True,
        is_long: bool = False,
    ) -> Any:  # noqa: ANN401 - a widget
        """
        A field for a line of text.

        Args:
            label: What stands before it.
            changed: Called when the text has changed.
            hint: What stands in it while it is empty.
            entered: Called when Enter is pressed in it, without the lock.
            each_letter: Whether it is told of every letter, or only when the person leaves the field.
            is_long: Whether there is more room in it than in others.
        """
        made = ipywidgets.Text(
            description=label,
            placeholder=hint,
            continuous_update=each_letter,
            **self._looks_of("text", is_long=is_long),
        )
        return self._heard(made, changed, entered)

    def reference(self, label: str, changed: Callable[[], None], *, hint: str = "") -> Any:  # noqa: ANN401 - a widget
        """A field for where a key is; it is told of when the person leaves it."""
        made = _Reference(
            description=label, placeholder=hint, continuous_update=False, **self._looks_of("text", is_long=True)
        )
        return self._heard(made, changed, None)

    def lines(self, label: str, changed: Callable[[], None], *, hint: str = "") -> Any:  # noqa: ANN401 - a widget
        """A field for some lines of text."""
        made = ipywidgets.Textarea(
            description=label, placeholder=hint, rows=3, continuous_update=True, **self._looks_of("area")
        )
        return self._heard(made, changed, None)

    def suggesting(
        self, label: str, changed: Callable[[], None], options: Sequence[str] = (), *, hint: str = ""
    ) -> Any:  # noqa: ANN401 - a widget
        """A field for a line of text that suggests some."""
        made = ipywidgets.Combobox(
            description=label,
            placeholder=hint,
            options=tuple(options),
            ensure_option=False,
            continuous_update=True,
            **self._looks_of("text", is_long=True),
        )
        return self._heard(made, changed, None)

    def switch(self, label: str, changed: Callable[[], None]) -> Any:  # noqa: ANN401 - a widget
        """Something that is on or off."""
        made = ipywidgets.Checkbox(description=label, indent=False, **self._looks_of("switch"))
        return self._heard(made, changed, None)

    def choice(self, label: str, changed: Callable[[], None], options: Sequence[str]) -> Any:  # noqa: ANN401 - a widget
        """One of several texts; the first one at first."""
        made = ipywidgets.Dropdown(description=label, options=tuple(options), **self._looks_of("choice"))
        return self._heard(made, changed, None)

    def _heard(self, made: Any, changed: Callable[[], None], entered: Callable[[], None] | None) -> Any:  # noqa: ANN401 - a widget
        heard = self._locked(changed)

        def message(_: object, content: Mapping[str, Any], _buffers: object) -> None:
            if entered is not None and content.get("event") == "submit":
                entered()

        made.observe(lambda _: heard(), "value")
        if entered is not None:
            made.on_msg(message)
        answer_while_busy(made)
        return self._keep(made)

    def _locked(self, call: Callable[[], None]) -> Callable[[], None]:
        def locked() -> None:
            with self._lock:
                call()

        return locked

    def _looks_of(self, kind: str, *, is_long: bool = False) -> dict[str, Any]:
        of, layout = _KINDS[kind]
        style = {} if kind == "switch" else {"description_width": LABELS}
        looks = self._shared_looks(kind, of, layout, **style)
        return {**looks, "layout": self._layout("long", _LONG)} if is_long else looks

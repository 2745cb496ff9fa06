"""Parameters for the cells that name no model, as a person sets them in a picker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.widgets.amounts import amount, count
from byom_magics.widgets.chosen import words
from byom_magics.widgets.fold import Fold
from byom_magics.widgets.notices import problem_html, said_html

if TYPE_CHECKING:
    from byom_magics.widgets.controls import Controls

__all__ = ["Parameters"]

_HOTTEST = 2.0
_NAMES = ("temperature", "max_tokens", "system")


class Parameters:
    """
    Temperature, longest answer and system message, folded away at first.

    Args:
        controls: Makes the widgets.
        chosen: What is set here: options of `Session.stream`. It may be changed elsewhere too, see `refresh`.
        changed: Called when something was set.

    Attributes:
        fold: The button and the box to show.
    """

    def __init__(self, controls: Controls, chosen: dict[str, Any], changed: Callable[[], None]) -> None:
        self._controls = controls
        self._chosen = chosen
        self._changed = changed
        self._fields: dict[str, Any] = {}
        self._filling = False
        self.fold = Fold(
            controls,
            ("Set parameters", "Hide parameters"),
            self._build,
            tip="Temperature, length and system message of the cells that name no model",
        )

    def refresh(self) -> None:
        """Show what is set, where that was changed elsewhere."""
        if self._fields and self._read() != self._set:
            self._fill()

    def reset(self) -> None:
        """Leave all to the model."""
        for name in _NAMES:
            self._chosen.pop(name, None)
        self._fill()
        self._changed()

    @property
    def _set(self) -> dict[str, Any]:
        return {name: self._chosen[name] for name in _NAMES if self._chosen.get(name) is not None}

    def _build(self) -> Any:  # noqa: ANN401 - a widget
        make = self._controls
        self._fields = {
            "temperature": make.text("Temperature", self._heard, hint="0 to 2, or empty"),
            "max_tokens": make.text("Max tokens", self._heard, hint="such as 500"),
            "system": make.lines("System", self._heard, hint="what every answer should keep to; sent as typed"),
        }
        self._told = make.html()
        reset = make.button("Reset parameters", self.reset, tip="Leave temperature, length and system to the model")
        fields = [self._fields["temperature"], self._fields["max_tokens"]]
        self._fill()
        return make.box(
            [
                make.box(fields, "byom-picker-row"),
                self._fields["system"],
                make.box([reset], "byom-picker-row"),
                self._told,
            ],
            "byom-picker-panel",
        )

    def _fill(self) -> None:
        self._filling = True
        for name, field in self._fields.items():
            value = self._chosen.get(name)
            field.value = "" if value is None else f"{value:g}" if name == "temperature" else str(value)
        self._filling = False
        self._say([])

    def _heard(self) -> None:
        if self._filling:
            return
        problems: list[OptionError] = []
        now = self._read(problems)
        for name in _NAMES:
            if name in now:
                self._chosen[name] = now[name]
            else:
                self._chosen.pop(name, None)
        self._say(problems)
        self._changed()

    def _read(self, problems: list[OptionError] | None = None) -> Mapping[str, Any]:
        readers: tuple[tuple[str, Callable[[str], Any]], ...] = (
            ("temperature", lambda text: amount("temperature", text, most=_HOTTEST)),
            ("max_tokens", lambda text: count("number of tokens", text)),
            ("system", lambda text: text if text.strip() else None),
        )
        found: dict[str, Any] = {}
        for name, read in readers:
            try:
                value = read(self._fields[name].value)
            except OptionError as problem:
                if problems is not None:
                    problems.append(problem)
                continue
            if value is not None:
                found[name] = value
        return found

    def _say(self, problems: list[OptionError]) -> None:
        said = words(self._set)
        line = f"A cell that names no model asks with {said}; what stands on its line wins." if said else (
            "Nothing is set: cells ask with what the model itself says."
        )  # fmt: skip
        self._told.value = "".join(problem_html(each) for each in problems) + said_html(line)

"""What can be done with the answers of a comparison: look at what differs, and take one of them along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from byom_magics.errors import ByomError
from byom_magics.plain import one_line
from byom_magics.presenting import title
from byom_magics.show.markup import escape
from byom_magics.show.status import note_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byom_magics.comparing import Comparison
    from byom_magics.events import Reply
    from byom_magics.widgets.parts import Parts

__all__ = ["After"]

_LABEL = {"description_width": "initial"}
_LONGEST = 60
_NONE = -1  # a list shows nothing where its value is None


class After:
    """
    Controls for a comparison that has ended.

    Args:
        parts: Makes its widgets.
        comparison: What was compared.
        show: Shows the answers, compared with the one in a place, or as they are for None.
        adopt: Puts a reply into a variable; raises `ByomError` where it cannot be called so.
        done: Called when the controls are not needed any more.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        parts: Parts,
        comparison: Comparison,
        show: Callable[[int | None], None],
        adopt: Callable[[str, Reply], None],
        done: Callable[[], None],
    ) -> None:
        self._comparison = comparison
        self._show = show
        self._adopt = adopt
        titles = [
            (f"{place + 1}. {one_line(title(comparison, place), _LONGEST)}", place)
            for place in range(len(comparison.order))
        ]
        self._against = _choice(parts, "Differences from", [("none", _NONE), *titles])
        self._against.observe(self._compare, "value")
        self._which = _choice(parts, "Adopt", titles)
        self._which.observe(self._tell_line, "value")
        self._name = parts.own(
            ipywidgets.Text("answer", description="as", style=_LABEL, layout=ipywidgets.Layout(width="11em"))
        )
        variable = parts.button("into the variable", self._into_variable, tip="The reply under this name, for any cell")
        talk = parts.button("into the conversation", self._into_conversation, tip="What -c of this model goes on from")
        close = parts.button("Close these controls", done, tip="The answers stay")
        self._said = parts.html(self._line())
        self.box = parts.box(
            [
                parts.box([self._against], "byom-compare-row"),
                parts.box([self._which, self._name, variable, talk], "byom-compare-row"),
                self._said,
                close,
            ],
            "byom-compare-strip",
        )

    def _compare(self, change: Mapping[str, Any]) -> None:
        self._show(None if change["new"] == _NONE else change["new"])

    def _tell_line(self, _: Mapping[str, Any]) -> None:
        self._said.value = self._line()

    def _into_variable(self) -> None:
        name = self._name.value.strip()
        reply = self._comparison.reply(self._number)
        self._try(lambda: self._adopt(name, reply), f"The reply of {self._title} is in {name}.")

    def _into_conversation(self) -> None:
        def into() -> None:
            adopting = self._comparison.adopt(self._number)
            if len(adopting) == 1:
                kept = f"The {adopting[0].title} goes on from this answer: %%byom {adopting[0].model} -c"
                kept += f" {adopting[0].name}" if adopting[0].name else ""
            else:
                kept = f"All {len(adopting)} conversations of this comparison go on from the answer of {self._title}."
            self._say(kept)

        self._try(into, "")

    def _try(self, do: Callable[[], None], said: str) -> None:
        try:
            do()
        except ByomError as problem:
            self._said.value = f'<div role="alert">{_lines(str(problem))}</div>'
            return
        if said:
            self._say(said)

    def _say(self, words: str) -> None:
        self._said.value = f'<div role="status" aria-live="polite">{note_html(f"✓ {words}")}</div>{self._line()}'

    @property
    def _number(self) -> int:
        return self._comparison.order[self._which.value or 0]

    @property
    def _title(self) -> str:
        return title(self._comparison, self._which.value or 0)

    def _line(self) -> str:
        line = f"%byom_compare --last --to-cell {(self._which.value or 0) + 1}"
        return f"<div>Its code in a new cell: run <code>{escape(line)}</code></div>"


def _choice(parts: Parts, words: str, options: list[tuple[str, int]]) -> Any:  # noqa: ANN401 - a Dropdown
    return parts.own(
        ipywidgets.Dropdown(
            options=options, description=words, style=_LABEL, layout=ipywidgets.Layout(width="auto", max_width="100%")
        )
    )


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))

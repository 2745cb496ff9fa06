"""What a picker tries with the model that is chosen: its connection, and the question that was asked last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from byom_magics.widgets.parts import focus

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.session import Session
    from byom_magics.widgets.parts import Parts

__all__ = ["Trial", "Trials"]


class Trial(Protocol):
    """Something that is tried with a model, in a thread of its own."""

    box: Any

    def start(self) -> None:
        """Begin."""

    def close(self) -> None:
        """Hang up, and close the widgets."""

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""


class Trials:
    """
    Two buttons, and what comes of pressing them: one trial of each kind at a time.

    Args:
        parts: Makes the widgets.
        lock: Held while they are changed.
        session: Whose models are tried.
        model: Gives the model of a key.

    Attributes:
        buttons: What begins a trial.
        box: Where the trials are shown.
    """

    def __init__(
        self,
        parts: Parts,
        lock: AbstractContextManager[Any],
        session: Session,
        model: Callable[[str | None], ModelSpec | None],
    ) -> None:
        self._parts = parts
        self._lock = lock
        self._session = session
        self._model = model
        self._running: dict[str, Trial] = {}
        self.buttons = (
            parts.button(
                "Test", self.test, tip="Examine the chosen model's connection; it is asked two small questions"
            ),
            parts.button("Ask it the same", self.ask_the_same, tip="Ask the chosen model what was asked last"),
        )
        self.box = parts.box([], "byom-picker-fold")

    def test(self) -> None:
        """Examine the connection of the chosen model."""
        from byom_magics.widgets.examination import Examination  # noqa: PLC0415 - loaded when it is first wanted

        self._begin("test", Examination)

    def ask_the_same(self) -> None:
        """Ask the chosen model what was asked last."""
        from byom_magics.widgets.same_question import SameQuestion  # noqa: PLC0415 - loaded when it is first wanted

        self._begin("question", SameQuestion)

    def close(self) -> None:
        """End all trials."""
        for each in list(self._running.values()):
            each.close()
        self._running.clear()

    def join(self, seconds: float) -> None:
        """Wait until all have ended."""
        for each in list(self._running.values()):
            each.join(seconds)

    def _begin(self, kind: str, make: Callable[..., Trial]) -> None:
        spec = self._model(self._session.models.default)
        if spec is None:
            return
        self._dismiss(kind)
        trial = make(self._parts, self._lock, self._session, spec, lambda: self._put_away(kind))
        self._running[kind] = trial
        self._show()
        trial.start()

    def _put_away(self, kind: str) -> None:
        self._dismiss(kind)
        focus(self.buttons[kind == "question"])  # what had the focus is gone

    def _dismiss(self, kind: str) -> None:
        gone = self._running.pop(kind, None)
        if gone is not None:
            self._show()
            gone.close()

    def _show(self) -> None:
        self.box.children = tuple(each.box for each in self._running.values())

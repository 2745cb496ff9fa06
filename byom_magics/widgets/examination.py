"""A model's connection, examined in a panel: the doctor's steps appear as they are taken, in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from byom_magics.checkup import Checkup
from byom_magics.errors import ByomError, SecretError
from byom_magics.show.diagnosis import steps_shown
from byom_magics.widgets.notices import problem_html
from byom_magics.widgets.parts import focus
from byom_magics.widgets.typed_keys import untyped
from byom_magics.wire.doctor import STEPS

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.session import Session
    from byom_magics.widgets.parts import Parts
    from byom_magics.wire.doctor import Step

__all__ = ["Examination"]


class Examination:
    """
    The examination of one model. It asks the model two small questions, as ``%byom_doctor`` does.

    Args:
        parts: Makes the widgets.
        lock: Held while they are changed.
        session: Whose client and keys are used.
        spec: The model.
        dismissed: Called when the person wants to see it no longer.

    Attributes:
        box: The widget to show.
    """

    def __init__(
        self,
        parts: Parts,
        lock: AbstractContextManager[Any],
        session: Session,
        spec: ModelSpec,
        dismissed: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._lock = lock
        self._session = session
        self._spec = spec
        self._steps: list[Step] = []
        self._stopped = threading.Event()
        self._checkup: Checkup | None = None
        self._shown = parts.html()
        self._stop = parts.button("Stop the test", self._press_stop, tip="Hang up")
        self._close = parts.button("Close the test", dismissed)
        row = parts.box([self._stop, self._close], "byom-picker-row")
        self.box = parts.box([self._shown, row], "byom-picker-panel")
        self._thread = threading.Thread(target=self._run, name=f"byom-picker-test-{spec.key[:60]}", daemon=True)

    def start(self) -> None:
        """Examine it."""
        missing = untyped(self._spec)
        if missing is not None:
            hint = f"run %byom_doctor {self._spec.key} in a cell: it asks for it, unseen, and tests the model"
            self._fail(SecretError(missing.what, hint=hint))
            return
        self._paint(STEPS[0])
        self._thread.start()

    def stop(self) -> None:
        """Hang up, from any thread."""
        self._stopped.set()
        if self._checkup is not None:
            self._checkup.__exit__(None, None, None)

    def close(self) -> None:
        """Hang up, and close the widgets."""
        self.stop()
        with self._lock:
            self._parts.drop(self.box)

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _press_stop(self) -> None:
        self.stop()
        focus(self._close)  # the button that had the focus is of no use any more

    def _run(self) -> None:
        try:
            # Made here: a key may come from a program that takes its time.
            self._checkup = Checkup(self._session, self._spec)
            with self._checkup as steps:
                for step in steps:
                    self._steps.append(step)
                    if self._stopped.is_set():
                        break
                    if len(self._steps) < len(STEPS):
                        self._paint(STEPS[len(self._steps)])
        except ByomError as problem:
            self._fail(problem)
            return
        except Exception as problem:  # noqa: BLE001 - nobody else would hear of it
            what = f"{type(problem).__name__}: {problem}"
            self._fail(ByomError(what, hint=f"run %byom_doctor {self._spec.key} in a cell"))
            return
        self._paint(None)

    def _paint(self, now: str | None) -> None:
        stopped = self._stopped.is_set()
        shown = steps_shown(self._spec.key, self._steps, now=None if stopped else now, stopped=stopped)
        self._show(shown.html, ended=now is None)

    def _fail(self, problem: ByomError) -> None:
        self._show(problem_html(problem), ended=True)

    def _show(self, html: str, *, ended: bool) -> None:
        with self._lock:
            if self._shown.comm is None:
                return  # it was closed meanwhile
            self._shown.value = html
            self._stop.disabled = ended

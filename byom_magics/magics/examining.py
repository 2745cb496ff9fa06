"""How an examination is shown: a table that grows with the steps, in a terminal lines for each."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from byom_magics.checkup import Checkup, checkup_all
from byom_magics.magics.interrupts import held_back, tell
from byom_magics.show.diagnosis import all_shown, count, model_lines, step_lines, steps_shown, summary
from byom_magics.show.views import show_changing
from byom_magics.wire.doctor import STEPS

if TYPE_CHECKING:
    from byom_magics.session import Session
    from byom_magics.show.diagnosis import Shown
    from byom_magics.wire.doctor import Step

__all__ = ["show_all", "show_one"]

_PAINT_S = 0.2
_WIDEST = 120


def show_one(shell: Any, session: Session, key: str, *, quick: bool) -> None:  # noqa: ANN401 - IPython's shell, which may be None
    """Examine one model, and show each step as it is done."""
    with _told():
        _show_one(shell, session, key, quick=quick)


def show_all(shell: Any, session: Session, *, quick: bool) -> None:  # noqa: ANN401 - IPython's shell, which may be None
    """Examine every registered model in parallel, and show a line for each."""
    with _told():
        _show_all(shell, session, quick=quick)


def _show_one(shell: Any, session: Session, key: str, *, quick: bool) -> None:  # noqa: ANN401 - see above
    checkup = Checkup(session, session.spec(key), quick=quick)  # may prompt for a key
    steps: list[Step] = []
    if getattr(shell, "kernel", None) is None:
        told = 0
        with checkup:
            _coming(steps)
            for step in checkup:
                steps.append(step)
                if step.verdict != "skipped":
                    _say(step_lines(steps[told:], _width()))
                    told = len(steps)
                _coming(steps)
        _say("\n".join(filter(None, (step_lines(steps[told:], _width()), summary(key, steps)))))
        return
    show = _Changing()
    show(steps_shown(key, steps, now=STEPS[0]))
    ended = False
    try:
        with checkup:
            for step in checkup:
                steps.append(step)
                if len(steps) < len(STEPS):
                    show(steps_shown(key, steps, now=STEPS[len(steps)]))
        ended = True
    finally:
        show(steps_shown(key, steps, stopped=not ended))


def _show_all(shell: Any, session: Session, *, quick: bool) -> None:  # noqa: ANN401 - see above
    found: dict[str, tuple[Step, ...] | None] = dict.fromkeys(session.models)
    notebook = getattr(shell, "kernel", None) is not None
    show = _Changing()
    if notebook:
        show(all_shown(found))
    ended = False
    # Closed here: a traceback that is kept would keep it open.
    with closing(checkup_all(session, list(found), quick=quick)) as diagnoses:
        try:
            for diagnosis in diagnoses:
                if diagnosis is not None:
                    found[diagnosis.model] = diagnosis.steps
                    show.changed = True
                    if not notebook:
                        _say(model_lines(diagnosis.model, diagnosis.steps, _width()))
                if notebook and show.due:
                    show(all_shown(found))
            ended = True
        finally:
            if notebook:
                show(all_shown(found, stopped=not ended))
    if not notebook:
        _say(count(found))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as interrupt:
        tell(interrupt, "the connection was hung up")
        raise


def _coming(steps: list[Step]) -> None:
    """Tell which step is being taken, in a line that the step itself replaces."""
    if sys.stdout.isatty() and len(steps) < len(STEPS):
        print(f"… {STEPS[len(steps)]}", end="\r", flush=True)  # noqa: T201 - a terminal


def _say(lines: str) -> None:
    print(lines, flush=True)  # noqa: T201 - in a terminal a line is what can be shown at once


def _width() -> int:
    return min(_WIDEST, shutil.get_terminal_size().columns)


class _Changing:
    """
    An output of the cell that is replaced as it changes.

    Attributes:
        changed: Whether there is something new to show.
    """

    def __init__(self) -> None:
        self.changed = False
        self._replace: Callable[[str, str], None] | None = None
        self._painted = 0.0

    def __call__(self, shown: Shown) -> None:
        with held_back() as held:
            if self._replace is None:
                self._replace = show_changing(shown.html, shown.plain)
            else:
                self._replace(shown.html, shown.plain)
        if held:
            raise KeyboardInterrupt
        self.changed = False
        self._painted = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether something is new, and the last painting was not just now."""
        return self.changed and time.monotonic() - self._painted >= _PAINT_S

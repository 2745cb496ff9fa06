"""How an examination is shown: a table that grows with the steps, in a terminal a line for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from byom_magics.checkup import Checkup, checkup_all
from byom_magics.show.diagnosis import all_table, step_line, step_table
from byom_magics.show.views import show_changing

if TYPE_CHECKING:
    from byom_magics.session import Session
    from byom_magics.show.tables import Table
    from byom_magics.wire.doctor import Step

__all__ = ["show_all", "show_one"]


def show_one(shell: Any, session: Session, key: str, *, quick: bool) -> None:  # noqa: ANN401 - IPython's shell, which may be None
    """Examine one model, and show each step as it is done."""
    if getattr(shell, "kernel", None) is None:
        with Checkup(session, session.spec(key), quick=quick) as checkup:
            for step in checkup:
                print(step_line(step), flush=True)  # noqa: T201 - in a terminal a line is what can be shown at once
        return
    show = _Changing()
    steps: list[Step] = []
    show(step_table(key, steps, running=True))
    try:
        with Checkup(session, session.spec(key), quick=quick) as checkup:
            for step in checkup:
                steps.append(step)
                show(step_table(key, steps, running=True))
    finally:
        show(step_table(key, steps, running=False))


def show_all(shell: Any, session: Session, *, quick: bool) -> None:  # noqa: ANN401 - IPython's shell, which may be None
    """Examine every registered model in parallel, and show a line for each."""
    found: dict[str, tuple[Step, ...] | None] = dict.fromkeys(session.models)
    show: Callable[[Table], None] | None = _Changing() if getattr(shell, "kernel", None) is not None else None
    if show:
        show(all_table(found))
    for diagnosis in checkup_all(session, list(found), quick=quick):
        found[diagnosis.model] = diagnosis.steps
        if show:
            show(all_table(found))
    if not show:
        print(all_table(found).plain)  # noqa: T201 - a terminal


class _Changing:
    """A table in the cell's output that is replaced as it changes."""

    def __init__(self) -> None:
        self._replace: Callable[[str, str], None] | None = None

    def __call__(self, table: Table) -> None:
        if self._replace is None:
            self._replace = show_changing(table.html, table.plain)
        else:
            self._replace(table.html, table.plain)

"""Running a comparison in a cell: as a panel where there are widgets, else one answer below the other."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics import voting
from byom_magics.catalog.secrets.environment import variable
from byom_magics.comparing import Comparison, Unseen
from byom_magics.errors import OptionError
from byom_magics.events import Reply
from byom_magics.magics import reading
from byom_magics.magics.interrupts import held_back, tell
from byom_magics.magics.places import parent_message
from byom_magics.presenting import bundle_of, title
from byom_magics.show.columns_text import ColumnsTerminal
from byom_magics.show.views import show_changing, show_widget, widget_cell
from byom_magics.talk.shapes import shape_of, shown_as

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.events import Event
    from byom_magics.magics.arguments import Arguments
    from byom_magics.magics.config import Byom
    from byom_magics.session import Session
    from byom_magics.show.views import View
    from byom_magics.study.columns import Column
    from byom_magics.talk.call import Said

__all__ = ["SideBySide"]

_LOOK_S = 0.05
_HANG_UP_S = 5.0
_FEW = 8
# Paintings of a column per second, at most: eight of them then take a quarter of a core.
_RATE, _RATE_OF_MANY = 9.0, 4.0
_LEAVE = "Nobody can be asked while a comparison runs in the background, so this tool did not run."


class SideBySide:
    """
    Runs comparisons for cells.

    Args:
        shell: Where the cell runs.
        session: What is asked.
        config: The settings.
    """

    def __init__(self, shell: InteractiveShell, session: Session, config: Byom) -> None:
        self._shell = shell
        self._session = session
        self._config = config

    def run(
        self,
        columns: Sequence[Column],
        prompt: Said,
        asked: Mapping[str, Any],
        arguments: Arguments,
        notes: Sequence[str] = (),
    ) -> None:
        """
        Compare, and show it.

        Args:
            columns: Who answers.
            prompt: What is said to all.
            asked: The options of `Session.stream`, and the place of the cell.
            arguments: How it is shown, and what becomes of it.
            notes: What the person should know before it goes out.

        Raises:
            OptionError: It cannot be voted on, and the line says ``--blind``.
            ByomError: All columns have failed, and the line does not say that it is only shown.
        """
        cell = widget_cell()
        # Where nobody can be asked, what is shown after the cell's end is lost, so there is no background either.
        background = bool(arguments.background) and cell is not None and self._asks()
        comparison = self._comparison(columns, prompt, asked, arguments, background=background)
        for note in notes:
            print(f"[{note}]")  # noqa: T201 - a line for the person
        if cell is not None and variable("SERVER_SOFTWARE").startswith("voila"):
            self._offer(comparison, cell, asked, arguments)
            return
        if arguments.quiet:
            self._start(comparison, arguments, [Unseen()] * len(columns))
        elif cell is None:
            self._write(comparison, arguments)
        elif self._asks():
            self._show(comparison, arguments, cell)
        else:
            self._leave(comparison, arguments)
        if background:
            return
        failed = [reply.error for reply in comparison.replies]
        if not all(failed):
            return
        if comparison.hidden:
            comparison.give_up_vote()  # there is nothing to vote on, and it is to be known why
        if failed[0] is not None and arguments.on_error != "show":
            raise failed[0]

    def _start(
        self,
        comparison: Comparison,
        arguments: Arguments,
        views: Sequence[View],
        on_end: Callable[[], None] = lambda: None,
        look: Callable[[], None] | None = None,
    ) -> None:
        """Ask all, and wait for the end, if it is not in the background."""

        def end() -> None:
            if arguments.out:
                self._shell.user_ns[arguments.out] = comparison.given()
            on_end()

        comparison.start(views, end)
        if comparison.is_foreground:
            self._wait(comparison, look)

    def _comparison(
        self,
        columns: Sequence[Column],
        prompt: Said,
        asked: Mapping[str, Any],
        arguments: Arguments,
        *,
        background: bool = False,
    ) -> Comparison:
        given = dict(asked)
        place = given.pop("place", None)
        if background and given.get("tools"):
            given["leave"] = _only(arguments.allow or (), given["tools"])
        comparison = Comparison(
            self._session,
            prompt,
            columns,
            given,
            blind=bool(arguments.blind),
            place=place,
            foreground=not background,
        )
        schema = given.get("schema")
        comparison.format = shown_as(arguments.format, None if schema is None else shape_of(schema))
        if comparison.blind:
            voting.check_votable(comparison)
        return comparison

    # As a panel

    def _show(self, comparison: Comparison, arguments: Arguments, cell: str) -> None:
        from byom_magics.widgets.compare import ComparePanel  # noqa: PLC0415 - ipywidgets is loaded when first used
        from byom_magics.widgets.opened import OPENED  # noqa: PLC0415 - the same

        panel = ComparePanel(comparison, self._session, self._adopt, refresh_rate=self._rate(comparison))
        bundle = bundle_of(comparison)
        replace = show_widget(panel.grid.model_id, bundle.html, bundle.plain)
        gone = show_widget(panel.strip.model_id, "", "")
        panel.settle_in(replace, lambda: gone("", ""))
        OPENED.keep(cell, panel.close)
        self._start(comparison, arguments, panel.views, panel.end)

    def _leave(self, comparison: Comparison, arguments: Arguments) -> None:
        """Where nobody looks on, only what has come in the end is left: such programs save all that widgets held."""
        bundle = bundle_of(comparison)
        replace = show_changing(bundle.html, bundle.plain)

        def end() -> None:
            bundle = bundle_of(comparison)
            replace(bundle.html, bundle.plain)

        self._start(comparison, arguments, [Unseen()] * len(comparison.columns), end)

    def _offer(self, comparison: Comparison, cell: str, asked: Mapping[str, Any], arguments: Arguments) -> None:
        """Where a notebook is an application, the comparison waits for its button."""
        from byom_magics.widgets.compare_form import CompareForm  # noqa: PLC0415 - ipywidgets is loaded when first used
        from byom_magics.widgets.opened import OPENED  # noqa: PLC0415 - the same

        def make(prompt: str) -> Comparison:
            said = prompt if isinstance(comparison.prompt, str) else comparison.prompt
            return self._comparison(comparison.columns, said, {**asked, "place": None}, arguments, background=True)

        form = CompareForm(comparison, make, self._session, self._adopt, refresh_rate=self._rate(comparison))
        bundle = bundle_of(comparison)
        show_widget(form.box.model_id, bundle.html, bundle.plain)
        OPENED.keep(cell, form.close)

    def _rate(self, comparison: Comparison) -> float:
        """Many columns are painted a little less often each, so that the kernel has time for the rest."""
        return min(self._config.refresh_rate, _RATE if len(comparison.columns) <= _FEW else _RATE_OF_MANY)

    def _adopt(self, name: str, reply: Reply) -> None:
        try:
            self._shell.user_ns[reading.variable(name)] = reply
        except ValueError as problem:
            raise OptionError(
                f"A variable cannot be called '{name}'.", hint=f"give {problem}, such as answer"
            ) from None

    def _asks(self) -> bool:
        """Whether somebody is there: programs that run a whole notebook say that they cannot be asked."""
        return bool(parent_message(self._shell).get("content", {}).get("allow_stdin", True))

    # In a terminal

    def _write(self, comparison: Comparison, arguments: Arguments) -> None:
        came: queue.SimpleQueue[tuple[int, Event | Reply]] = queue.SimpleQueue()
        places = {number: place for place, number in enumerate(comparison.order)}
        terminal = ColumnsTerminal(
            sys.stdout,
            [title(comparison, place) for place in range(len(places))],
            addresses=[self._address(comparison.columns[number].model) for number in comparison.order],
            hidden=comparison.hidden,
            format_name=comparison.format,
        )

        def write() -> None:
            with held_back() as held:
                while not came.empty():
                    number, what = came.get()
                    if isinstance(what, Reply):
                        terminal.finish(places[number], what)
                    else:
                        terminal.event(places[number], what)
                terminal.tick()
            if held:
                raise KeyboardInterrupt

        views = [_Queued(came, number) for number in range(len(places))]
        self._start(comparison, arguments, views, look=write)
        if comparison.hidden:
            self._ask_for_vote(comparison)

    def _address(self, model: str) -> str:
        return self._session.models[model].url if model in self._session.models else ""

    def _ask_for_vote(self, comparison: Comparison) -> None:
        problem = voting.hindrance(comparison)
        if problem:
            print(problem)  # noqa: T201 - a line for the person
            comparison.give_up_vote()
            return
        print("Vote: %byom_compare --last --vote A (or B, …, tie, bad, none). Names are told then.")  # noqa: T201 - the same

    def _wait(self, comparison: Comparison, look: Callable[[], None] | None = None) -> None:
        try:
            while not comparison.wait(_LOOK_S):
                if look is not None:
                    look()
            if look is not None:
                look()
        except KeyboardInterrupt as interrupt:
            self._hang_up(comparison, look)
            came = sum(bool(reply.text) for reply in comparison.replies)
            tell(interrupt, f"{came} of {len(comparison.columns)} columns had begun; %byom_compare --last shows them")
            raise

    def _hang_up(self, comparison: Comparison, look: Callable[[], None] | None) -> None:
        with held_back():
            comparison.stop_all()
            for _ in range(int(_HANG_UP_S / _LOOK_S)):
                if comparison.wait(_LOOK_S):
                    break
            if look is not None:
                look()


class _Queued:
    """A view that hands on what it is told to the thread of the terminal."""

    def __init__(self, to: queue.SimpleQueue[tuple[int, Event | Reply]], number: int) -> None:
        self._to = to
        self._number = number

    def event(self, event: Event) -> None:
        """Hand on what came."""
        self._to.put((self._number, event))

    def tick(self) -> None:
        """Nothing is painted here."""

    def finish(self, reply: Reply) -> None:
        """Hand on the end."""
        self._to.put((self._number, reply))


def _only(allowed: Sequence[str], tools: Sequence[Any]) -> Callable[..., str | None]:
    """Leave for what is allowed on the line, and for nothing else."""
    names = {tool.name for tool in tools} if "all" in allowed else set(allowed)
    return lambda call, _: None if call.name in names else _LEAVE

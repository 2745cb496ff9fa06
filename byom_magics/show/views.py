"""The door to IPython: displays that change while an answer arrives, and how a `Reply` looks."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from byom_magics.events import Event, Reply
    from byom_magics.show.displays import Paint
    from byom_magics.show.live import Live

__all__ = [
    "View",
    "install",
    "open_view",
    "show_changing",
    "show_html",
    "show_svg",
    "show_widget",
    "uninstall",
    "widget_cell",
]

# By their names, for IPython to find: their modules take long to load.
_REPLY = "byom_magics.events.Reply"
_RANKING = "byom_magics.study.standing.Ranking"


class View(Protocol):
    """What a call shows of itself while it runs."""

    def event(self, event: Event) -> None:
        """Take in what came; cheap."""

    def tick(self) -> None:
        """Paint, if something is due. To be called every 50 ms or so, and after each batch of events."""

    def finish(self, reply: Reply) -> None:
        """Show the final form. To be called once, however the call ended."""


def open_view(
    shell: Any,
    *,
    model: str,
    address: str,
    format: str = "markdown",  # noqa: A002 (the word that people type: --format)
    alone: bool = True,
    refresh_rate: float = 9.0,
    quiet: bool = False,
    notes: Sequence[str] = (),
    logprobs: bool = False,
    tries: int | None = None,
    runs_since: Callable[[], float | None] | None = None,
) -> View:
    """
    Open the view of one call.

    Args:
        shell: The running IPython shell, or None in plain Python.
        model: The key of the model that is asked.
        address: Where it is asked; shown while connecting.
        format: What ``--format`` may say, such as ``markdown``.
        alone: Whether nothing else writes to this cell. Then one output remains of it at the end.
        refresh_rate: Paintings per second, at most.
        quiet: Show nothing, unless the call fails.
        notes: What is said before sending, such as how much it is: shown until something comes, and small at the end.
        logprobs: Show the tokens of the answer with their alternatives at the end, where the reply has them.
        tries: How often the model may answer at most, where the answer has to fit a schema; None if unknown.
        runs_since: Tells when the tool began that runs, on the monotonic clock; None while none does. Without it the
            seconds count from when it was asked for.
    """
    if getattr(shell, "kernel", None) is not None:
        from byom_magics.show.live import Live  # noqa: PLC0415 (loaded when first used)

        live = Live(
            model=model,
            address=address,
            format_name=format,
            alone=alone,
            refresh_rate=refresh_rate,
            now=time.monotonic(),
            notes=notes,
            logprobs=logprobs,
            tries=tries,
            runs_since=runs_since,
        )
        view: View = _NotebookView(shell, live)
    else:
        from byom_magics.show.terminal import TerminalView  # noqa: PLC0415 (loaded when first used)

        view = TerminalView(
            sys.stdout,
            model=model,
            address=address,
            format_name=format,
            notes=notes,
            logprobs=logprobs,
            tries=tries,
        )
    return _QuietView(view) if quiet else view


def show_html(html: str, plain: str) -> None:
    """Publish one output: ``html`` where that can be shown, ``plain`` elsewhere. Both must be safe to show."""
    from IPython.display import display  # noqa: PLC0415 (loaded when first used)

    display({"text/html": html, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]


def show_svg(svg: str, plain: str) -> None:
    """Publish one picture: ``svg`` where that can be shown, ``plain`` elsewhere. Both must be safe to show."""
    from IPython.display import display  # noqa: PLC0415 (loaded when first used)

    display({"image/svg+xml": svg, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]


def show_changing(html: str, plain: str) -> Callable[[str, str], None]:
    """
    Publish one output that may change while the cell runs. Both texts must be safe to show.

    Returns:
        What replaces it, to be called with HTML and text.
    """
    from IPython.display import display  # noqa: PLC0415 (loaded when first used)

    handle: Any = display({"text/html": html, "text/plain": plain}, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def replace(html: str, plain: str) -> None:
        handle.update({"text/html": html, "text/plain": plain}, raw=True)

    return replace


def widget_cell() -> str | None:
    """Give the id of the cell that runs, empty if it has none; None where no widget can be shown, as in a terminal."""
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 (loaded when first used)

    shell: Any = get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    message = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return str(message.get("metadata", {}).get("cellId", ""))


def show_widget(model_id: str, html: str, plain: str) -> Callable[[str, str], None]:
    """
    Publish a widget, with what stands in its place where there are no widgets. Both texts must be safe to show.

    Args:
        model_id: Which widget.
        html: What stands in its place.
        plain: The same as text.

    Returns:
        What replaces the widget in its output, to be called with HTML and text.
    """
    from IPython.display import display  # noqa: PLC0415 (loaded when first used)

    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/html": html, "text/plain": plain}
    handle: Any = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def replace(html: str, plain: str) -> None:
        handle.update({"text/html": html, "text/plain": plain}, raw=True)

    return replace


def install(shell: Any) -> None:
    """Let replies display as answers and rankings as tables in this shell. Their text/plain stays their repr."""
    shell.display_formatter.mimebundle_formatter.for_type(_REPLY, _reply_bundle)
    shell.display_formatter.mimebundle_formatter.for_type(_RANKING, _ranking_bundle)


def uninstall(shell: Any) -> None:
    """Undo `install`."""
    for name in (_REPLY, _RANKING):
        shell.display_formatter.mimebundle_formatter.pop(name, None)


def _reply_bundle(reply: Reply, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
    from byom_magics.show.answer import reply_bundle  # noqa: PLC0415 (loaded when first used)

    return {"text/html": reply_bundle(reply, reply.form).html}, {}


def _ranking_bundle(ranking: Any, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
    from byom_magics.show.leaderboard import leaderboard  # noqa: PLC0415 (loaded when first used)

    return {"text/html": leaderboard(ranking).html}, {}


class _NotebookView:
    """Paints through display ids, so it may be called from any thread."""

    def __init__(self, shell: Any, live: Live) -> None:
        self._shell = shell
        self._live = live
        self._id = f"byom-{os.urandom(6).hex()}"
        self._shown: set[int] = set()

    def event(self, event: Event) -> None:
        self._live.event(event, time.monotonic())

    def tick(self) -> None:
        self._paint(self._live.due(time.monotonic()))

    def finish(self, reply: Reply) -> None:
        self._paint(self._live.finish(reply))

    def _paint(self, paints: Iterable[Paint]) -> None:
        for paint in paints:
            if paint.action == "clear":
                self._shell.display_pub.clear_output(wait=True)
                continue
            data = {"text/html": paint.html}
            if paint.plain is not None:
                data["text/plain"] = paint.plain
            # An interrupt may have come between the plan and its doing: what was never shown cannot be updated.
            known = paint.display in self._shown
            self._shell.display_pub.publish(
                data=data, metadata={}, transient={"display_id": f"{self._id}-{paint.display}"}, update=known
            )
            self._shown.add(paint.display)


class _QuietView:
    """Shows nothing, unless the call fails."""

    def __init__(self, view: View) -> None:
        self._view = view

    def event(self, event: Event) -> None:
        """Leave it unseen."""

    def tick(self) -> None:
        """Paint nothing."""

    def finish(self, reply: Reply) -> None:
        if reply.state.failed or reply.error is not None:
            self._view.finish(reply)

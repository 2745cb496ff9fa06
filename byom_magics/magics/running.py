"""Asking from a cell: the question goes out, the answer is shown as it comes, and is kept whatever happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from byom_magics.magics.interrupts import held_back, tell
from byom_magics.magics.places import parent_message
from byom_magics.magics.seconds import Seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.events import Event, Reply
    from byom_magics.magics.arguments import Arguments
    from byom_magics.magics.config import Byom
    from byom_magics.session import Session
    from byom_magics.show.views import View
    from byom_magics.talk.call import Said
    from byom_magics.talk.turn import Turn

__all__ = ["Running"]

_LOOK_S = 0.05


class Running:
    """
    Asks for a cell.

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
        self, model: str, prompt: Said, asked: Mapping[str, Any], arguments: Arguments, notes: Sequence[str] = ()
    ) -> list[Reply]:
        """
        Ask, and show the answer; several times for ``--n``.

        Args:
            model: The key of the model.
            prompt: What is said.
            asked: The options of `Session.stream`.
            arguments: How it is shown, and what becomes of it.
            notes: What the person should know before it goes out.

        Returns:
            The replies.

        Raises:
            ByomError: Nothing could be sent, or the answer failed and the line does not say that it is only shown.
        """
        from byom_magics.asking import samples  # noqa: PLC0415 - not needed to load

        each = samples(asked, arguments.samples or 1)
        count = len(each)
        replies: list[Reply] = []
        try:
            for number, options in enumerate(each, 1):
                turn = self._session.stream(model, prompt, **options)
                which = [f"answer {number} of {count}"] if count > 1 else []
                self._show(turn, arguments, [*which, *notes], replies)
        finally:
            if arguments.out and replies:
                self._shell.user_ns[arguments.out] = replies if arguments.samples else replies[0]
        if arguments.to_cell:
            from byom_magics.magics.new_cell import offer_cell  # noqa: PLC0415 - the renderer is loaded by now

            offer_cell(self._shell, replies[-1].text)
        return replies

    def show_request(self, model: str, prompt: Said, asked: Mapping[str, Any], notes: Sequence[str] = ()) -> None:
        """Show what `run` would send."""
        from byom_magics.show.answer import document  # noqa: PLC0415 - the renderer is only loaded when needed
        from byom_magics.show.markup import code_block, escape  # noqa: PLC0415 - the same
        from byom_magics.show.views import show_html  # noqa: PLC0415 - the same

        preview = self._session.preview(model, prompt, **asked)
        head = "\n".join(
            [f"{preview.method} {preview.url}", *(f"{name}: {value}" for name, value in preview.headers.items())]
        )
        body = json.dumps(json.loads(preview.body), indent=2, ensure_ascii=False)
        lines = ["This is the request; nothing was sent.", *notes, *preview.beside]
        html = "<br>".join(escape(line) for line in lines)
        show_html(document(f"<p><em>{html}</em></p>", code_block(head), code_block(body, "json")),
                  "\n".join([*lines, head, "", body]))  # fmt: skip

    def _show(self, turn: Turn, arguments: Arguments, notes: Sequence[str], replies: list[Reply]) -> None:
        interrupted = _begin(turn)  # what cannot be sent is said before anything is shown
        view = seconds = None

        def runs_since() -> float | None:
            return turn.runs_since

        try:
            with turn:
                from byom_magics.show.views import open_view  # noqa: PLC0415 - the renderer is loaded while we wait

                view = open_view(
                    self._shell,
                    model=turn.spec.key,
                    address=turn.spec.url,
                    format=_format(turn, arguments),
                    # What a tool prints or displays, and the questions for leave, are not ours to clear.
                    alone=not arguments.samples and not arguments.tools and _cell_is_ours(self._shell),
                    refresh_rate=self._config.refresh_rate,
                    quiet=bool(arguments.quiet),
                    notes=[*notes, *turn.beside],
                    logprobs=arguments.logprobs is not None,
                    tries=turn.tries,
                    runs_since=runs_since,
                )
                if getattr(self._shell, "kernel", None) is not None:  # a terminal is the tool's, to write there itself
                    seconds = Seconds(view, runs_since)
                _paint(view, [])  # the waiting line, and the renderer is loaded while nothing waits for it
                if interrupted is not None:
                    raise interrupted
                for batch in turn.batches(_LOOK_S):
                    if seconds is not None:
                        seconds.end()
                    _paint(view, batch)
                    if seconds is not None and batch and batch[-1].kind == "tool_asked":
                        seconds.begin()
        except KeyboardInterrupt as interrupt:
            _tell(interrupt, turn.reply)
            raise
        finally:
            with held_back() as held:
                replies.append(turn.reply)
                if seconds is not None:
                    seconds.end()
                if view is not None:
                    view.finish(turn.reply)
        if held:
            raise KeyboardInterrupt
        if turn.reply.error is not None and arguments.on_error != "show":
            raise turn.reply.error


def _format(turn: Turn, arguments: Arguments) -> str:
    """How the answer is shown: an answer in a shape as what it is, unless the line says otherwise."""
    if turn.form != "markdown" and arguments.format in (None, "json"):
        return turn.form
    return str(arguments.format or "markdown")


def _cell_is_ours(shell: InteractiveShell) -> bool:
    """Whether the running cell is this magic and nothing else, so that its whole output is ours."""
    if getattr(shell, "kernel", None) is None:
        return True
    code = str(parent_message(shell).get("content", {}).get("code", "")).strip()
    if code.startswith("%%byom"):
        return True
    return code.startswith("%byom") and "\n" not in code


def _begin(turn: Turn) -> KeyboardInterrupt | None:
    """Send the request. An interrupt meanwhile ends the call, and is raised when there is something to show it in."""
    try:
        turn.begin()
    except KeyboardInterrupt as interrupt:
        turn.close()
        return interrupt
    return None


def _paint(view: View, batch: list[Event]) -> None:
    with held_back() as held:
        for event in batch:
            view.event(event)
        view.tick()
    if held:
        raise KeyboardInterrupt


def _tell(interrupt: KeyboardInterrupt, reply: Reply) -> None:
    kept = []
    if reply.text:
        kept.append(f"the {len(reply.text):,} characters that had come are in _byom")
    if reply.tool_results:
        kept.append("what became of its tools is in _byom.tool_results")
    tell(interrupt, ", ".join(kept) or "nothing had come yet")

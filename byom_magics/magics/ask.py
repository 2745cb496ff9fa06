"""``%%byom`` and ``%byom``: a prompt goes out, and the answer is shown as it comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand

from byom_magics.magics import options
from byom_magics.magics.interrupts import held_back, tell
from byom_magics.magics.manual import ASK, manual
from byom_magics.talk.prompt import expand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.events import Event, Reply
    from byom_magics.magics.arguments import Arguments
    from byom_magics.magics.config import Byom
    from byom_magics.session import Session
    from byom_magics.show.views import View
    from byom_magics.talk.turn import Turn

__all__ = ["AskMagics"]

_LOOK_S = 0.05
_SAMPLING = ("temperature", "max_tokens", "top_p", "seed", "stop", "timeout", "timeouts")


@magics_class
class AskMagics(Magics):
    """
    The magics that ask.

    Args:
        shell: Where they are typed.
        session: What they ask.
        config: The settings.
    """

    def __init__(self, shell: InteractiveShell, session: Session, config: Byom) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session = session
        self._config = config

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def byom(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> None:  # noqa: D102 - its manual is set below
        if cell is None and not line.strip():
            self._overview()
            return
        arguments = options.ASK.parse(line, rest=cell is None)
        model = self._session.spec(arguments.words[0] if arguments.words else None).key
        prompt = arguments.rest if cell is None else cell.strip("\n")
        system = arguments.system
        if not arguments.raw:
            prompt, system = (text and self._expanded(text, local_ns) for text in (prompt, system))
        asked = {name: arguments.values[name] for name in _SAMPLING if name in arguments.values}
        asked.update(system=system, extra_body=dict(arguments.extra or ()))
        if arguments.dry_run:
            self._show_request(model, prompt, asked)
        else:
            self._run(self._session.stream(model, prompt, **asked), arguments)

    byom.__doc__ = manual(ASK, options.ASK)

    def _run(self, turn: Turn, arguments: Arguments) -> None:
        turn.begin()  # what cannot be sent is said before anything is shown
        view = None
        try:
            with turn:
                from byom_magics.show.views import open_view  # noqa: PLC0415 - the renderer is loaded while we wait

                view = open_view(
                    self._shell,
                    model=turn.spec.key,
                    address=turn.spec.url,
                    format=arguments.format or "markdown",
                    alone=_cell_is_ours(self._shell),
                    refresh_rate=self._config.refresh_rate,
                    quiet=bool(arguments.quiet),
                )
                _paint(view, [])  # the waiting line, and the renderer is loaded while nothing waits for it
                for batch in turn.batches(_LOOK_S):
                    _paint(view, batch)
        except KeyboardInterrupt as interrupt:
            _tell(interrupt, turn.reply)
            raise
        finally:
            with held_back() as held:
                if arguments.out:
                    self._shell.user_ns[arguments.out] = turn.reply
                if view is not None:
                    view.finish(turn.reply)
        if held:
            raise KeyboardInterrupt
        if turn.reply.error is not None and arguments.on_error != "show":
            raise turn.reply.error

    def _expanded(self, text: str, local_ns: Mapping[str, Any] | None) -> str:
        names = self._shell.user_ns if local_ns is None else {**self._shell.user_ns, **local_ns}

        def evaluate(expression: str) -> Any:  # noqa: ANN401 - whatever the person's expression gives
            return eval(f"({expression}\n)", names)  # noqa: S307 - the person's own expression, in their notebook

        return expand(text, evaluate, names)

    def _show_request(self, model: str, prompt: str, asked: dict[str, Any]) -> None:
        from byom_magics.show.answer import document  # noqa: PLC0415 - the renderer is only loaded when needed
        from byom_magics.show.markup import code_block, escape  # noqa: PLC0415 - the renderer is only loaded when needed
        from byom_magics.show.views import show_html  # noqa: PLC0415

        preview = self._session.preview(model, prompt, **asked)
        head = "\n".join(
            [f"{preview.method} {preview.url}", *(f"{name}: {value}" for name, value in preview.headers.items())]
        )
        body = json.dumps(json.loads(preview.body), indent=2, ensure_ascii=False)
        note = "This is the request; nothing was sent."
        html = document(f"<p><em>{escape(note)}</em></p>", code_block(head), code_block(body, "json"))
        show_html(html, f"{note}\n{head}\n\n{body}")

    def _overview(self) -> None:
        from byom_magics.magics.tables import show_models  # noqa: PLC0415 - the renderer is only loaded when needed

        first = next(iter(self._session.models), "KEY")
        show_models(
            self._session,
            [
                (
                    f"Ask one: %%byom {self._session.models.default or first} with the question below it, "
                    f"or on one line: %byom {first} How does the with statement work?"
                ),
                "Bring your own: %byom_register llama --url http://localhost:11434/v1 --model llama3.2",
                "More: %%byom? is the manual, %byom_picker picks the default, %byom_register? registers any server.",
            ],
        )


def _cell_is_ours(shell: InteractiveShell) -> bool:
    """Whether the running cell is this magic and nothing else, so that its whole output is ours."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return True
    parent = kernel.get_parent("shell") if hasattr(kernel, "get_parent") else getattr(shell, "parent_header", {})
    code = str(parent.get("content", {}).get("code", "")).strip()
    if code.startswith("%%byom"):
        return True
    return code.startswith("%byom") and "\n" not in code


def _paint(view: View, batch: list[Event]) -> None:
    with held_back() as held:
        for event in batch:
            view.event(event)
        view.tick()
    if held:
        raise KeyboardInterrupt


def _tell(interrupt: KeyboardInterrupt, reply: Reply) -> None:
    kept = f"the {len(reply.text):,} characters that had come are in _byom" if reply.text else "nothing had come yet"
    tell(interrupt, kept)

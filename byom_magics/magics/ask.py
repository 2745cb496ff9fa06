"""``%%byom``, ``%byom`` and ``%byom_rerun``: a prompt goes out, and the answer is shown as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, needs_local_scope, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics import options
from byom_magics.magics.arguments import Arguments
from byom_magics.magics.filling import filled, names_of, sizes_of, spoken, system_of
from byom_magics.magics.manual import ASK, RERUN, manual
from byom_magics.magics.places import Places
from byom_magics.magics.question import leave_of, options_of, with_chosen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.magics.running import Running
    from byom_magics.session import Session
    from byom_magics.talk.call import Said
    from byom_magics.talk.expansion import Expansion

__all__ = ["AskMagics"]


_SHOWN = ("format", "on_error", "quiet", "logprobs", "schema", "to_cell", "raw")


@dataclass(frozen=True)
class _Last:
    """What a cell asks, how it is shown, and of what the prompt was made."""

    prompt: Said
    arguments: Arguments
    filled: Expansion


@magics_class
class AskMagics(Magics):
    """
    The magics that ask.

    Args:
        shell: Where they are typed.
        session: What they ask.
        running: Asks for a cell, and shows the answer.
    """

    def __init__(self, shell: InteractiveShell, session: Session, running: Running) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session = session
        self._running = running
        self._places = Places(shell)
        self._last: _Last | None = None

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def byom(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> None:  # noqa: D102 - its manual is set below
        if cell is None and not line.strip():
            self._overview()
            return
        arguments = options.ASK.parse(line, rest=cell is None)
        is_named = bool(arguments.words) or arguments.conversation in self._session.models
        model, arguments = self._model(arguments)
        names = names_of(self._shell, local_ns)
        asked = options_of(arguments, names)
        said = arguments.rest if cell is None else cell.strip("\n")
        prompt = filled(self._shell, said, arguments, names)
        if arguments.system is not None:
            asked["system"] = system_of(arguments, names)
        notes = [] if is_named else with_chosen(asked, self._session.chosen)
        self._ask(model, _Last(prompt.prompt, arguments, prompt), asked, notes)

    byom.__doc__ = manual(ASK, options.ASK)

    @no_var_expand
    @needs_local_scope
    @line_magic
    def byom_rerun(self, line: str, local_ns: Mapping[str, Any] | None = None) -> None:  # noqa: D102 - its manual is set below
        arguments = options.RERUN.parse(line)
        prompt, asked, key, before = self._asked_last()
        names = names_of(self._shell, local_ns)
        model = self._session.spec(arguments.words[0] if arguments.words else key).key
        merged = Arguments(arguments.words, {**before.values, **arguments.values})
        asked.update(options_of(arguments, names))
        if asked.get("tools") and "tools" not in arguments.values and arguments.allow:
            asked["leave"] = leave_of(arguments, asked["tools"])
        if arguments.system is not None:
            asked["system"] = system_of(arguments, names)
        if model != key:
            asked.pop("place", None)  # its conversation with this model has no such turn to replace
        last = self._last
        made = last.filled if last is not None and last.prompt is prompt else spoken(prompt)
        self._ask(model, _Last(prompt, merged, made), asked, [])

    byom_rerun.__doc__ = manual(RERUN, options.RERUN)

    def _ask(self, model: str, said: _Last, asked: dict[str, Any], chosen: Sequence[str]) -> None:
        prompt, arguments = said.prompt, said.arguments
        notes = [*chosen, *sizes_of(said.filled, arguments)]
        if arguments.dry_run:
            from byom_magics.asking import samples  # noqa: PLC0415 - not needed to load

            samples(asked, arguments.samples or 1)
            self._running.show_request(model, prompt, asked, notes)
            return
        asked.setdefault("place", self._places.next())
        self._last = said
        self._running.run(model, prompt, asked, arguments, notes)

    def _asked_last(self) -> tuple[Said, dict[str, Any], str, Arguments]:
        """What was asked last, from a cell or from Python: the prompt, its options, the model, and how it was shown."""
        if self._session.last_question is None:
            message = "%byom_rerun: nothing was asked yet."
            raise OptionError(message, hint="ask something first: %%byom MODEL over a question")
        prompt, given, key = self._session.last_question
        last = self._last.arguments.values if self._last is not None and self._last.prompt is prompt else {}
        shown = {name: value for name, value in last.items() if name in _SHOWN}
        asked = {name: value for name, value in given.items() if value is not None and name != "sample"}
        return prompt, asked, key, Arguments((), shown)

    def _model(self, arguments: Arguments) -> tuple[str, Arguments]:
        """The model of the line. In ``%%byom -c llama`` it is that, and no name of a conversation."""
        if arguments.words:
            return self._session.spec(arguments.words[0]).key, arguments
        named = arguments.conversation
        if named and named in self._session.models:
            return named, Arguments(arguments.words, {**arguments.values, "conversation": ""}, arguments.rest)
        return self._session.spec(None).key, arguments

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

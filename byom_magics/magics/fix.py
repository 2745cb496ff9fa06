"""``%byom_fix``: what failed last is explained, and a cell is proposed that is not run."""

from __future__ import annotations

import difflib
import inspect
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import ByomError, OptionError
from byom_magics.magics import options
from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.manual import manual
from byom_magics.magics.places import parent_message
from byom_magics.magics.question import Names, options_of
from byom_magics.plain import one_line, visible

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Reply
    from byom_magics.magics.arguments import Arguments
    from byom_magics.magics.failures import Failed, Failures
    from byom_magics.talk.failure import Failure
    from byom_magics.talk.needed import Needed
    from byom_magics.talk.trace import Trace

__all__ = ["FIX", "FixMagics"]

_FIX = """
Have a model explain what failed last, and propose a cell.

    %byom_fix [MODEL] [options]

The model is told the failing cell, the exception, and what the cell uses of the notebook: of variables the kind, size
and columns, and built-in values in short; of your own functions and classes the source; the versions of packages.
What looks like a key or a password is left out. %byom_fix --dry-run shows all of it, and sends nothing.

The proposal is shown as what changes, and put into a new cell. It is never run: read it, and run it yourself. For a
script that was run with %run, the new cell writes the script when you run it.

Examples:

    %byom_fix llama --dry-run
    %byom_fix llama
    %byom_fix gpt -s "Answer in German." --no-cell
"""

_TAKEN = ("system", "temperature", "max_tokens", "seed", "effort", "extra", "out", "cache", "dry_run", "timeout",
          "timeouts", "on_error", "quiet")  # fmt: skip

FIX = Table(
    "%byom_fix",
    (
        *(option for option in options.ASK.options if option.name in _TAKEN),
        Option("no_cell", ("--no-cell",), "show what it proposes, and make no cell of it"),
    ),
    words=1,
)

_NO_FIX = "There is nothing to fix"
_FUNCTIONS = 3  # whose variables are told, the innermost ones
_MOST_NAMES = 12  # that are told to the person in a line
_LONGEST_CELL = 100_000  # characters
_HIDDEN = re.compile(r"\[(?:key|password) hidden\]")  # what stands in place of one in what is sent


class _Running(Protocol):
    def run(
        self, model: str, prompt: str, asked: Mapping[str, Any], arguments: Arguments, notes: Sequence[str] = ()
    ) -> Sequence[Reply]:
        """Ask, and show the answer."""

    def show_request(self, model: str, prompt: str, asked: Mapping[str, Any], notes: Sequence[str] = ()) -> None:
        """Show what would be asked."""


class _Session(Protocol):
    def spec(self, model: str | None) -> ModelSpec:
        """The model of that key, or the default."""


@magics_class
class FixMagics(Magics):
    """
    The magic that asks about failures.

    Args:
        shell: Where it is typed.
        session: Which models there are.
        running: Asks for a cell, and shows the answer.
        failures: What failed.
    """

    def __init__(self, shell: InteractiveShell, session: _Session, running: _Running, failures: Failures) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session = session
        self._running = running
        self._failures = failures

    @no_var_expand
    @line_magic
    def byom_fix(self, line: str) -> None:  # noqa: D102 - its manual is set below
        self._failures.asks()
        arguments = FIX.parse(line)
        failed = self._failed()
        model = self._session.spec(arguments.words[0] if arguments.words else None).key
        failure, system, prompt, notes = self._question(failed)
        asked = options_of(arguments, Names(self._shell.user_ns))
        asked["system"] = f"{system}\n\n{arguments.system}" if arguments.system else system
        if arguments.dry_run:
            self._running.show_request(model, prompt, asked, notes)
            return
        replies = self._running.run(model, prompt, asked, arguments, notes)
        self._propose(failure, replies[-1], make_cell=not arguments.no_cell)

    byom_fix.__doc__ = manual(_FIX, FIX)

    def _failed(self) -> Failed:
        failed = self._failures.last()
        if failed is None:
            message = f"{_NO_FIX}: nothing has failed yet."
            raise OptionError(message, hint="run the cell that fails, then %byom_fix")
        if isinstance(failed.error, KeyboardInterrupt):
            message = f"{_NO_FIX}: what ended last was stopped by hand (KeyboardInterrupt)."
            raise OptionError(message, hint="run the cell that fails, then %byom_fix")
        return failed

    def _question(self, failed: Failed) -> tuple[Failure, str, str, list[str]]:
        """What failed; the system message and the prompt about it; what the person should know of them."""
        from byom_magics.catalog.secrets.masking import hide  # noqa: PLC0415 - not needed to load
        from byom_magics.talk.estimate import tokens_of_text  # noqa: PLC0415 - messages are loaded when needed
        from byom_magics.talk.failure import fix_messages  # noqa: PLC0415 - with it
        from byom_magics.talk.needed import names_needed, versions_of  # noqa: PLC0415 - with it
        from byom_magics.talk.passwords import hide_passwords  # noqa: PLC0415 - with it
        from byom_magics.talk.trace import traced  # noqa: PLC0415 - with it

        trace = traced(failed.error, lambda file: self._called(file, failed))
        namespace = self._namespace()
        failure = self._failure(failed, trace, namespace)
        needed = names_needed(failure.names, namespace)
        inside = _inside(trace)
        packages = [inspect.getmodule(namespace[each.name]) for each in needed.names]
        modules = [*trace.modules, *(each.__name__ for each in packages if each is not None)]
        versions = {"Python": platform.python_version(), **_foreign(versions_of(modules, sys.modules))}
        system, prompt = fix_messages(failure, needed, versions, inside)
        hidden = hide_passwords(hide(prompt))
        notes = [_note(failure, needed, tokens_of_text(system + hidden))]
        if hidden != prompt:
            notes.append(
                "what looks like a key or a password was replaced in it; see that it is not in the proposed cell either"
            )
        if isinstance(failed.error, ByomError) and failed.error.hint:
            notes.append(f"the message itself says what to do next: {one_line(failed.error.hint, 300)}")
        return failure, system, hidden, notes

    def _failure(self, failed: Failed, trace: Trace, namespace: Mapping[str, Any]) -> Failure:
        from byom_magics.talk.failure import Failure  # noqa: PLC0415 - as above
        from byom_magics.talk.needed import names_used  # noqa: PLC0415 - as above

        source = _without_blank_lines(failed.source)
        missing = getattr(failed.error, "name", None) if isinstance(failed.error, NameError) else None
        return Failure(
            source,
            trace.error_type,
            trace.message,
            trace.text,
            line=_line(failed, trace),
            names=names_used(source),
            place=self._called(failed.file, failed) or "a cell",
            script=failed.script,
            alike=tuple(difflib.get_close_matches(missing, namespace, n=5)) if isinstance(missing, str) else (),
        )

    def _called(self, file: str, failed: Failed) -> str | None:
        """What a person calls a file of their own code."""
        if failed.script and file == failed.script:
            return Path(file).name
        return self._failures.cell_of(file)

    def _namespace(self) -> dict[str, Any]:
        """The names of the notebook, without those that IPython has put there."""
        hidden: Mapping[str, Any] = self._shell.user_ns_hidden
        nothing = object()
        return {
            name: value
            for name, value in self._shell.user_ns.items()
            if not name.startswith("__") and hidden.get(name, nothing) is not value
        }

    def _propose(self, failure: Failure, reply: Reply, *, make_cell: bool) -> None:
        """Show what the answer proposes, and make a cell of it that is not run."""
        from byom_magics.talk.failure import proposed  # noqa: PLC0415 - as above

        if reply.error is not None:
            return  # that was said already
        whole = reply.state == "complete"
        code = proposed(reply.text, whole=whole) if failure.whole else None
        if code is None:
            cut = "" if whole else f"; the answer is not whole ({reply.state_text})"
            why = cut if failure.whole else "; what failed is not known, or too long to be given whole"
            _say(f"No cell is proposed{why}.")
            return
        if code == failure.source.strip("\n"):
            _say("The proposed cell is the one that failed: nothing changes, and no new cell was made.")
            return
        if len(code) > _LONGEST_CELL:
            _say(f"No cell is proposed: its {len(code):,} characters are too many for one. The answer is in _byom.")
            return
        self._show_change(failure, code, self._offer(failure, code, make_cell=make_cell))

    def _show_change(self, failure: Failure, code: str, note: str) -> None:
        from byom_magics.show.answer import document  # noqa: PLC0415 - the renderer is loaded by now
        from byom_magics.show.diff import diff_html, diff_plain  # noqa: PLC0415 - the same
        from byom_magics.show.markup import escape  # noqa: PLC0415 - the same
        from byom_magics.show.status import note_html  # noqa: PLC0415 - the same
        from byom_magics.show.views import show_html  # noqa: PLC0415 - the same

        before = failure.source
        head = f"What would change in {failure.place}:"
        if visible(code) != code:
            note = f"{note} It has characters that hide; they are shown escaped here."
        if _HIDDEN.search(code):
            note = f"{note} Where it says hidden, put back the key or password that the model was not told."
        html = document(f"<p><strong>{escape(head)}</strong></p>", diff_html(before, code), note_html(note))
        show_html(html, "\n".join((visible(head), diff_plain(before, code), visible(note))))

    def _offer(self, failure: Failure, code: str, *, make_cell: bool) -> str:
        """Put code into a cell that is not run; what to tell the person."""
        kernel = getattr(self._shell, "kernel", None) is not None
        if not make_cell:
            return "Nothing was run."
        if kernel and parent_message(self._shell).get("content", {}).get("allow_stdin") is False:
            return "Nothing was run; where nobody is at the notebook no cell is made."
        cell = f"%%writefile {_quoted(failure.script)}\n{code}\n" if failure.script else code
        self._shell.set_next_input(cell, replace=False)
        where = "The new cell below" if kernel else "The next prompt"
        what = "writes the script when you run it" if failure.script else "holds it"
        return f"Nothing was run. {where} {what}."


def _quoted(path: str) -> str:
    """A path as a magic reads it: in quotes if it has blanks."""
    return f'"{path}"' if any(map(str.isspace, path)) else path


def _without_blank_lines(source: str) -> str:
    """A cell as IPython counts its lines: without blank ones before the first."""
    lines = source.replace("\r\n", "\n").rstrip().split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first:])


def _line(failed: Failed, trace: Trace) -> int | None:
    """The line of the source that was running."""
    if isinstance(failed.error, SyntaxError) and failed.error.filename == failed.file:
        return failed.error.lineno
    if failed.source.lstrip().startswith("%%"):
        return None  # Python sees one line of such a cell
    return next((each.line for each in trace.own if each.file == failed.file and not each.function), None)


def _inside(trace: Trace) -> dict[str, Needed]:
    """The local variables of the functions that were running, the innermost ones, each once."""
    from byom_magics.talk.needed import names_needed  # noqa: PLC0415 - as above

    last = {each.function: each for each in trace.own if each.function}
    return {
        f"{each.function} ({each.cell}, line {each.line})": names_needed(
            [name for name in each.values if name.isidentifier()], each.values, lambda _: ""
        )
        for each in list(last.values())[-_FUNCTIONS:]
    }


def _foreign(versions: dict[str, str]) -> dict[str, str]:
    """The versions without those of what runs the notebook."""
    return {name: version for name, version in versions.items() if name not in ("IPython", "ipykernel", "byom_magics")}


def _note(failure: Failure, needed: Needed, tokens: int) -> str:
    names = [visible(each.name) for each in needed.names]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    used = f", told of {', '.join(names[:_MOST_NAMES])}{more}" if names else ""
    return f"about {failure.error_type} in {failure.place}{used}: some {tokens:,} tokens"


def _say(text: str) -> None:
    print(visible(text))  # noqa: T201 - a line for the person who typed the magic

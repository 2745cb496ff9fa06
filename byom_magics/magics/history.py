"""``%byom_history`` and ``%byom_reset``: what was said so far is shown, written to a file, or forgotten."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import ConversationError, OptionError
from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.manual import manual
from byom_magics.plain import visible
from byom_magics.whole_file import replace_whole

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.magics.arguments import Arguments
    from byom_magics.talk.history import Conversation, Conversations

__all__ = ["HISTORY", "RESET", "ConversationMagics"]

_HISTORY = """
Show what was said in a conversation, write it to a file, or read it back.

    %byom_history                       the only conversation, or a table of all
    %byom_history NAME [--last N]       one of them
    %byom_history --model MODEL         a model's conversation without a name
    %byom_history [NAME] --export FILE  as Markdown (FILE.md) or as JSON (FILE.json, which can be read back)
    %byom_history [NAME] --import FILE  what was written as JSON, under its own name or this one; --model MODEL goes on
                                        with another model

A cell is a turn of a conversation when it is asked so: %%byom MODEL -c, or -c NAME. Running it again replaces its turn;
turns below it that were answered before are marked. NAME may also be MODEL:NAME, where several models have one of that
name. In Python: byom_magics.Conversation.
"""

_RESET = """
Forget a conversation: the next cell that continues it begins anew.

    %byom_reset NAME                    one of them; the only one needs no name
    %byom_reset --model MODEL           a model's conversation without a name
    %byom_reset --all                   all; with --model all of that model

Outputs in the notebook stay. %byom_history NAME --export FILE.md keeps what was said.
"""


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 1_000_000):
        raise ValueError("a whole number above 0")
    return int(text)


_MODEL = Option("model", ("--model",), "the model that the conversation is with", "KEY")

HISTORY = Table(
    "%byom_history",
    (
        _MODEL,
        Option("last", ("--last",), "only the last turns", "N", _count),
        Option("export", ("--export",), "write it to a file: FILE.md or FILE.json", "FILE"),
        Option("imports", ("--import",), "read a conversation from a file that --export has written as JSON", "FILE"),
        Option("force", ("--force",), "replace the file, or the conversation, if it is there"),
    ),
    words=1,
)

RESET = Table("%byom_reset", (_MODEL, Option("all", ("--all",), "every conversation")), words=1)


class _Session(Protocol):
    @property
    def conversations(self) -> Conversations:
        """All conversations."""

    def spec(self, model: str | None) -> ModelSpec:
        """The model of that key."""


@magics_class
class ConversationMagics(Magics):
    """
    The magics about conversations.

    Args:
        shell: Where they are typed.
        session: Whose conversations they are about.
    """

    def __init__(self, shell: InteractiveShell, session: _Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @line_magic
    def byom_history(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = HISTORY.parse(line)
        if arguments.export is not None and arguments.imports is not None:
            what = "%byom_history: --export and --import exclude each other."
            raise OptionError(what, hint="write %byom_history NAME --export FILE.json, or --import FILE.json")
        if arguments.export is not None:
            self._export(arguments)
            return
        if arguments.imports is not None:
            self._import(arguments)
            return
        if arguments.force:
            what = "%byom_history: --force is for --export and --import only."
            raise OptionError(what, hint="write %byom_history NAME --export FILE.md --force")
        if not any(True for _ in self._session.conversations):
            self._check_none(arguments)
            print("There is no conversation yet. Begin one: %%byom MODEL -c, or %%byom MODEL -c NAME")  # noqa: T201 - a line for the person
            return
        self._show(arguments)

    byom_history.__doc__ = manual(_HISTORY, HISTORY)

    @no_var_expand
    @line_magic
    def byom_reset(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = RESET.parse(line)
        word = arguments.words[0] if arguments.words else None
        conversations = self._session.conversations
        if arguments.all:
            if word is not None:
                what = "%byom_reset: a name and --all exclude each other."
                raise OptionError(what, hint="write %byom_reset NAME, or %byom_reset --all")
            gone = conversations.reset(None, arguments.model)
        else:
            gone = conversations.reset(conversations.one(word, arguments.model).written, arguments.model)
        print("\n".join(map(_forgotten, gone)) or "There was no conversation to forget.")  # noqa: T201 - a line for the person

    byom_reset.__doc__ = manual(_RESET, RESET)

    def _show(self, arguments: Arguments) -> None:
        from byom_magics.show.history import overview, past_shown  # noqa: PLC0415 - the renderer is loaded when needed
        from byom_magics.show.views import show_html  # noqa: PLC0415 - with it

        conversations = self._session.conversations
        if not arguments.words and arguments.model is None and arguments.last is None:
            known = list(conversations)
            if len(known) > 1:
                table = overview(known)
                show_html(table.html, table.plain)
                return
        shown = past_shown(self._one(arguments), arguments.last)
        show_html(shown.html, shown.plain)

    def _one(self, arguments: Arguments) -> Conversation:
        return self._session.conversations.one(arguments.words[0] if arguments.words else None, arguments.model)

    def _check_none(self, arguments: Arguments) -> None:
        if arguments.words or arguments.model is not None:
            self._one(arguments)  # says that there is none

    def _export(self, arguments: Arguments) -> None:
        from byom_magics.talk.transcript import as_json, as_markdown  # noqa: PLC0415 - not needed to load

        path = Path(os.path.expanduser(arguments.export))  # noqa: PTH111 - an unknown ~name is no error here
        forms = {".md": as_markdown, ".markdown": as_markdown, ".json": as_json}
        form = forms.get(path.suffix.lower())
        if form is None:
            what = f"%byom_history: nothing is known of writing a conversation to '{visible(arguments.export)[:200]}'."
            raise OptionError(what, hint="name a file that ends in .md or .json")
        conversation = self._one(arguments)
        _write(path, form(conversation, arguments.last), replaces=bool(arguments.force))
        count = len(conversation) if arguments.last is None else min(arguments.last, len(conversation))
        print(f"Wrote {_turns(count)} of the {visible(conversation.title)} to {visible(str(path))}.")  # noqa: T201 - a line for the person

    def _import(self, arguments: Arguments) -> None:
        from byom_magics.talk.transcript import from_json  # noqa: PLC0415 - not needed to load

        if arguments.last is not None:
            what = "%byom_history: a conversation is read whole, so --last does not go with --import."
            raise OptionError(what, hint="leave out --last, or give it to --export")
        path = Path(os.path.expanduser(arguments.imports))  # noqa: PTH111 - as in `_export`
        name = arguments.words[0] if arguments.words else None
        read = from_json(_read(path), arguments.model, name)
        self._session.spec(read.model)
        if len(self._session.conversations.of(read.model, read.name)) and not arguments.force:
            what = f"There is a {visible(read.title)} already, and it stays as it is."
            raise ConversationError(what, hint="read it under another name, or replace it with --force")
        self._session.conversations.put(read)
        print(f"Read the {visible(read.title)}: {_turns(len(read))}. %%byom {visible(_continuing(read))} goes on.")  # noqa: T201 - a line for the person


def _continuing(conversation: Conversation) -> str:
    return f"{conversation.model} -c {conversation.name}".rstrip()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "it is no text in UTF-8"
        what = f"{visible(str(path))} cannot be read: {why}."
        raise ConversationError(what, hint="name a file that %byom_history --export FILE.json has written") from None


def _write(path: Path, text: str, *, replaces: bool) -> None:
    """Write a file whole or not at all."""
    try:
        there = path.exists()
        if not there or replaces:
            target = Path(os.path.realpath(path))  # what a link leads to is replaced, not the link
            replace_whole(target, text.encode("utf-8", "backslashreplace"))
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or type(problem).__name__
        what = f"{visible(str(path))} cannot be written: {why}."
        raise ConversationError(what, hint="name a file in a folder that is there and that you may write to") from None
    if there and not replaces:
        what = f"{visible(str(path))} is there already, and stays as it is."
        raise ConversationError(what, hint="give another name, or replace it with --force")


def _forgotten(conversation: Conversation) -> str:
    return f"Forgot the {visible(conversation.title)}: {_turns(len(conversation))}."


def _turns(count: int) -> str:
    return f"{count:,} turn{'' if count == 1 else 's'}"

"""``%byom_chat``: a chat panel, with one model or several side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics import options, reading
from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.manual import manual
from byom_magics.magics.places import parent_message
from byom_magics.plain import one_line

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.events import Reply
    from byom_magics.magics.arguments import Arguments
    from byom_magics.session import Session

__all__ = ["CHAT", "ChatMagics"]

_CHAT = """
Open a chat panel: type questions, and the answers stream into it.

    %byom_chat [MODEL] [options]     the default model, or this one
    %byom_chat MODEL MODEL …         up to four side by side: each question goes to all, each has its own history

The conversation is the one that %%byom MODEL -c continues: what is said in the panel is known there, what is said in
such a cell appears in the panel, and %byom_history shows it all. With -c NAME it is the conversation of that name.

In the panel: Enter sends ("Several lines" gives a box in which Enter begins a line; Tab leads to Send). Stop ends an
answer and keeps what had come. Edit puts a question back into the box, and what is sent then takes its place. Copy
shows an answer's source, Adopt puts the reply into a variable of the notebook. Another model can be chosen in the
middle of a conversation: it goes on with a copy of it, or with a conversation of its own. Questions are sent as typed;
{{ … }} is filled in by %%byom only.

The panel closes when its cell runs again. What was said stands in an output beside it, saved with the notebook. When
the page was loaded anew, run the cell again: the panel goes on, but its outputs cannot change any more.
"""

_MOST = 4
_SAME = ("system", "temperature", "max_tokens", "top_p", "seed", "stop", "effort", "extra", "history", "timeout",
         "timeouts")  # fmt: skip

CHAT = Table(
    "%byom_chat",
    (
        Option("conversation", ("-c", "--continue", "--name"), "the conversation of this name; without it the one that "
               "%%byom MODEL -c continues", "NAME", default=""),
        *(option for option in options.ASK.options if option.name in _SAME),
    ),
    words=_MOST,
)  # fmt: skip


@magics_class
class ChatMagics(Magics):
    """
    The magic that opens a chat.

    Args:
        shell: Where it is typed.
        session: What is asked.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session = session

    @no_var_expand
    @line_magic
    def byom_chat(self, line: str) -> None:  # noqa: D102 - its manual is set below
        from byom_magics.widgets.chat import show_chat  # noqa: PLC0415 - ipywidgets is loaded when needed
        from byom_magics.widgets.typed_keys import ask_for_keys  # noqa: PLC0415 - with it

        arguments = CHAT.parse(line)
        keys, name = self._models(arguments)
        asked = _options(arguments)
        for key in keys:
            if asked:
                self._session.preview(key, "Hello", conversation=name, **asked)  # says what is wrong with them
            ask_for_keys(self._session.spec(key))  # there is a prompt for them in a cell only
        # Where nobody can be asked, as in an application, nothing that comes after the cell reaches its outputs.
        changes = bool(parent_message(self._shell).get("content", {}).get("allow_stdin", True))
        sides = [(key, name) for key in keys]
        show_chat(self._session, sides, asked, _Adopting(self._shell), changes=changes)

    byom_chat.__doc__ = manual(_CHAT, CHAT)

    def _models(self, arguments: Arguments) -> tuple[list[str], str]:
        """The models, and the name of the conversation. In ``%byom_chat -c llama`` it is a model."""
        words, name = list(arguments.words), arguments.conversation or ""
        if name and not words and name in self._session.models:
            words, name = [name], ""
        keys = [self._session.spec(word).key for word in words] or [self._session.spec(None).key]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            message = f"%byom_chat: {one_line(twice, 80)} would stand beside itself, with one conversation for both."
            raise OptionError(message, hint="name each model once; %%byom_compare asks one model several times")
        for key in keys:
            self._session.conversations.of(key, name)  # says what is wrong with the name
        return keys, name


class _Adopting:
    """
    Puts replies into variables.

    Args:
        shell: Whose variables.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._refused = ""

    def __call__(self, name: str, reply: Reply) -> str:
        """
        Put a reply into a variable, and say so. A value that is no reply is replaced when it is asked for again.

        Raises:
            OptionError: It cannot be the name of a variable.
        """
        from byom_magics.events import Reply  # noqa: PLC0415 - it is loaded by now

        try:
            reading.variable(name)
        except ValueError:
            what = f"'{one_line(name, 60)}' cannot be the name of a variable."
            raise OptionError(what, hint="letters, digits and _, no digit in front") from None
        there: Any = self._shell.user_ns.get(name)
        if there is not None and not isinstance(there, Reply) and self._refused != name:
            self._refused = name
            return f"{name} is a {type(there).__name__} already: press Adopt again to replace it."
        self._refused = ""
        self._shell.user_ns[name] = reply
        return f"{name} is the reply now: {name}.text, {name}.usage, …"


def _options(arguments: Arguments) -> dict[str, Any]:
    found = {name: value for name, value in arguments.values.items() if name in _SAME and name != "extra"}
    if arguments.extra:
        found["extra_body"] = dict(arguments.extra)
    return found

"""What a cell says, with its values: the text under a magic, and what goes along with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.magics.question import Names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.magics.arguments import Arguments
    from byom_magics.talk.call import Said
    from byom_magics.talk.expansion import Expansion

__all__ = ["expanded", "filled", "names_of", "sizes_of", "spoken", "system_of"]


def names_of(shell: InteractiveShell, local_ns: Mapping[str, Any] | None) -> Names:
    """The names of the notebook, and those of the function that a magic is called in."""
    return Names(shell.user_ns if local_ns is None else {**shell.user_ns, **local_ns})


def filled(shell: InteractiveShell, text: str, arguments: Arguments, names: Names) -> Expansion:
    """
    The prompt with its values, behind what goes with it: cells, files, pictures.

    Raises:
        PromptError: A name is not defined, an expression fails, or a file cannot be read.
    """
    from byom_magics.messages import Text  # noqa: PLC0415 - messages are loaded with the first question
    from byom_magics.talk.expansion import Expansion, together  # noqa: PLC0415 - the same

    beside: list[Expansion] = []
    if arguments.cells:
        from byom_magics.magics.cells import last_cells  # noqa: PLC0415 - few cells take others along
        from byom_magics.talk.cells import told  # noqa: PLC0415 - the same

        beside.append(told(last_cells(shell, arguments.cells)))
    if arguments.files or arguments.images:
        from byom_magics.talk.attachments import named_files, named_images  # noqa: PLC0415 - few cells have any

        beside.append(named_files(arguments.files or (), names.evaluate, names.values))
        beside.append(named_images(arguments.images or (), names.evaluate, names.values))
    prompt = Expansion((Text(text),)) if arguments.raw else expanded(text, names)
    return together(*beside, prompt)


def spoken(prompt: Said) -> Expansion:
    """What was said before, and is said again as it was."""
    from byom_magics.messages import Sampling  # noqa: PLC0415 - as above
    from byom_magics.talk.call import call_of  # noqa: PLC0415 - the same
    from byom_magics.talk.expansion import Expansion  # noqa: PLC0415 - the same

    return Expansion(tuple(part for message in call_of(prompt, Sampling()).messages for part in message.parts))


def expanded(text: str, names: Names) -> Expansion:
    """A text with its values; raises `PromptError` as `filled` does."""
    from byom_magics.talk.prompt import expand  # noqa: PLC0415 - as above

    return expand(text, names.evaluate, names.values)


def system_of(arguments: Arguments, names: Names) -> str:
    """The system message of a line that has one."""
    return str(arguments.system) if arguments.raw else expanded(arguments.system, names).text


def sizes_of(filled: Expansion, arguments: Arguments) -> list[str]:
    """What the person should know of a prompt's size before it goes."""
    from byom_magics.talk.sizes import sizes  # noqa: PLC0415 - with the messages

    return sizes(filled, always=bool(arguments.dry_run))

"""Completion on Tab: model keys, options, and the values of those that have few."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.magics import options
from byom_magics.magics.arguments import Table, tokens
from byom_magics.magics.cache import CACHE
from byom_magics.magics.chat import CHAT
from byom_magics.magics.compare import COMPARE
from byom_magics.magics.discover import DISCOVER
from byom_magics.magics.doctor import DOCTOR
from byom_magics.magics.fix import FIX
from byom_magics.magics.history import HISTORY, RESET
from byom_magics.magics.keys import KEY, VERBS
from byom_magics.magics.leaderboard import LEADERBOARD

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.catalog.registry import Registry
    from byom_magics.magics.arguments import Option

__all__ = ["TABLES", "candidates", "install"]

_MAGIC = re.compile(r"\s*(%%?)(byom\w*)(?:\s(.*))?$", re.DOTALL)
TABLES = {
    table.magic.lstrip("%"): table
    for table in (
        options.ASK,
        options.RERUN,
        options.REGISTER,
        options.MODELS,
        options.FORGET,
        options.DEFAULT,
        KEY,
        DISCOVER,
        DOCTOR,
        HISTORY,
        RESET,
        CACHE,
        FIX,
        LEADERBOARD,
        COMPARE,
        CHAT,
    )
}
"""The tables of all magics that have one, by the magics' names."""

_TAKE_KEY = (
    "byom",
    "byom_rerun",
    "byom_fix",
    "byom_forget",
    "byom_default",
    "byom_models",
    "byom_doctor",
)

_TAKE_KEYS = ("byom_chat", "byom_compare")

_TAKE_CONVERSATION = ("byom_history", "byom_reset")

Names = Mapping[str, Callable[[], Iterable[str]]]
"""What an option may name, looked up when it is asked for."""


def candidates(before: str, keys: tuple[str, ...], names: Names | None = None) -> tuple[str, list[str]] | None:
    """
    What the word before the cursor may become.

    Args:
        before: The line up to the cursor.
        keys: The keys of all models.
        names: What options may name, by the names of their values.

    Returns:
        The word as far as it is typed, and all completions of it; None if the line is none of our magics.
    """
    magic = _MAGIC.match(before)
    if magic is None or magic[3] is None:
        return None
    name, said = magic[2], magic[3]
    table = TABLES.get(name)
    found = list(tokens(said, bracketed=table is not None and table.bracketed))
    # A quote that is open makes a word of all that follows: that one cannot be completed.
    fragment = said[found.pop().start :] if found and found[-1].end >= len(said) else ""
    words = [token.text for token in found]
    if magic[1] == "%" and name == "byom" and len(_plain_words(table, words)) > 1:
        return fragment, []  # in the middle of a prompt
    possible = _possible(name, table, words, fragment, keys, names=names or {})
    return fragment, [each for each in possible if each.startswith(fragment)]


def install(
    shell: InteractiveShell, models: Registry, conversations: Callable[[], Iterable[str]] = tuple
) -> Callable[[], None]:
    """
    Offer completions in a shell.

    Args:
        shell: Where lines are typed; its functions and types may be named too.
        models: Whose keys are offered.
        conversations: The names of conversations.

    Returns:
        What takes them away again.
    """
    names = _names(models, shell, conversations)
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher  # noqa: PLC0415 - not before IPython 8.6
    except ImportError:
        return _install_hook(shell, models, names)

    @context_matcher(identifier="byom_magics")  # type: ignore[untyped-decorator]
    def matcher(context: Any) -> dict[str, Any]:  # noqa: ANN401 - IPython's CompletionContext
        line = context.line_with_cursor[: context.cursor_position]
        text = context.cursor_line > 0 and line.lstrip().startswith("%%")  # a cell magic stands in the first line only
        found = None if text else candidates(line, tuple(models), names)
        if found is None:
            return {"completions": [], "suppress": False}
        fragment, words = found
        return {
            "completions": [SimpleCompletion(text=word, type="model or option") for word in words],
            "matched_fragment": fragment,
            "suppress": bool(words),
        }

    shell.Completer.custom_matchers.append(matcher)

    def uninstall() -> None:
        if matcher in shell.Completer.custom_matchers:
            shell.Completer.custom_matchers.remove(matcher)

    return uninstall


def _possible(
    name: str, table: Table | None, words: list[str], fragment: str, keys: tuple[str, ...], *, names: Names
) -> list[str]:
    option = table.option(words[-1]) if table and words else None
    if option is not None and option.metavar:
        return _values(option, names)
    if table is not None and fragment.startswith("-"):
        flag, equals, _ = fragment.partition("=")
        option = table.option(flag) if equals else None
        return [f"{flag}={choice}" for choice in _values(option, names)] if option else list(table.flags())
    if name in _TAKE_KEY and not _plain_words(table, words):
        return list(keys)
    if table is not None and table.bracketed and "[" in fragment and not fragment.startswith("-"):
        return _own(fragment)
    if name in _TAKE_KEYS and not fragment.startswith("-"):
        return [key for key in keys if key not in words]
    if name in _TAKE_CONVERSATION and not fragment.startswith("-") and not _plain_words(table, words):
        return list(names["conversation"]()) if "conversation" in names else []
    if name == "byom_key" and not fragment.startswith("-"):
        said = _plain_words(table, words)
        return list(VERBS) if not said else list(keys) if len(said) == 1 and said[0] != "list" else []
    if name == "byom_cache":
        return [] if _plain_words(table, words) else ["clear"]
    return list(table.flags()) if table is not None and not fragment and name != "byom_forget" else []


def _own(fragment: str) -> list[str]:
    """What a column may have for itself, behind the bracket that is open or the comma in it."""
    from byom_magics.magics.columns import OWN  # noqa: PLC0415 - not needed to load

    begun = max(fragment.rfind("["), fragment.rfind(",")) + 1
    return [f"{fragment[:begun]}{name}=" for name in OWN]


def _values(option: Option, names: Names) -> list[str]:
    return list(names[option.name]()) if option.name in names else list(option.choices)


def _names(models: Registry, shell: InteractiveShell, conversations: Callable[[], Iterable[str]]) -> Names:
    return {
        "preset": _presets,
        "endpoint": lambda: models.endpoints,
        "dialect": _dialects,
        "for_model": lambda: models,
        "conversation": conversations,
        "fork": conversations,
        "effort": lambda: ("none", "low", "medium", "high"),
        "history": lambda: ("drop-oldest", "keep-ends", "summarise:"),
        "tools": lambda: _of_the_notebook(shell, inspect.isroutine),
        "allow": lambda: ("all", *_of_the_notebook(shell, inspect.isroutine)),
        "systems": lambda: _of_the_notebook(shell, lambda value: isinstance(value, str)),
        "schema": lambda: _of_the_notebook(shell, lambda value: isinstance(value, (type, dict))),
    }


def _of_the_notebook(shell: InteractiveShell, wanted: Callable[[object], bool]) -> list[str]:
    """Names that the person has defined, of values of one kind."""
    hidden = shell.user_ns_hidden
    return [name for name, value in shell.user_ns.items() if name[:1] != "_" and name not in hidden and wanted(value)]


def _presets() -> Iterable[str]:
    from byom_magics.catalog import presets  # noqa: PLC0415 - their file is read when one is asked for

    return presets.all()


def _dialects() -> Iterable[str]:
    from byom_magics.catalog import plugins  # noqa: PLC0415 - plug-ins are looked for when one is asked for
    from byom_magics.wire.dialects import known  # noqa: PLC0415 - the same

    return dict.fromkeys((*known.names(), *plugins.names("dialects")))


def _plain_words(table: Table | None, words: list[str]) -> list[str]:
    """The words that are neither options nor values of options."""
    plain: list[str] = []
    valued = False
    for word in words:
        option = table.option(word) if table else None
        if not valued and option is None and not word.startswith("-"):
            plain.append(word)
        valued = bool(option and option.metavar)
    return plain


def _install_hook(shell: InteractiveShell, models: Registry, names: Names | None = None) -> Callable[[], None]:
    """IPython before 8.6: words only, by the older hook."""

    def complete(_: object, event: Any) -> list[str]:  # noqa: ANN401 - IPython's event
        fragment, words = candidates(event.text_until_cursor, tuple(models), names or {}) or ("", [])
        # IPython takes what follows a "=" or ":" for the word.
        known = len(fragment) - len(event.symbol)
        return [word[known:] for word in words] if known >= 0 else []

    magics = [f"%{name}" for name in TABLES] + ["%%byom"]
    for name in magics:
        shell.set_hook("complete_command", complete, str_key=name)  # type: ignore[no-untyped-call]

    def uninstall() -> None:
        table = shell.strdispatchers["complete_command"].strs
        for name in magics:
            table.pop(name, None)

    return uninstall

"""Which dialects there are: those of this package, and those that a session or a plug-in adds."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from byom_magics.errors import OptionError

if TYPE_CHECKING:
    from byom_magics.wire.dialects.dialect import Dialect

__all__ = ["BUILT_IN", "find", "forget_added", "names", "plugins", "register"]

BUILT_IN = ("openai_chat", "openai_responses", "anthropic", "gemini", "ollama")
"""The dialects of this package; each is loaded when a model first speaks it."""


def _nothing(_: str) -> object | None:
    return None


plugins: Callable[[str], object | None] = _nothing
"""Asked for names that nothing else has: it gives a plug-in's dialect, or None. The session sets it."""

# What a model is called, listed and read with; a plug-in's object is checked for them when it is first asked for.
_VALUES = ("name", "framing", "key_header", "key_prefix", "headers", "fixed", "models_path")
_METHODS = ("request", "reader", "models", "next_page")

_added: dict[str, Dialect] = {}
_lock = threading.Lock()


def find(name: str) -> Dialect:
    """
    The dialect of that name.

    Raises:
        OptionError: There is none, or what a plug-in gives under that name is none.
    """
    with _lock:
        added = _added.get(name)
    if added is not None:
        return added
    if name in BUILT_IN:
        return _built_in(name)
    found = plugins(name)
    if found is not None:
        return _kept(name, found)
    near = difflib.get_close_matches(name, names(), n=1)
    what = f"There is no dialect '{name}'" + (f"; did you mean '{near[0]}'?" if near else ".")
    hint = f"name one of {', '.join(names())}, or install the plug-in that brings it"
    raise OptionError(what, hint=hint)


def names() -> tuple[str, ...]:
    """The dialects of this package, and those that were added so far."""
    with _lock:
        return (*BUILT_IN, *sorted(set(_added) - set(BUILT_IN)))


def register(dialect: Dialect) -> None:
    """
    Add a dialect for the rest of the session, or replace one of the same name.

    Raises:
        OptionError: It lacks what a dialect has (see `byom_magics.wire.dialects.dialect.Dialect`).
    """
    _kept(str(getattr(dialect, "name", "")), dialect)


def forget_added() -> None:
    """Forget all dialects that were added."""
    with _lock:
        _added.clear()


def _kept(name: str, given: object) -> Dialect:
    missing = [each for each in _VALUES if not hasattr(given, each)]
    missing += [each for each in _METHODS if not callable(getattr(given, each, None))]
    if missing or getattr(given, "framing", None) not in ("sse", "ndjson"):
        lacks = f"it lacks {', '.join(missing)}" if missing else "its framing is neither 'sse' nor 'ndjson'"
        what = f"What is given as the dialect '{name}' ({type(given).__name__}) is none: {lacks}."
        raise OptionError(what, hint="see the protocol Dialect in byom_magics.wire.dialects.dialect")
    dialect = cast("Dialect", given)
    with _lock:
        _added[name] = dialect
    return dialect


def _built_in(name: str) -> Dialect:
    if name == "openai_responses":
        from byom_magics.wire.dialects import openai_responses  # noqa: PLC0415 - loaded when it is first spoken

        return openai_responses.DIALECT
    if name == "anthropic":
        from byom_magics.wire.dialects import anthropic  # noqa: PLC0415 - loaded when it is first spoken

        return anthropic.DIALECT
    if name == "gemini":
        from byom_magics.wire.dialects import gemini  # noqa: PLC0415 - loaded when it is first spoken

        return gemini.DIALECT
    if name == "ollama":
        from byom_magics.wire.dialects import ollama  # noqa: PLC0415 - loaded when it is first spoken

        return ollama.DIALECT
    from byom_magics.wire.dialects import openai_chat  # noqa: PLC0415 - loaded when it is first spoken

    return openai_chat.DIALECT

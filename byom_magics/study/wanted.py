"""What Python says of the columns of a comparison, looked at before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from byom_magics.errors import OptionError
from byom_magics.plain import visible

__all__ = ["models_wanted", "samples_wanted", "sweeps_wanted", "systems_wanted"]


def models_wanted(given: Any) -> list[tuple[str, Mapping[str, Any]]]:  # noqa: ANN401 - it is looked at
    """
    Read the models: one key, or several; each alone or as a pair with arguments of its own.

    Raises:
        OptionError: One is neither.
    """
    several = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    found: list[tuple[str, Mapping[str, Any]]] = []
    for each in several:
        key, own = each if isinstance(each, tuple) and len(each) == 2 else (each, {})
        key = getattr(key, "key", key)  # a spec knows its own
        if not isinstance(key, str) or not isinstance(own, Mapping):
            what = f"compare: {_shown(each)} is no model."
            raise OptionError(what, hint='give its key, or its key with arguments: ("llama", {"temperature": 0})')
        found.append((key, own))
    return found


def sweeps_wanted(given: Any) -> list[tuple[str, Sequence[Any]]]:  # noqa: ANN401 - it is looked at
    """
    Read sweeps: the name of an argument and its values as a pair, or several in a mapping.

    Raises:
        OptionError: It is neither, or has no values.
    """
    if given is None:
        return []
    pairs = given.items() if isinstance(given, Mapping) else [given]
    found = [_sweep(pair) for pair in pairs]
    if not found or None in found:
        what = f"compare: sweep cannot be {_shown(given)}."
        raise OptionError(what, hint='give an argument with its values: sweep=("temperature", [0, 0.7, 1.4])')
    return [pair for pair in found if pair is not None]


def _sweep(pair: Any) -> tuple[str, Sequence[Any]] | None:  # noqa: ANN401 - it is looked at
    if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[0], str):
        return None
    name, values = pair
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        return None
    return (name, read) if (read := list(values)) else None


def systems_wanted(given: Any) -> Mapping[str, str] | None:  # noqa: ANN401 - it is looked at
    """
    Read system messages: by names, or as a list, whose numbers are the names then.

    Raises:
        OptionError: One is no text, or there are none.
    """
    if given is None:
        return None
    named = given
    if isinstance(given, (list, tuple)):
        named = {str(number): text for number, text in enumerate(given, 1)}
    texts = isinstance(named, Mapping) and all(isinstance(part, str) for pair in named.items() for part in pair)
    if not texts or not named:
        what = f"compare: systems cannot be {_shown(given)}."
        raise OptionError(what, hint='give texts by names for them: systems={"terse": "Be brief.", "kind": "Be kind."}')
    return dict(named)


def samples_wanted(given: Any) -> int:  # noqa: ANN401 - it is looked at
    """
    Read how many answers each gives.

    Raises:
        OptionError: It is no number of answers.
    """
    if type(given) is not int or given < 1:  # True is no number of answers
        what = f"compare: n cannot be {_shown(given)}."
        raise OptionError(what, hint="give how many answers each is to give, 1 or more")
    return given


def _shown(value: object) -> str:
    return visible(repr(value)[:60])

"""The presets of services: the rows of ``presets.toml``, and those of plug-ins. Read when first asked for."""

from __future__ import annotations

import difflib
import functools
import sys
from collections.abc import Mapping
from pathlib import Path

from byom_magics.catalog.preset import Preset, presets_of
from byom_magics.errors import RegistrationError
from byom_magics.plain import visible

__all__ = ["Preset", "all", "find", "load"]

_BETWEEN = str.maketrans("", "", " .-_")
_FILE = Path(__file__).with_name("presets.toml")


def all() -> Mapping[str, Preset]:  # noqa: A001 - read as presets.all()
    """
    Every preset by its name: those of this package, then those of plug-ins, which cannot replace one of ours.

    A plug-in that is broken is left out; `find` says so when its preset is asked for.
    """
    return {**_further()[0], **_shipped()}


def find(name: str) -> Preset:
    """
    The preset of that name, alias or title; case, blanks, dots, hyphens and underscores make no difference.

    Raises:
        RegistrationError: There is none. The message has the nearest names, and the plug-ins that could not be loaded.
    """
    wanted = str(name)
    found = _shipped_names().get(_letters(wanted))
    if found is None:
        plugged, faults = _further()
        found = _by_name(plugged).get(_letters(wanted))
        if found is None:
            raise _unknown(wanted, faults)
    return found


def load(path: Path, source: str = "") -> dict[str, Preset]:
    """
    The presets of a TOML file.

    Raises:
        RegistrationError: It cannot be read, or what it says cannot be used.
    """
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - only when a preset is asked for
    else:
        import tomli as tomllib  # noqa: PLC0415 - only when a preset is asked for
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        where = source or path.name
        message = f"The presets of {where} cannot be read: {type(problem).__name__}: {visible(str(problem))[:200]}"
        raise RegistrationError(message, hint=f"tell who made {where}") from problem
    return presets_of(rows, source)


@functools.cache
def _shipped() -> dict[str, Preset]:
    return load(_FILE)


@functools.cache
def _shipped_names() -> dict[str, Preset]:
    return _by_name(_shipped())


def _further() -> tuple[dict[str, Preset], list[RegistrationError]]:
    """The presets of plug-ins, and what was wrong with those that could not be had."""
    from byom_magics.catalog import plugins  # noqa: PLC0415 - only when a preset is none of ours, or all are listed

    found: dict[str, Preset] = {}
    objects, faults = plugins.objects("presets")
    for plugin, given in objects.items():
        try:
            more = load(Path(given), plugin) if isinstance(given, (str, Path)) else presets_of(given, plugin)
        except RegistrationError as problem:
            faults.append(problem)
            continue
        for name, preset in more.items():
            found.setdefault(name, preset)
    return found, faults


def _by_name(presets: Mapping[str, Preset]) -> dict[str, Preset]:
    named = {_letters(each): preset for preset in presets.values() for each in (preset.title, *preset.aliases)}
    return {**named, **{_letters(name): preset for name, preset in presets.items()}}


def _letters(name: str) -> str:
    return name.lower().translate(_BETWEEN)


def _unknown(name: str, faults: list[RegistrationError]) -> RegistrationError:
    shown = visible(name)[:60]
    names = list(all())
    every = [*names, *(alias for preset in all().values() for alias in preset.aliases)]
    near = difflib.get_close_matches(name.lower(), every, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    broken = "".join(f"\n{fault.what}" for fault in faults)
    return RegistrationError(f"There is no preset '{shown}'.{broken}", hint=hint)

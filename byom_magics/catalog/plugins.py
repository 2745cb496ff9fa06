"""
What installed packages add: entry points in the groups ``byom_magics.dialects``, ``.presets`` and ``.transformers``.

Nothing is looked for until a name is asked for that is not known here, or all are listed. A plug-in that is broken
breaks nothing else: it is an error that names the plug-in, its distribution and what it raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from byom_magics.errors import RegistrationError
from byom_magics.plain import visible

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Group", "find", "names", "objects"]

Group = Literal["dialects", "presets", "transformers"]


def names(group: Group) -> tuple[str, ...]:
    """What installed packages offer in a group. Nothing of theirs is imported."""
    return tuple(_points(group))


def find(group: Group, name: str) -> Any | None:  # noqa: ANN401 - whatever the plug-in gives
    """
    What a plug-in gives under a name, or None if none does.

    Raises:
        RegistrationError: There is such a plug-in, and it cannot be loaded.
    """
    point = _points(group).get(name)
    return None if point is None else _loaded(group, point)


def objects(group: Group) -> tuple[dict[str, Any], list[RegistrationError]]:
    """Everything that plug-ins give in a group, by a description of each; and what was wrong with the others."""
    found: dict[str, Any] = {}
    faults: list[RegistrationError] = []
    for point in _points(group).values():
        try:
            found[_said(group, point)] = _loaded(group, point)
        except RegistrationError as problem:  # noqa: PERF203 - a few plug-ins
            faults.append(problem)
    return found, faults


def _points(group: Group) -> dict[str, EntryPoint]:
    from importlib import metadata  # noqa: PLC0415 - slow to load, and rarely needed

    found: dict[str, EntryPoint] = {}
    for point in metadata.entry_points(group=f"byom_magics.{group}"):
        found.setdefault(point.name, point)
    return found


def _loaded(group: Group, point: EntryPoint) -> Any:  # noqa: ANN401 - whatever the plug-in gives
    try:
        return point.load()
    except Exception as problem:  # a plug-in's code may raise whatever it likes
        what = f"{type(problem).__name__}: {visible(str(problem))[:300]}".rstrip(": ")
        message = f"The plug-in {_said(group, point)} cannot be loaded: {what}"
        raise RegistrationError(message, hint="update or uninstall it, or tell who made it") from problem


def _said(group: Group, point: EntryPoint) -> str:
    made_by = f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown distribution"
    return visible(f"{point.name} (byom_magics.{group}, of {made_by})")

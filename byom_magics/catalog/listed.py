"""
The widely used form of a configuration, in which ``models`` is a list, read as it stands.

Its keys may stand in it as themselves: they are handed over at once, and what is registered has a reference to where
they are kept for the session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.fields import LISTED, nearest
from byom_magics.catalog.kinds import Kind, described
from byom_magics.catalog.lines import Path, dotted
from byom_magics.catalog.secrets.reference import is_reference, is_secret_header
from byom_magics.errors import SecretError, SetupError
from byom_magics.plain import one_line

if TYPE_CHECKING:
    from byom_magics.catalog.document import Findings

__all__ = ["Hold", "listed_models"]

Hold = Callable[[str, str, str], str]
"""Keeps a key for the session: its name, its value, and the URL that it is for; gives a reference to it."""


def listed_models(
    entries: list[Any], hold: Hold, findings: Findings, warnings: list[str], *, toml: bool
) -> dict[str, dict[str, Any]]:
    """The arguments of each entry's registration, by key; what is wrong goes to ``findings``."""
    models: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(entries):
        place: Path = ("models", number)
        if not isinstance(entry, dict):
            findings.add(place, f"wanted a table, not {described(entry)}")
            continue
        values = _values(entry, place, findings, warnings)
        key = values.pop("key", None)
        if key is None or "url" not in values:
            continue
        if key in models:
            findings.add((*place, "key"), f"there is a model '{one_line(key, 60)}' above already: choose another key")
            continue
        try:
            models[key] = _Moving(key, values["url"], hold, warnings, toml=toml).held(values, place)
        except SetupError as problem:
            findings.add(place, f"its key cannot be kept: {problem.what}", secret=isinstance(problem, SecretError))
    return models


def _values(entry: Mapping[str, Any], place: Path, findings: Findings, warnings: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in entry.items():
        field = LISTED.get(name)
        if field is None:
            warnings.append(f"{dotted((*place, name))} is not used: {nearest(name, LISTED)}")
        elif value is None or value == "":
            continue  # others write what they do not know so
        elif isinstance(field.holds, Kind) and field.holds.fits(value):
            values[field.name] = value
        elif isinstance(field.holds, Kind):
            findings.add((*place, name), f"wanted {field.holds.wanted}, not {described(value)}")
    for name in ("key", "baseURL"):
        if LISTED[name].name not in values and not entry.get(name):
            near = [each for each in entry if each not in LISTED and f"mean {name}" in nearest(each, LISTED)]
            meant = f"is {one_line(near[0], 60)} meant to be it?" if near else "add one"
            findings.add(place, f"it has no {name}: {meant}")
    return values


class _Moving:
    """Takes the keys out of one entry, and tells how the person does that for good."""

    def __init__(self, key: str, url: str, hold: Hold, warnings: list[str], *, toml: bool) -> None:
        self._key, self._url, self._hold, self._warnings, self._toml = key, url, hold, warnings, toml

    def held(self, values: dict[str, Any], place: Path) -> dict[str, Any]:
        given = values.get("api_key")
        if given is not None and given != "ask" and not is_reference(given):
            values["api_key"] = self._hold(self._key, given, self._url)
            self._tell((*place, "apiKey"), self._key, "apiKey", "")
        headers = values.get("headers", {})
        for name, value in headers.items():
            if is_secret_header(name, value.strip()):
                own = f"{self._key}-{name}".lower()
                values["headers"] = {**values["headers"], name: self._hold(own, value, self._url)}
                self._tell((*place, "headers", name), own, name, " (with all that stands before the key)")
        return values

    def _tell(self, place: Path, own: str, name: str, rest: str) -> None:
        variable = re.sub(r"\W+", "_", own, flags=re.ASCII).upper().strip("_")
        variable = f"BYOM_{variable or 'MODEL'}_KEY"
        if self._toml:
            name = dotted((name,))
            by_keyring, by_variable = f'{name} = "keyring:{own}"', f'{name} = "env:{variable}"'
        else:
            by_keyring, by_variable = f'"{name}": "keyring:{own}"', f'"{name}": "env:{variable}"'
        self._warnings.append(
            f"{dotted(place)} is a key itself; it is kept for this session only. Move it: run %byom_key set {own}, "
            f"type it there{rest}, and write {by_keyring}; or set {variable} before the kernel starts, "
            f"and write {by_variable}"
        )

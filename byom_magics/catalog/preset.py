"""What is known of a service before anyone registers a model of it: one preset, and how it is read from a row."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from byom_magics.errors import RegistrationError
from byom_magics.plain import visible

__all__ = ["Preset", "presets_of"]

_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}")
_GAP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Preset:
    """
    What is known of a service.

    Attributes:
        name: What ``--preset`` calls it.
        title: What a person calls it.
        url: Its base URL; words in braces are the person's own (see `gaps`).
        dialect: How it speaks.
        also: Dialects for addresses that end so, such as ``/v1`` of a server whose own dialect is another.
        api_key: The reference of its key by the variable that is usual for it, or None.
        key_header: The header that carries the key; None for the dialect's own.
        key_prefix: What stands before the key there; None for the dialect's own.
        headers: Further headers.
        quirks: How it differs from OpenAI's own service, by the names of `Quirks`.
        region: Where its address is known to run, or None.
        provider: What its models are said to be served by.
        ports: Where a local server of this kind listens unless it was told otherwise.
        aliases: Further names.
        example: An address with the gaps filled in.
        note: What else is worth knowing, or empty.
        verified: Whether a source says its address and its key outright.
        source: The plug-in that it comes from; empty for those of this package.
    """

    name: str
    title: str
    url: str
    dialect: str = "openai_chat"
    also: Mapping[str, str] = field(default_factory=dict)
    api_key: str | None = None
    key_header: str | None = None
    key_prefix: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    quirks: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None
    provider: str | None = None
    ports: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    example: str = ""
    note: str = ""
    verified: bool = True
    source: str = ""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the person has to fill in to have an address."""
        return tuple(_GAP.findall(self.url))

    @property
    def is_local(self) -> bool:
        """Whether it is a server that people run themselves."""
        return bool(self.ports)

    def dialect_at(self, url: str) -> str:
        """How the service speaks at this address."""
        path = "/" + url.partition("?")[0].partition("://")[2].partition("/")[2].rstrip("/")
        return next((dialect for end, dialect in self.also.items() if path.endswith(end)), self.dialect)


def presets_of(rows: object, source: str = "") -> dict[str, Preset]:
    """
    Presets out of a mapping of names to fields, as a TOML file gives it.

    Args:
        rows: The mapping.
        source: What it comes from, for messages; empty for this package's own.

    Raises:
        RegistrationError: A row has a field that is unknown, missing or of the wrong type.
    """
    where = source or "this package"
    if not isinstance(rows, Mapping):
        message = f"The presets of {where} are {type(rows).__name__}, no mapping of names to fields."
        raise RegistrationError(message, hint=f"tell who made {where}")
    return {name: _preset(name, row, source, where) for name, row in rows.items()}


_TEXTS = ("title", "url", "dialect", "api_key", "key_header", "key_prefix", "region", "provider", "example", "note")
_FIELDS = tuple(each.name for each in fields(Preset) if each.name not in ("name", "source"))


def _preset(name: object, row: object, source: str, where: str) -> Preset:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _bad(where, visible(repr(name))[:60], "is no name of a preset", "letters, digits, '-', '_' and '.'")
    if not isinstance(row, Mapping):
        raise _bad(where, name, "is no table of fields", f"a table with {', '.join(_FIELDS[:2])} …")
    for what, value in row.items():
        checked = _CHECKS.get(what)
        if checked is None:
            near = difflib.get_close_matches(str(what), _FIELDS, n=1)
            wanted = f"{near[0]}, perhaps" if near else f"any of {', '.join(_FIELDS)}"
            raise _bad(where, name, f"has an unknown field '{visible(str(what))[:60]}'", wanted)
        is_right, wanted = checked
        if not is_right(value):
            raise _bad(where, name, f"has a {what} that cannot be {visible(repr(value))[:60]}", wanted)
    for what in ("title", "url"):
        if not row.get(what):
            raise _bad(where, name, f"has no {what}", "one")
    lists = {what: tuple(row[what]) for what in ("ports", "aliases") if what in row}
    return Preset(**{"provider": name, **row, **lists}, name=name, source=source)


def _bad(where: str, name: str, problem: str, wanted: str) -> RegistrationError:
    hint = f"give {wanted}; or tell who made {where}"
    return RegistrationError(f"The preset {name} of {where} {problem}.", hint=hint)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value))


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, (*value, *value.values())))


def _is_ports(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(type(port) is int and 0 < port < 65_536 for port in value)


def _is_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) and _NAME.fullmatch(each) for each in value)


_CHECKS: dict[object, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(_TEXTS, (_is_text, "one line of text")),
    "also": (_is_texts, "a table of ends of addresses and dialects"),
    "headers": (_is_texts, "a table of names and texts"),
    "quirks": (_is_mapping, "a table of quirks"),
    "ports": (_is_ports, "a list of numbers of ports"),
    "aliases": (_is_names, "a list of names"),
    "verified": (lambda value: isinstance(value, bool), "true or false"),
}

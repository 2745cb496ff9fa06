"""What a configuration file says, once it is checked: models and endpoints as arguments of a registration, a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from byom_magics.catalog.fields import SECTIONS, Field, nearest
from byom_magics.catalog.kinds import MODEL_KEY, OBJECT, TEXTS, TIMER, Kind, described
from byom_magics.catalog.lines import Path as Place
from byom_magics.catalog.lines import dotted
from byom_magics.catalog.secrets.reference import is_secret_header
from byom_magics.catalog.spec import Policy
from byom_magics.errors import RegistrationError, SecretError
from byom_magics.plain import one_line

__all__ = ["Document", "Findings", "Problem", "checked", "document_of"]

_MOST_TOLD = 20
_RIGHT_WAY = (
    'write where the key is: "env:NAME", "keyring:NAME", "file:PATH", ["command:", "PROGRAM", …] or "ask". '
    "If it was a real key, it now stands in the file: replace it"
)


@dataclass(frozen=True)
class Problem:
    """
    Something that is wrong in a file.

    Attributes:
        place: The path of the field, from the top of the file.
        text: What was wanted, and the next step.
        secret: Whether a key seems to stand there.
        line: The line that it stands on, if that is known.
    """

    place: Place
    text: str
    secret: bool = False
    line: int | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", dotted(self.place)) if part)
        return f"{where}: {self.text}" if where else self.text


class Findings:
    """Problems as they are found; all are counted, and the first ones kept."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = 0
        self.secret = False

    def add(self, place: Place, text: str | Callable[[], str], *, secret: bool = False) -> None:
        """Note a problem; its text is only made if it is kept."""
        self.count += 1
        self.secret |= secret
        if len(self.kept) < _MOST_TOLD:
            self.kept.append(Problem(place, text if isinstance(text, str) else text(), secret))


@dataclass(frozen=True)
class Document:
    """
    A file that was read.

    Attributes:
        source: Its path.
        models: The arguments of each model's registration, by key.
        endpoints: The arguments of each endpoint, by name.
        policy: Its rules, or None.
        default: The key of the model that a bare ``%%byom`` asks, or None.
        warnings: What the person should know, one sentence each.
        locked_models: The keys of the models that nobody else may change.
        locked_endpoints: The names of such endpoints.
        problems: What is wrong in it, the first ones of ``problem_count``.
        problem_count: How many there are.
        guards: Whether it sets rules or locks, as far as can be told: if it is broken, nothing may be called.
        line: Gives the line of a path, where that is known.
    """

    source: str
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    endpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    policy: Policy | None = None
    default: str | None = None
    warnings: tuple[str, ...] = ()
    locked_models: frozenset[str] = frozenset()
    locked_endpoints: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    guards: bool = False
    line: Callable[[Place], int | None] = field(default=lambda _: None, repr=False, compare=False)

    @property
    def error(self) -> RegistrationError | SecretError | None:
        """All that is wrong with the file, as one error; None if nothing is."""
        if not self.problem_count:
            return None
        kind = SecretError if any(each.secret for each in self.problems) else RegistrationError
        if self.problem_count == 1:
            what = f"{self.source}: {self.problems[0]}"
        else:
            more = self.problem_count - len(self.problems)
            lines = [f"  {each}" for each in self.problems] + ([f"  … and {more:,} more"] if more else [])
            what = "\n".join([f"{self.source} has {self.problem_count:,} problems:", *lines])
        hint = "mend the file and load it again; nothing of it was registered"
        return kind(what, hint=f"{_RIGHT_WAY}; then load the file again" if kind is SecretError else hint)

    def failed(self, findings: Findings) -> Document:
        """The same document with further problems."""
        if not findings.count:
            return self
        kept = [replace(each, line=self.line(each.place)) for each in findings.kept]
        kept.sort(key=lambda each: each.line or 0)
        return replace(
            self,
            problems=(*self.problems, *kept)[:_MOST_TOLD],
            problem_count=self.problem_count + findings.count,
        )


def document_of(data: Mapping[str, Any], source: Path, findings: Findings) -> Document:
    """What a file of our own form says; what is wrong goes to ``findings``."""
    top = SECTIONS["top"]
    _unknown(data, top, (), findings)
    default, policy = data.get("default"), data.get("policy")
    if default is not None and not _fits(top["default"], default, ("default",), findings):
        default = None
    endpoints = _named(data, "endpoints", source.parent, findings)
    models = _named(data, "models", source.parent, findings) if not isinstance(data.get("models"), list) else {}
    rules = checked("policy", policy, ("policy",), source.parent, findings) if policy is not None else {}
    return Document(
        source=str(source),
        models={key: _open(table) for key, table in models.items()},
        endpoints={name: _open(table) for name, table in endpoints.items()},
        policy=None if policy is None else Policy(source=str(source), **rules),
        default=default,
        locked_models=frozenset(key for key, table in models.items() if table.get("locked")),
        locked_endpoints=frozenset(name for name, table in endpoints.items() if table.get("locked")),
    )


def checked(section: str, table: object, place: Place, folder: Path, findings: Findings) -> dict[str, Any]:
    """The values of a table of that section, as arguments; what is wrong goes to ``findings`` and is left out."""
    if not isinstance(table, dict):
        findings.add(place, f"wanted a table, not {described(table)}")
        return {}
    fields = SECTIONS[section]
    _unknown(table, fields, place, findings)
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in fields:
            continue
        entry, here = fields[name], (*place, name)
        if isinstance(entry.holds, str):
            values[name] = checked(entry.holds, value, here, folder, findings)
        elif _fits(entry, value, here, findings):
            values[name] = _argument(entry, entry.holds, value, folder)
    if section in ("model", "endpoint"):
        _address(section, table, place, findings)
        for name, text in list(values.get("headers", {}).items()):
            if is_secret_header(name, text.strip()):
                values["headers"] = {each: values["headers"][each] for each in values["headers"] if each != name}
                what = 'this seems to be a key itself; wanted where it is, such as "env:NAME"'
                findings.add((*place, "headers", name), what, secret=True)
    return values


def _named(data: Mapping[str, Any], name: str, folder: Path, findings: Findings) -> dict[str, dict[str, Any]]:
    tables = data.get(name, {})
    section = str(SECTIONS["top"][name].holds)
    if not isinstance(tables, dict):
        findings.add((name,), f"wanted a table of tables, such as [{name}.NAME], not {described(tables)}")
        return {}
    read = {}
    for key, table in tables.items():
        if not MODEL_KEY.fits(key):
            findings.add((name, key), f"a name in {name} is {MODEL_KEY.wanted}")
        else:
            read[key] = checked(section, table, (name, key), folder, findings)
    return read


def _open(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != "locked"}


def _unknown(table: Mapping[str, Any], fields: Mapping[str, Field], place: Place, findings: Findings) -> None:
    for name in table:
        if name not in fields and (place or name != "$schema"):
            findings.add((*place, name), lambda name=name: f"there is no such field; {nearest(name, fields)}")  # type: ignore[misc]


def _fits(entry: Field, value: object, place: Place, findings: Findings) -> bool:
    kind = entry.holds
    if not isinstance(kind, Kind) or kind.fits(value):
        return True
    if kind.secret and isinstance(value, str) and value:
        findings.add(place, f"this is a key itself, or no reference that is known; wanted {kind.wanted}", secret=True)
        return False
    seen = described(value)
    if seen not in kind.wanted:
        findings.add(place, f"wanted {kind.wanted}, not {seen}")
    elif isinstance(value, str):
        findings.add(place, f"wanted {kind.wanted}; this one is empty, too long or has control characters")
    else:
        findings.add(place, f"wanted {kind.wanted}")
    return False


def _argument(entry: Field, kind: Kind, value: Any, folder: Path) -> Any:  # noqa: ANN401 - whatever the field holds
    if entry.path:
        return str(folder / Path(value).expanduser())
    if kind is TIMER and value == "off":
        return None
    if kind.secret and isinstance(value, list):
        return tuple(value)
    if kind.secret and value.startswith("file:") and not value.startswith("file:~"):
        return f"file:{folder / value.removeprefix('file:')}"
    if isinstance(value, list) and kind is not OBJECT:
        return tuple(value)
    return (value,) if kind is TEXTS else value


def _address(section: str, table: Mapping[str, Any], place: Place, findings: Findings) -> None:
    """A model says where it is in one way: what an endpoint carries is not redirected by a model that uses it."""
    if section == "model" and "endpoint" in table:
        for name in SECTIONS["endpoint"]:
            if name in table and name != "locked":
                text = f"this belongs to the endpoint: write it in [endpoints.{one_line(str(table['endpoint']), 60)}]"
                findings.add((*place, name), f"{text}, or leave out endpoint here and describe it whole")
    elif "url" not in table and "preset" not in table:
        ways = 'url = "http://localhost:11434/v1" or preset = "ollama"'
        also = ' or endpoint = "NAME"' if section == "model" else ""
        findings.add(place, f"it does not say where it is: add {ways}{also}")

"""From what a file says to what is registered: endpoints and models, each checked, and what others have locked left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from byom_magics.catalog.document import Document, Findings
from byom_magics.errors import SecretError, SetupError

if TYPE_CHECKING:
    from byom_magics.catalog.registry import Registry
    from byom_magics.catalog.spec import Endpoint, ModelSpec

__all__ = ["Describe", "Entries", "Layer", "entries_of"]

Layer = Literal["site", "user", "project"]
"""Whose file it is: everyone's on this machine, the person's, or that of the folder they work in."""

Describe = Callable[..., "ModelSpec"]
"""Makes a spec of a key and the arguments of a registration; raises what is wrong with them."""


@dataclass(frozen=True)
class Entries:
    """
    What a file brings into a session.

    Attributes:
        document: The file; what was found wrong is added to its problems, and then there are no entries.
        endpoints: The endpoints that it names.
        models: The models.
        notes: What was left out, one sentence each.
    """

    document: Document
    endpoints: tuple[Endpoint, ...] = ()
    models: tuple[ModelSpec, ...] = ()
    notes: tuple[str, ...] = ()


def entries_of(document: Document, registry: Registry, describe: Describe, layer: Layer) -> Entries:
    """
    The endpoints and models of a document; nothing is registered yet.

    Args:
        document: A file without problems.
        registry: What is registered so far, by more important or earlier files.
        describe: Makes a spec.
        layer: Whose file it is: only one for everyone can lock anything.
    """
    reader = _Reader(document, registry, describe, layer)
    endpoints = reader.endpoints()
    models = reader.models(endpoints)
    found = document.failed(reader.findings)
    if found.problem_count:
        return Entries(found)
    return Entries(found, tuple(endpoints.values()), tuple(models), tuple(reader.notes))


class _Reader:
    def __init__(self, document: Document, registry: Registry, describe: Describe, layer: Layer) -> None:
        self._document, self._registry, self._describe = document, registry, describe
        self._locks = layer == "site"
        self.findings = Findings()
        self.notes: list[str] = []
        if not self._locks and (document.locked_models or document.locked_endpoints):
            self.notes.append("locked is only heeded in a file for everyone")

    def endpoints(self) -> dict[str, Endpoint]:
        made: dict[str, Endpoint] = {}
        for name, table in self._document.endpoints.items():
            if self._left("endpoint", name, self._registry.endpoints.get(name)):
                continue
            spec = self._made(("endpoints", name), name, table, locked=name in self._document.locked_endpoints)
            if spec is not None:
                made[name] = replace(spec.endpoint, name=name)
        return made

    def models(self, endpoints: Mapping[str, Endpoint]) -> list[ModelSpec]:
        made = []
        for key, table in self._document.models.items():
            if self._left("model", key, self._registry.get(key) if key in self._registry else None):
                continue
            place: tuple[str, ...] = ("models", key)
            name, arguments = table.get("endpoint"), dict(table)
            if name is None:
                if self._taken(key, endpoints, place):
                    continue
            elif name in endpoints:
                arguments["endpoint"] = endpoints[name]
            else:
                place = (*place, "endpoint")
            spec = self._made(place, key, arguments, locked=key in self._document.locked_models)
            if spec is not None:
                made.append(spec)
        return made

    def _left(self, what: str, name: str, now: ModelSpec | Endpoint | None) -> bool:
        """Whether another file has locked it; that is no fault of this one."""
        if now is None or not now.locked or now.locked == self._document.source:
            return False
        self.notes.append(f"the {what} {name} is left as it is: {now.locked} locks it")
        return True

    def _taken(self, key: str, endpoints: Mapping[str, Endpoint], place: tuple[str, ...]) -> bool:
        """Whether the endpoint that a model brings along would take the place of another one."""
        there = self._registry.endpoints.get(key)
        others = [each for each in self._registry.served_at(key) if each != key]
        if key not in endpoints and (there is None or self._registry.served_at(key) == (key,)):
            return False
        if there is not None and there.locked and self._left("endpoint", key, there):
            return True
        serves = f" and serves {', '.join(others[:3])}" if others else ""
        self.findings.add(place, f"there is an endpoint '{key}'{serves} already: add endpoint, or choose another key")
        return True

    def _made(
        self, place: tuple[str, ...], key: str, arguments: Mapping[str, Any], *, locked: bool
    ) -> ModelSpec | None:
        source = self._document.source
        try:
            return self._describe(key, **arguments, source=source, locked=source if locked and self._locks else "")
        except SetupError as problem:
            text = " ".join(part for part in (problem.what, f"Next: {problem.hint}" if problem.hint else "") if part)
            self.findings.add(place, text, secret=isinstance(problem, SecretError))
            return None

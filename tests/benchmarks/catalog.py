"""What a crowd of models costs: registering them, reading them from a file, and finding one in the picker."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics import finding
from byom_magics.catalog.found import Found
from byom_magics.catalog.spec import Listed
from byom_magics.session import Session
from byom_magics.widgets.picker import Picker
from tests.benchmarks.figures import Figure, at_most, note, show, spread

if TYPE_CHECKING:
    from byom_magics.catalog.registry import Registry

__all__ = ["TITLE", "measure"]

_CROWD = 5_000
_TYPED = "provider model-4321 reason"
TITLE = f"The catalog: {_CROWD:,} models"


def measure(rounds: int = 5) -> list[Figure]:
    """
    Register a crowd in each way that there is, and look through it.

    Args:
        rounds: How often; the figure is the median.
    """
    alone = [_took(lambda: _register(Session(), preset=None)) for _ in range(rounds)]
    preset = [_took(lambda: _register(Session(), preset="openrouter")) for _ in range(rounds)]
    shared = [_took(lambda: _register_at_one_endpoint(Session())) for _ in range(rounds)]
    found = [_discovered() for _ in range(rounds)]
    toml, as_json, listed = (_files(text, name, rounds) for text, name in _texts())
    typed, opened = zip(*(_typing(session) for session in [_crowd()] * rounds), strict=True)
    keys = [statistics.median(strokes) for strokes in zip(*typed, strict=True)]
    return [
        at_most("registering, each at an endpoint of its own", statistics.median(alone), 0.5, "s"),
        at_most("registering, each by a preset", statistics.median(preset), 0.5, "s"),
        at_most("registering, all at one endpoint", statistics.median(shared), 0.5, "s"),
        at_most("registering as many that were discovered beside them", statistics.median(found), 0.5, "s"),
        at_most("the picker, a key stroke: the slowest", max(keys), 50, "ms"),
        note("  registering, each at its own, s", spread(alone)),
        note("  registering, each by a preset, s", spread(preset)),
        note("  registering, all at one endpoint, s", spread(shared)),
        note("  registering what was discovered, s", spread(found)),
        note("  the picker, a key stroke, ms", spread(keys, ".1f")),
        note("  the picker, opening it, ms", spread(opened, ".0f")),
        note("  byom.toml, s", spread(toml)),
        note("  JSON of the same shape, s", spread(as_json)),
        note("  JSON of the list form, s", spread(listed)),
    ]


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _description(number: int) -> dict[str, Any]:
    return {
        "model": f"provider-{number % 40}/model-{number}",
        "name": f"Model {number}",
        "description": "A model of a long list, with a sentence on what it is for.",
        "context_window": 128_000,
        "capabilities": {"tools": True, "reasoning": number % 2 == 0},
        "tags": ("chat", f"family-{number % 100}"),
    }


def _register(session: Session, preset: str | None) -> Registry:
    where: dict[str, Any] = {"preset": preset} if preset else {"api_key": "env:BYOM_BENCHMARK_KEY"}
    for number in range(_CROWD):
        url = None if preset else f"https://llm-{number % 50}.example.com/v1"
        session.register(f"m{number}", url=url, **where, **_description(number))
    return session.models


def _register_at_one_endpoint(session: Session) -> Registry:
    session.register("first", url="https://llm.example.com/v1", endpoint="company", api_key="env:BYOM_BENCHMARK_KEY")
    for number in range(_CROWD):
        session.register(f"m{number}", endpoint="company", **_description(number))
    return session.models


def _discovered() -> float:
    session = Session()
    _register(session, preset=None)
    offers = [Listed(f"m{number}", name=f"Model {number}") for number in range(_CROWD)]
    server = Found("", "A server", "https://other.example.com/v1", models=tuple(offers))
    return _took(lambda: finding.register(session, server, offers, replaces=False, address={}))


def _crowd() -> Session:
    session = Session()
    _register(session, preset=None)
    return session


def _typing(session: Session) -> tuple[list[float], float]:
    waiting: list[Callable[[], None]] = []
    began = time.perf_counter()
    picker = Picker(session, waiting.append)
    opening = (time.perf_counter() - began) * 1000
    search = picker.box.children[1].children[0]
    taken = []
    for typed in [*(_TYPED[: end + 1] for end in range(len(_TYPED))), *(_TYPED[:end] for end in range(5, -1, -1))]:
        began = time.perf_counter()
        search.value = typed
        while waiting:
            waiting.pop()()
        taken.append((time.perf_counter() - began) * 1000)
    picker.close()
    return taken, opening


def _texts() -> list[tuple[str, str]]:
    described = {f"m{number}": {**_description(number), "endpoint": "company"} for number in range(_CROWD)}
    for each in described.values():
        each["capabilities"] = {name: bool(value) for name, value in each["capabilities"].items()}
    company = {"url": "https://llm.example.com/v1", "api_key": "env:BYOM_BENCHMARK_KEY"}
    tables = "".join(
        f"[models.{key}]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in each.items())
        for key, each in described.items()
    )
    head = "[endpoints.company]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in company.items())
    listed = [
        {"key": f"m{number}", "name": f"Model {number}", "baseURL": "https://llm.example.com/v1", "modelName": "large"}
        for number in range(_CROWD)
    ]
    return [
        (head + tables, "byom.toml"),
        (json.dumps({"endpoints": {"company": company}, "models": described}), "byom.json"),
        (json.dumps({"models": listed}), "list.json"),
    ]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def _files(text: str, name: str, rounds: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return [_took(lambda: _loaded(path)) for _ in range(rounds)]


def _loaded(path: Path) -> None:
    session = Session()
    session.layers.load(path)
    if len(session.models) != _CROWD:
        message = f"{len(session.models)} of {_CROWD} models came of {os.fspath(path)}"
        raise AssertionError(message)


if __name__ == "__main__":
    show(TITLE, measure())

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byom_magics.catalog.document import Document, Findings, document_of
from byom_magics.catalog.entries import Entries, entries_of
from byom_magics.session import Session

URL = "http://localhost:1/v1"
SOURCE = Path("/etc/here/byom.toml").absolute()


def brought(data: dict[str, Any], session: Session | None = None, layer: Any = "user") -> Entries:
    findings = Findings()
    document: Document = document_of(data, SOURCE, findings)
    assert not findings.count
    session = session or Session()
    return entries_of(document, session.models, session.described, layer)


def test_models_and_endpoints_know_the_file_that_they_come_from() -> None:
    data = {"endpoints": {"e": {"url": URL}}, "models": {"a": {"endpoint": "e"}, "b": {"url": URL}}}
    entries = brought(data)
    assert [each.name for each in entries.endpoints] == ["e"]
    a, b = entries.models
    assert a.endpoint is entries.endpoints[0]
    assert b.endpoint.name == "b"
    assert {a.source, b.source, a.endpoint.source, b.endpoint.source} == {str(SOURCE)}


def test_nothing_is_registered_yet() -> None:
    session = Session()
    brought({"endpoints": {"e": {"url": URL}}, "models": {"a": {"endpoint": "e"}}}, session)
    assert not session.models
    assert not session.models.endpoints


def test_an_endpoint_of_a_preset_is_made_of_it() -> None:
    entries = brought({"endpoints": {"e": {"preset": "anthropic"}}, "models": {"a": {"endpoint": "e"}}})
    (spec,) = entries.models
    assert (spec.endpoint.preset, spec.dialect, spec.api_key) == ("anthropic", "anthropic", "env:ANTHROPIC_API_KEY")


@pytest.mark.parametrize(("layer", "locked"), [("site", str(SOURCE)), ("user", ""), ("project", "")])
def test_only_a_file_for_everyone_locks(layer: str, locked: str) -> None:
    data = {"endpoints": {"e": {"url": URL, "locked": True}}, "models": {"a": {"endpoint": "e", "locked": True}}}
    entries = brought(data, layer=layer)
    assert (entries.models[0].locked, entries.endpoints[0].locked) == (locked, locked)
    assert bool(entries.notes) == (not locked)


def test_a_model_of_an_endpoint_that_is_registered_is_served_there() -> None:
    session = Session()
    session.register("first", url="https://e.example.com/v1", endpoint="e", api_key="env:E")
    (spec,) = brought({"models": {"a": {"endpoint": "e"}}}, session).models
    assert spec.endpoint == session.models.endpoints["e"]


def test_what_the_registration_refuses_is_a_problem_of_the_entry_and_nothing_is_brought() -> None:
    entries = brought({"models": {"a": {"url": URL}, "b": {"url": "ftp://x"}, "c": {"endpoint": "none"}}})
    assert entries.models == ()
    b, c = entries.document.problems
    assert str(b).startswith("models.b: The address has the scheme 'ftp'")
    assert str(c).startswith("models.c.endpoint: No endpoint 'none' is registered.")


def test_a_model_does_not_take_the_name_of_an_endpoint_that_serves_others() -> None:
    entries = brought({"endpoints": {"a": {"url": URL}}, "models": {"a": {"url": URL}, "b": {"endpoint": "a"}}})
    (problem,) = entries.document.problems
    assert str(problem).startswith("models.a: there is an endpoint 'a' already")

"""What servers send that no reader expects."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest

from byom_magics.events import (
    Ended,
    Event,
    Opened,
    ReasoningDelta,
    Reclassified,
    Signature,
    State,
    TextDelta,
    TokenLogprobs,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.testing.hostile import DOCUMENTS, VALUES, mutated, oddity


def test_every_place_is_given_every_wrong_value_and_is_left_out_once() -> None:
    found = [json.loads(each) for each in mutated({"a": [1, {"b": "c"}]}) if len(each) < 2000]
    for value in VALUES:
        assert value in found
        assert {"a": value} in found
        assert {"a": [value, {"b": "c"}]} in found
        assert {"a": [1, {"b": value}]} in found
    for shorter in ({}, {"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1, {}]}):
        assert shorter in found


def test_every_place_is_nested_deep() -> None:
    deep = [each for each in mutated({"a": 1}) if len(each) > 100_000]
    assert b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}" in deep
    assert any(len(document) >= 100_000 for document in DOCUMENTS)


def test_what_is_given_is_not_changed() -> None:
    document = {"a": [1, {"b": "c"}]}
    assert list(mutated(document))
    assert document == {"a": [1, {"b": "c"}]}


@pytest.mark.parametrize(
    "event",
    [
        TextDelta("x"),
        ReasoningDelta("ü"),
        ToolCallDelta(0, "id", "name", "{}"),
        ToolCallDelta(3),
        Opened(),
        Opened("m", "r", "f"),
        UsageReport(Usage(1, 2, 3, 0, None)),
        Signature({}),
        Reclassified(),
        TokenLogprobs(()),
    ],
)
def test_events_as_they_should_be_are_fine(event: Event) -> None:
    assert oddity(event) is None


@pytest.mark.parametrize(
    "event",
    [
        TextDelta("\ud800"),
        TextDelta(1),  # type: ignore[arg-type]
        ReasoningDelta(None),  # type: ignore[arg-type]
        ToolCallDelta(-1),
        ToolCallDelta(True),
        ToolCallDelta("0"),  # type: ignore[arg-type]
        ToolCallDelta(2**60),
        ToolCallDelta(0, ["id"], "name"),  # type: ignore[arg-type]
        ToolCallDelta(0, "id", "name", {}),  # type: ignore[arg-type]
        Opened(7),  # type: ignore[arg-type]
        UsageReport(Usage(-1)),
        UsageReport(Usage(None, 10**400)),
        UsageReport(Usage(1.5)),  # type: ignore[arg-type]
        Signature(MappingProxyType({})),
        Ended(State.COMPLETE),
    ],
)
def test_events_with_something_else_in_them_are_odd(event: Event) -> None:
    assert oddity(event)

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import jsonschema
import pytest

from byom_magics.catalog import kinds
from byom_magics.catalog.fields import SECTIONS
from byom_magics.catalog.kinds import Kind

KINDS = {
    entry.holds.wanted: entry.holds
    for fields in SECTIONS.values()
    for entry in fields.values()
    if isinstance(entry.holds, Kind)
}
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1023, 1024, 70000, 0.5, -0.5, 1.5, 10**400,
    "", " ", "a", "a b", " a ", "a\nb", "a\x00", "a\x7f", "off", "on", "1.2", "1.3", "1.1", "USD", "usd", "USDX",
    "env:NAME", "env:1", "env:", "keyring:a", "keyring:", "keyring:a b", "file:a b", "file: ", "command:a b",
    "command:", "ask", "ASK", "session:a", "sk-0123456789", "10.0.0.0/8", "text", "parts", "none", "user",
    [], [""], ["a"], ["a", 1], [["a"]], ["10.0.0.0/8"], ["::1"], ["x"], [443], [0], [65536], [True],
    ["command:"], ["command:", "vault"], ["command:", 1], ["vault", "read"],
    {}, {"a": "b"}, {"a": 1}, {"a": None}, {"a": {"b": [1, None]}}, "x" * 100_001,
)  # fmt: skip


@pytest.mark.parametrize("wanted", KINDS)
def test_a_kind_and_its_json_schema_take_the_same_values(wanted: str) -> None:
    kind = KINDS[wanted]
    schema = jsonschema.Draft202012Validator(kind.schema)
    differ = [value for value in VALUES if kind.fits(value) != schema.is_valid(value)]
    assert not differ


@pytest.mark.parametrize("wanted", KINDS)
def test_a_kind_takes_something_and_refuses_something(wanted: str) -> None:
    taken = [KINDS[wanted].fits(value) for value in VALUES]
    assert any(taken)
    assert not all(taken)


@pytest.mark.parametrize("value", [math.nan, math.inf, dt.date(2026, 1, 1), dt.time(1)])
def test_no_kind_takes_what_json_cannot_say(value: object) -> None:
    assert not any(kind.fits(value) or kind.fits([value]) or kind.fits({"a": value}) for kind in KINDS.values())


def test_an_object_is_not_deeper_than_a_person_writes() -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"a": deep}
    assert not kinds.OBJECT.fits(deep)


def test_a_network_is_one_for_python_too() -> None:
    assert kinds.NETWORKS.fits(["10.1.2.3/8", "fe80::/10"])
    assert not kinds.NETWORKS.fits(["10.0.0.0/33"])


def test_what_a_value_is_says_nothing_of_what_it_holds() -> None:
    values: tuple[object, ...] = ({}, [], "sk-1", 7, 7.5, True, None, dt.date(2026, 1, 1))
    words = [kinds.described(value) for value in values]
    assert words == [
        "a table", "a list", "a text", "a whole number", "a number", "true or false", "nothing", "a date or a time",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["env:NAME\n", "USD\n", "10.0.0.0/8\n", "a\n"])
def test_a_line_end_is_part_of_a_value(text: str) -> None:
    # Python's own reader of JSON Schema overlooks one at the very end, as its regular expressions do.
    lines = [kind for kind in KINDS.values() if "string" in str(kind.schema) and "pattern" in str(kind.schema)]
    assert lines
    assert not any(kind.fits(text) or kind.fits([text]) for kind in lines)

"""What stands at a place in a server's JSON."""

from __future__ import annotations

import json

import pytest

from byom_magics.wire.dialects.values import arguments_of, as_json, count_of, list_of, mapping_of, object_of, text_of

ODD: tuple[object, ...] = (None, True, False, -1, 1.5, 10**400, "", [], {})


@pytest.mark.parametrize("value", ODD)
def test_what_is_no_text_and_no_count_is_none(value: object) -> None:
    assert text_of(value) is None
    assert count_of(value) is None


@pytest.mark.parametrize("value", [None, True, 1, "x"])
def test_what_is_no_object_and_no_list_is_empty(value: object) -> None:
    assert mapping_of(value) == {}
    assert list_of(value) == []


def test_what_belongs_there_is_given_as_it_is() -> None:
    assert (text_of("x"), count_of(0), count_of(7)) == ("x", 0, 7)
    assert (mapping_of({"a": 1}), list_of([1])) == ({"a": 1}, [1])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"city": "Oslo"}', {"city": "Oslo"}),
        ("{}", {}),
        ("[1]", {"it": [1]}),
        ('{"city": ', {"it": '{"city": '}),
        ("", {"it": ""}),
        ("[" * 100_000, {"it": "[" * 100_000}),
        ("NaN", {"it": "NaN"}),
        ('{"a": Infinity}', {"it": '{"a": Infinity}'}),
        ('{"a": 1e999}', {"it": '{"a": 1e999}'}),
        ("9" * 5000, {"it": "9" * 5000}),
        ("[" * 101 + "]" * 101, {"it": "[" * 101 + "]" * 101}),
        ('{"a": ' + "[" * 90 + "]" * 90 + "}", {"a": json.loads("[" * 90 + "]" * 90)}),
    ],
)
def test_a_text_that_has_to_be_an_object_becomes_one(text: str, found: object) -> None:
    assert object_of(text, "it") == found


def test_arguments_are_written_as_json_again_in_their_own_letters() -> None:
    assert as_json({"city": "Köln"}) == '{"city": "Köln"}'


def test_what_is_nested_too_deep_is_an_empty_object() -> None:
    value: object = 1
    for _ in range(50_000):
        value = [value]
    assert as_json(value) == "{}"
    while isinstance(value, list):  # so that it is not taken apart by recursion
        value = value.pop()


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('{"city":  "Oslo"}', '{"city":  "Oslo"}'),
        (' {"a": 1.50}\n', ' {"a": 1.50}\n'),
        ("", "{}"),
        ("  ", "{}"),
        ("[1]", '{"arguments": [1]}'),
        ("7", '{"arguments": 7}'),
        ('{"city": ', '{"arguments": "{\\"city\\": "}'),
        ('{"a": NaN}', '{"arguments": "{\\"a\\": NaN}"}'),
    ],
)
def test_arguments_go_back_as_they_were_written_if_they_are_an_object(written: str, sent: str) -> None:
    assert arguments_of(written) == sent
    assert isinstance(json.loads(arguments_of(written)), dict)

"""A person's own functions between us and the server."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.events import Event, TextDelta
from byom_magics.wire.dialects.openai_chat import Reader
from byom_magics.wire.payload import MalformedPayloadError
from byom_magics.wire.transforming import reading, transformed
from tests.wire.answers import payload


def test_what_a_transformer_makes_is_taken_and_the_original_stays_as_it_was() -> None:
    value: dict[str, Any] = {"a": {"b": 1}}

    def change(body: dict[str, Any]) -> OrderedDict[str, Any]:
        body["a"]["b"] = 2
        return OrderedDict(body, c=3)

    assert transformed(change, value, "request_transformer") == {"a": {"b": 2}, "c": 3}
    assert value == {"a": {"b": 1}}


def test_what_goes_wrong_in_a_transformer_is_told_with_its_name() -> None:
    def clumsy(body: dict[str, Any]) -> dict[str, Any]:
        return {"x": body["missing"]}

    with pytest.raises(OptionError, match=r"request_transformer '.*clumsy' failed with KeyError: 'missing'") as caught:
        transformed(clumsy, {}, "request_transformer")
    assert caught.value.hint


@pytest.mark.parametrize("nothing", [None, 7, "text", [("a", 1)]])
def test_what_is_no_mapping_is_told(nothing: Any) -> None:
    with pytest.raises(OptionError, match=f"gave {type(nothing).__name__} instead of a mapping"):
        transformed(lambda _: nothing, {}, "response_transformer")


def test_an_interrupt_in_a_transformer_stays_one() -> None:
    def interrupted(_: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transformed(interrupted, {}, "request_transformer")


def test_chunks_pass_the_transformer_and_end_marks_and_errors_do_not() -> None:
    seen: list[dict[str, Any]] = []

    def shout(chunk: dict[str, Any]) -> dict[str, Any]:
        seen.append(chunk)
        return payload("HELLO")

    reader, out = Reader(), list[Event]()
    read = reading(reader, shout)
    read("message", b'{"said": "hello"}', out)
    read("message", b"[DONE]", out)
    assert (seen, reader.ended) == ([{"said": "hello"}], True)
    reader.flush(out)
    assert TextDelta("HELLO") in out
    read("message", b'{"error": {"message": "cold"}}', out)
    assert (len(seen), str(reader.refusal)) == (1, "cold")
    with pytest.raises(MalformedPayloadError):
        read("message", b"{", out)

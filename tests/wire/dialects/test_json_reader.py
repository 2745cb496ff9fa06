from __future__ import annotations

import pytest

from byom_magics.events import Event, TextDelta
from byom_magics.wire.dialects.json_reader import JsonReader
from byom_magics.wire.payload import MalformedPayloadError


class Echo(JsonReader):
    """Gives out each chunk as text."""

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        self._prose.answer(f"{event} {chunk}", out)


def read(*events: bytes) -> tuple[Echo, str]:
    reader, out = Echo(), list[Event]()
    for data in events:
        if not reader.read_plain(data, out):
            reader.read("message", data, out)
    reader.flush(out)
    return reader, "|".join(event.text for event in out if isinstance(event, TextDelta))


def test_each_event_is_parsed_and_read() -> None:
    reader, text = read(b'{"a": 1}', b"null")
    assert text == "message {'a': 1}|message None"
    assert (reader.ended, reader.warnings()) == (False, ())


@pytest.mark.parametrize("mark", [b"[DONE]", b" [DONE]\r", b'"[DONE]"'])
def test_the_mark_that_gateways_end_with_is_the_end(mark: bytes) -> None:
    reader, text = read(mark)
    assert (reader.ended, text) == (True, "")


@pytest.mark.parametrize("data", [b"", b" \t"])
def test_an_event_without_data_is_nothing(data: bytes) -> None:
    reader, text = read(data)
    assert (reader.ended, text) == (False, "")


@pytest.mark.parametrize("data", [b"[DONE", b"{", b"[DONE] more"])
def test_what_is_no_json_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(MalformedPayloadError):
        read(data)


def test_what_is_odd_about_the_bytes_is_counted_and_what_is_held_back_comes_at_the_end() -> None:
    reader, text = read(b'{"a": "\xff"}', b'"\\ud83d"')
    assert text.replace("|", "").endswith("message \ufffd")
    assert len(reader.warnings()) == 2

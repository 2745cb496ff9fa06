"""An answer is played to a dialect's reader as the wire plays it."""

from __future__ import annotations

from typing import Literal

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
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.testing import Case, Outcome, play
from byom_magics.testing.playing import decoder_of
from byom_magics.wire import ndjson, sse
from byom_magics.wire.payload import MalformedPayloadError
from tests.testing.toy import ToyDialect, ToyReader

HELLO = b'data: {"say": "Hello "}\n\ndata: {"say": "world"}\n\ndata: {"end": "done"}\n\n'


class ToyLines(ToyDialect):
    framing: Literal["sse", "ndjson"] = "ndjson"


def outcome(*events: Event) -> Outcome:
    return Outcome(events, Ended(State.COMPLETE))


def test_a_stream_is_read_to_its_end() -> None:
    found = play(ToyDialect(), Case("hello", HELLO))
    assert (found.text, found.state, found.ended.finish_reason) == ("Hello world", "complete", "done")


def test_a_stream_arrives_in_the_pieces_that_are_given() -> None:
    assert play(ToyDialect(), Case("hello", HELLO), [HELLO[:30]]).text == "Hello "


def test_lines_of_json_are_framed_by_lines_and_the_last_may_lack_its_end() -> None:
    found = play(ToyLines(), Case("hello", b'{"say": "Hello"}\n{"end": "done"}'))
    assert (found.text, found.state) == ("Hello", "complete")
    assert isinstance(decoder_of(ToyLines()), ndjson.Decoder)
    assert isinstance(decoder_of(ToyDialect()), sse.Decoder)


def test_what_comes_behind_the_end_is_not_read() -> None:
    found = play(ToyDialect(), Case("over", b'data: {"over": 1}\n\n' + HELLO))
    assert (found.text, found.state) == ("", "complete")


@pytest.mark.parametrize(
    ("case", "state"),
    [
        (Case("a", b'data: {"say": "x"}\n\n'), "incomplete(eof)"),
        (Case("b", b": nothing\n\n"), "incomplete(empty)"),
        (Case("c", b'data: {"error": "no"}\n\n'), "error(in_band)"),
        (Case("d", b'{"error": "no"}', status=500), "error(http)"),
        (Case("e", b'{"odd": 1}', streamed=False), "error(in_band)"),
        (Case("f", b'{"say": "x"}', streamed=False), "complete"),
    ],
)
def test_the_state_is_that_of_a_call(case: Case, state: str) -> None:
    assert play(ToyDialect(), case).state == state


def test_what_is_not_json_is_raised() -> None:
    with pytest.raises(MalformedPayloadError):
        play(ToyDialect(), Case("broken", b"data: {\n\n"))


def test_read_plain_reads_what_it_can_unless_it_is_told_not_to() -> None:
    class Quick(ToyReader):
        def read_plain(self, data: bytes, out: list[Event]) -> bool:
            out.append(TextDelta("quick "))
            return True

    class Dialect(ToyDialect):
        def reader(self) -> ToyReader:
            return Quick()

    assert "quick" in play(Dialect(), Case("hello", HELLO)).text
    assert play(Dialect(), Case("hello", HELLO), quickly=False).text == "Hello world"


def test_pieces_of_tool_calls_are_joined_by_their_index() -> None:
    found = outcome(
        ToolCallDelta(1, "b", "second", "{"),
        ToolCallDelta(0, "a", "first"),
        ToolCallDelta(1, None, None, "}"),
    )
    assert found.tool_calls == (ToolCall("a", "first", ""), ToolCall("b", "second", "{}"))


def test_text_that_turns_out_to_be_reasoning_is_counted_as_such() -> None:
    found = outcome(ReasoningDelta("a"), TextDelta("b"), Reclassified(), TextDelta("c"))
    assert (found.text, found.reasoning) == ("c", "ab")


def test_the_last_count_holds_and_so_does_the_first_name() -> None:
    found = outcome(Opened(), Opened("m"), UsageReport(Usage(1)), Signature({"a": 1}), UsageReport(Usage(2)))
    assert (found.usage, found.served_model, found.signatures) == (Usage(2), "m", ({"a": 1},))

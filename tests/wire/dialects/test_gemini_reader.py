"""The reader of Gemini's answers, part by part."""

from __future__ import annotations

from typing import Any

import pytest

from byom_magics.events import (
    Event,
    ImageMade,
    Opened,
    ReasoningDelta,
    Signature,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.messages import Image
from byom_magics.wire.dialects.gemini_reader import Reader
from tests.wire.asking import ask
from tests.wire.dialects.dots import GIF, PNG, encoded
from tests.wire.raw_server import RawServer


def read(*chunks: Any, event: str = "message") -> tuple[Reader, list[Event]]:
    reader, out = Reader(), list[Event]()
    for chunk in chunks:
        reader.read_chunk(chunk, event, out)
    return reader, out


def parts(*given: object) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(given)}}]}


def counted(**metadata: Any) -> list[Event]:
    return read({"usageMetadata": metadata})[1]


def test_a_signature_of_text_names_the_characters_that_it_signs() -> None:
    _, out = read(parts({"text": "Hello "}), parts({"text": "wörld", "thoughtSignature": "s"}))
    assert out[-1] == Signature({"gemini": {"text": [6, 11], "thoughtSignature": "s"}})


def test_a_signature_of_a_call_names_its_place() -> None:
    first = {"functionCall": {"name": "a"}}
    _, out = read(parts(first, {"functionCall": {"name": "b"}, "thoughtSignature": "s"}))
    assert out[-1] == Signature({"gemini": {"call": 1, "thoughtSignature": "s"}})


def test_a_signature_of_a_thought_has_the_thought_with_it() -> None:
    _, out = read(parts({"text": "Hm.", "thought": True, "thoughtSignature": "s"}))
    assert out == [ReasoningDelta("Hm."), Signature({"gemini": {"thought": "Hm.", "thoughtSignature": "s"}})]


def test_a_signature_may_come_alone() -> None:
    _, out = read(parts({"thoughtSignature": "s"}))
    assert out == [Signature({"gemini": {"thoughtSignature": "s"}})]


def test_calls_are_told_apart_also_when_they_come_in_different_events() -> None:
    call = parts({"functionCall": {"name": "look", "args": {"at": "ü"}}})
    reader, out = read(call, call)
    assert out == [
        ToolCallDelta(0, "byom_call_0", "look", '{"at": "ü"}'),
        ToolCallDelta(1, "byom_call_1", "look", '{"at": "ü"}'),
    ]
    assert reader.tools


def test_a_call_of_nothing_is_none() -> None:
    assert read(parts({"functionCall": {}}, {"functionCall": {"args": {}}}))[1] == []


def test_other_candidates_than_the_first_are_left_out() -> None:
    chunk = {
        "candidates": [
            {"index": 1, "content": {"parts": [{"text": "B"}]}, "finishReason": "OTHER"},
            {"index": 0, "content": {"parts": [{"text": "A"}]}},
        ]
    }
    reader, out = read(chunk)
    assert (out, reader.finish_reason) == ([TextDelta("A")], None)


def test_the_first_finish_reason_holds() -> None:
    reader, _ = read({"candidates": [{"finishReason": "SAFETY"}]}, {"candidates": [{"finishReason": "STOP"}]})
    assert reader.finish_reason == "SAFETY"


def test_counts_are_given_out_when_they_change() -> None:
    one = {"usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 1}}
    two = {"usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}}
    _, out = read(one, one, two, two)
    assert out == [UsageReport(Usage(1, None, 1)), UsageReport(Usage(1, 1, 2))]


def test_thoughts_are_output_beside_the_candidates() -> None:
    found = counted(promptTokenCount=9, candidatesTokenCount=2, thoughtsTokenCount=30, totalTokenCount=41)
    assert found == [UsageReport(Usage(9, 32, 41, None, 30))]
    assert counted(promptTokenCount=9, thoughtsTokenCount=30) == [UsageReport(Usage(9, 30, None, None, 30))]


def test_thoughts_that_the_total_has_no_room_for_are_among_the_candidates() -> None:
    found = counted(promptTokenCount=9, candidatesTokenCount=32, thoughtsTokenCount=30, totalTokenCount=41)
    assert found == [UsageReport(Usage(9, 32, 41, None, 30))]


def test_what_tools_of_the_service_put_into_the_prompt_is_input() -> None:
    found = counted(promptTokenCount=9, toolUsePromptTokenCount=100, candidatesTokenCount=2, totalTokenCount=111)
    assert found == [UsageReport(Usage(109, 2, 111))]


def test_counts_that_say_nothing_are_none() -> None:
    assert counted(trafficType="ON_DEMAND") == []


def test_a_stream_that_a_proxy_made_a_list_is_read_all_the_same() -> None:
    reader, out = read([parts({"text": "A"}), parts({"text": "B"}), {"candidates": [{"finishReason": "STOP"}]}])
    assert (out, reader.finish_reason) == ([TextDelta("A"), TextDelta("B")], "STOP")


def test_nothing_is_read_behind_an_error_in_a_list() -> None:
    reader, out = read([{"error": {"message": "no"}}, parts({"text": "A"})])
    assert out == []
    assert reader.refusal is not None


@pytest.mark.parametrize("chunk", ["gone", {"message": "gone"}, {"error": "gone"}])
def test_an_event_that_is_called_an_error_is_one(chunk: object) -> None:
    reader, _ = read(chunk, event="error")
    assert reader.refusal is not None
    assert reader.refusal.message == "gone"


def test_names_are_told_once() -> None:
    named = {"modelVersion": "m", "responseId": "r"}
    assert read({}, named, named)[1] == [Opened("m", "r")]


def test_parts_that_are_neither_text_nor_image_are_counted_and_said() -> None:
    reader, _ = read(parts({"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}))
    assert reader.content
    assert reader.warnings() == ("1 part that is neither text nor image came with the answer, and not shown",)


def test_an_image_that_is_only_an_address_is_named() -> None:
    reader, out = read(parts({"fileData": {"mimeType": "image/png", "fileUri": "https://files.test/1"}}))
    assert (reader.content, out) == (True, [])
    assert reader.warnings() == ("an image came as an address, which is not fetched: https://files.test/1",)


def test_sketches_of_an_image_are_no_images() -> None:
    sketch = {"inlineData": {"mimeType": "image/png", "data": encoded(GIF)}, "thought": True}
    _, out = read(parts(sketch, {"inlineData": {"mimeType": "image/png", "data": encoded(PNG)}}))
    assert out == [ImageMade(Image(PNG))]


def test_a_finish_reason_that_is_spelt_out_as_none_is_none() -> None:
    reader, _ = read({"candidates": [{"finishReason": "FINISH_REASON_UNSPECIFIED"}]})
    assert reader.finish_reason is None


def test_a_surrogate_pair_that_was_cut_in_two_is_joined_and_counted_right() -> None:
    reader, out = read(parts({"text": "a\ud83d"}), parts({"text": "\udc4b", "thoughtSignature": "s"}))
    reader.flush(out)
    assert out == [TextDelta("a"), TextDelta("👋"), Signature({"gemini": {"text": [1, 2], "thoughtSignature": "s"}})]


def test_half_a_pair_at_the_end_is_replaced_and_said() -> None:
    reader, out = read(parts({"text": "a\ud83d"}))
    reader.flush(out)
    assert out == [TextDelta("a"), TextDelta("\ufffd")]
    assert reader.warnings() == ("1 lone surrogates are shown as \ufffd",)


def test_the_end_mark_of_others_is_understood() -> None:
    reader = Reader()
    reader.read("message", b"[DONE]", [])
    assert reader.ended


def test_what_has_no_candidates_is_no_answer() -> None:
    assert not Reader().read_whole({"detail": "Not Found"}, [])
    assert not Reader().read_whole({"error": {"message": "x"}, "candidates": [{}]}, [])
    assert Reader().read_whole({"promptFeedback": {"blockReason": "SAFETY"}}, [])


def test_an_answer_over_a_real_connection_ends_with_it() -> None:
    body = (
        b'data: {"candidates":[{"content":{"parts":[{"text":"Hello"}]}}],"modelVersion":"g-1"}\r\n\r\n'
        b'data: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"totalTokenCount":1}}\r\n\r\n'
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    with RawServer([head + body]) as where:
        reply = ask(where, dialect="gemini").reply
    assert (reply.text, reply.state_text, reply.served_model) == ("Hello", "complete", "g-1")

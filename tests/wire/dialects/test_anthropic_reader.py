"""The reader of Anthropic's messages: odd orders of blocks, and recorded answers of servers that imitate it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from byom_magics.events import Event, Opened, ReasoningDelta, Signature, TextDelta, ToolCallDelta, Usage
from byom_magics.testing import Case, play
from byom_magics.wire.dialects.anthropic import DIALECT
from byom_magics.wire.dialects.anthropic_reader import Reader
from tests.wire.asking import ask
from tests.wire.raw_server import Peer, RawServer

FOLDER = Path(__file__).parents[2] / "recordings"
BREAK = 'The "break" statement\n*********************\n\n   return_stmt ::= "if" [expression ["as" identifier]'
IMPORT = (
    'The "import" statement\n*********************\n\n   pass_stmt ::= "raise" [expression ["from" expression]\n\n'
    'If no expressions are present, "raise" re-ra'
)
TYPES = "The user asks about typesmapping. I know the text on it.\n"
MOCK = "Lists are **mutable** sequences. Voilà — naïve café 👋🏽, 你好.\n\n```python\nx = [1, 2, 3]\n```\n"
# server, case, text, reasoning, finish reason, usage
RECORDED = [
    ("llama_cpp", "messages_stream", BREAK, TYPES, "max_tokens", Usage(13, 40, 53, 12)),
    ("llama_cpp", "messages", BREAK, TYPES, "max_tokens", Usage(13, 40, 53, 12)),
    ("vllm", "messages_stream", IMPORT, "", "max_tokens", Usage(13, 40, 53)),
    ("vllm", "messages", "", IMPORT, "max_tokens", Usage(13, 40, 53)),
    ("litellm", "messages_stream", BREAK, "", "end_turn", Usage(13, 40, 53, 12, None, 0)),
    ("litellm", "messages", BREAK, "", "end_turn", Usage(13, 40, 53, 12)),
    ("litellm", "messages_stream_mock", MOCK, "", "end_turn", Usage(2095, 503, 2598)),
    ("litellm", "messages_mock", MOCK, "", "end_turn", Usage(2095, 503, 2598)),
]
Row = tuple[str, str, str, str, str, Usage]
BY_NAME = pytest.mark.parametrize("row", RECORDED, ids=[f"{row[0]}/{row[1]}" for row in RECORDED])


def recorded(server: str, name: str) -> tuple[bytes, list[int]]:
    case = json.loads((FOLDER / server / "messages.json").read_text())["cases"][name]
    return (FOLDER / server / case["file"]).read_bytes(), case["reads"]


def unframed(raw: bytes) -> bytes:
    head, _, rest = raw.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return rest
    return b"".join(re.findall(rb"[0-9a-f]+\r\n(.*?)\r\n(?=[0-9a-f]+\r\n)", rest, re.DOTALL))


@BY_NAME
def test_a_recorded_answer_as_the_network_cut_it(row: Row) -> None:
    server, name, text, thought, finish, usage = row
    raw, reads = recorded(server, name)
    places = [sum(reads[:at]) for at in range(len(reads) + 1)]

    def send(peer: Peer) -> None:
        for start, end in pairwise(places):
            peer.send(raw[start:end])

    with RawServer([send]) as where:
        reply = ask(where, dialect="anthropic").reply
    assert (reply.text, reply.reasoning, reply.finish_reason) == (text, thought, finish)
    assert reply.usage == usage
    assert reply.state_text == ("length" if finish == "max_tokens" else "complete")
    assert reply.served_model in ("tiny", "mock")


@BY_NAME
def test_a_recorded_answer_cut_at_every_position(row: Row) -> None:
    answer = unframed(recorded(row[0], row[1])[0])
    case = Case("", answer, streamed=not answer.startswith(b"{"))
    expected = play(DIALECT, case)
    assert (expected.text, expected.reasoning, expected.usage) == (row[2], row[3], row[5])
    if case.streamed:
        for at in range(1, len(answer), 1 if len(answer) < 3000 else 7):
            assert play(DIALECT, case, [answer[:at], answer[at:]]).events == expected.events, f"cut at {at}"


def test_a_server_without_this_api_says_404() -> None:
    raw, _ = recorded("mlx", "messages_stream")
    with RawServer([raw]) as where:
        outcome = ask(where, dialect="anthropic")
    assert outcome.reply.state_text == "error(http)"
    assert "404" in outcome.message


def read(*chunks: Any, event: str = "message") -> tuple[Reader, list[Event]]:
    reader, out = Reader(), list[Event]()
    for chunk in chunks:
        reader.read_chunk(chunk, event, out)
    return reader, out


def start(at: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": at, "content_block": {"type": kind, **more}}


def piece(at: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": at, "delta": {"type": kind, **more}}


def test_blocks_that_nothing_began_are_known_by_their_pieces() -> None:
    _, out = read(piece(0, "thinking_delta", thinking="Hm."), piece(1, "text_delta", text="Yes."))
    assert out == [ReasoningDelta("Hm."), TextDelta("Yes.")]


def test_a_signature_belongs_to_its_own_block_even_when_it_comes_after_the_next() -> None:
    _, out = read(
        start(0, "thinking", thinking="Hm."),
        start(1, "text", text="Yes."),
        piece(0, "signature_delta", signature="signed"),
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_stop", "index": 1},
    )
    assert out[-1] == Signature({"anthropic": {"type": "thinking", "thinking": "Hm.", "signature": "signed"}})


def test_thinking_that_nobody_signed_does_not_go_back() -> None:
    _, out = read(
        start(0, "thinking", thinking="Hm."),
        piece(0, "signature_delta", signature=""),
        {"type": "content_block_stop", "index": 0},
    )
    assert out == [ReasoningDelta("Hm.")]


def test_arguments_that_came_with_the_beginning_are_given_out_once() -> None:
    call = start(0, "tool_use", id="t", name="look", input={"at": "it"})
    stop = {"type": "content_block_stop", "index": 0}
    _, out = read(call, stop, stop)
    assert out == [ToolCallDelta(0, "t", "look"), ToolCallDelta(0, arguments='{"at": "it"}')]
    _, out = read(call, piece(0, "input_json_delta", partial_json='{"at": "me"}'), stop)
    assert [each.arguments for each in out if isinstance(each, ToolCallDelta)] == ["", '{"at": "me"}']


def test_a_call_without_an_id_is_given_one() -> None:
    _, out = read(start(0, "tool_use", name="a"), start(1, "tool_use", name="b"))
    assert out == [ToolCallDelta(0, "call_0", "a"), ToolCallDelta(1, "call_1", "b")]


def test_tools_that_run_at_the_service_are_no_calls() -> None:
    reader, out = read(
        start(0, "server_tool_use", id="s", name="web_search", input={}),
        piece(0, "input_json_delta", partial_json='{"q": 1}'),
        start(1, "web_search_tool_result", tool_use_id="s", content=[]),
    )
    assert (out, reader.tools) == ([], False)


def test_what_is_cut_off_is_neither_a_whole_call_nor_signed() -> None:
    reader, out = read(start(0, "tool_use", id="t", name="look", input={"at": "it"}))
    reader.flush(out)
    assert out == [ToolCallDelta(0, "t", "look")]


def test_blocks_that_the_server_did_not_stop_end_with_the_answer() -> None:
    reader, out = read(start(0, "tool_use", id="t", name="look", input={"at": "it"}), {"type": "message_stop"})
    reader.flush(out)
    assert out[-1] == ToolCallDelta(0, arguments='{"at": "it"}')


def test_a_surrogate_pair_that_was_cut_in_two_is_joined() -> None:
    reader, out = read(piece(0, "text_delta", text="a\ud83d"), piece(0, "text_delta", text="\udc4b"))
    reader.flush(out)
    assert "".join(each.text for each in out if isinstance(each, TextDelta)) == "a👋"
    assert reader.warnings() == ()


def test_lone_surrogates_and_bytes_that_are_no_utf8_are_counted() -> None:
    reader, out = Reader(), list[Event]()
    reader.read("message", b'{"type":"content_block_delta","delta":{"type":"text_delta","text":"\xff\\ud83d"}}', out)
    reader.flush(out)
    assert "".join(each.text for each in out if isinstance(each, TextDelta)) == "\ufffd\ufffd"
    assert reader.warnings() == (
        "1 characters were not valid UTF-8 and are shown as \ufffd",
        "1 lone surrogates are shown as \ufffd",
    )


def test_thinking_that_a_server_leaves_in_the_text_is_found_by_its_tags() -> None:
    reader, out = read(piece(0, "text_delta", text="<think>Hm.</think>Yes."))
    reader.flush(out)
    assert out == [ReasoningDelta("Hm."), TextDelta("Yes.")]


@pytest.mark.parametrize("chunk", [{"error": "gone"}, {"type": "error", "error": {"message": "gone"}}])
def test_an_error_has_several_shapes(chunk: dict[str, Any]) -> None:
    reader, _ = read(chunk)
    assert reader.refusal is not None
    assert reader.refusal.message == "gone"


@pytest.mark.parametrize("chunk", ["gone", {"message": "gone"}, ["gone"]])
def test_an_event_that_is_called_an_error_is_one(chunk: object) -> None:
    reader, _ = read(chunk, event="error")
    assert reader.refusal is not None
    assert "gone" in reader.refusal.message


def test_an_error_without_words_is_one_too() -> None:
    reader, _ = read({}, event="error")
    assert reader.refusal is not None


def test_the_end_mark_of_others_is_understood() -> None:
    reader = Reader()
    reader.read("message", b"[DONE]", [])
    assert reader.ended


def test_the_name_and_the_id_are_told_once() -> None:
    message = {"id": "msg", "model": "m", "content": []}
    _, out = read({"type": "message_start", "message": message}, {"type": "message_start", "message": message})
    assert out == [Opened("m", "msg")]


def test_a_message_that_begins_with_content_has_it() -> None:
    message = {"id": "msg", "model": "m", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"}
    reader, out = read({"type": "message_start", "message": message})
    reader.flush(out)
    assert out[-1] == TextDelta("Hi")
    assert reader.finish_reason == "end_turn"


def test_what_is_no_message_is_no_answer() -> None:
    reader = Reader()
    assert not reader.read_whole({"detail": "Not Found"}, [])
    assert not reader.read_whole({"type": "error", "error": {"message": "x"}}, [])

"""The reader of the Responses API: what is said several times, and real servers' recorded answers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.events import ToolCall, ToolCallDelta, Usage
from byom_magics.testing import Case, play
from byom_magics.wire.dialects.openai_responses import DIALECT
from tests.wire.asking import Outcome, ask_key, register
from tests.wire.dialects.responses_answers import added, call, delta, done, finished, message, reasoning, stream, whole
from tests.wire.raw_server import Peer, RawServer


def read(*events: dict[str, Any], named: bool = True, escaped: bool = False) -> Any:
    return play(DIALECT, Case("", stream(*events, named=named, escaped=escaped)))


@pytest.mark.parametrize(
    "events",
    [
        [delta("Hello"), done()],
        [whole("Hello"), done()],
        [finished(message("Hello")), done()],
        [done("completed", message("Hello"))],
        [delta("Hello"), whole("Hello"), finished(message("Hello")), done("completed", message("Hello"))],
        [{"type": "response.output_text.delta", "delta": "Hello"}, finished(message("Hello"), 3), done()],
        [delta("Hello", item_id="a"), {"type": "response.output_text.done", "text": "Hello"}, done()],
        [
            delta("Hel", item_id="a"),
            delta("lo", item_id="b"),
            whole("Hello"),
            finished({**message("Hello"), "id": "c"}),
        ],
        [done()["response"] | {"output": [message("Hello")]}],
        [{"type": "response.done", "response": {"output": [{"type": "message", "content": "Hello"}]}}],
    ],
    ids=[
        "pieces",
        "only the part as a whole",
        "only the item",
        "only the response",
        "all of them",
        "no ids at first",
        "no id for the whole",
        "ids that change",
        "a response without an event",
        "content as a text",
    ],
)
def test_a_text_comes_once_however_often_it_is_said(events: list[dict[str, Any]]) -> None:
    for named in (True, False):
        assert read(*events, named=named).text == "Hello"


@pytest.mark.parametrize(
    "events",
    [
        [added(call(0, "f", "")), delta('{"a":1}', 0, "function_call_arguments"), finished(call(0, "f", '{"a":1}'))],
        [
            added(call(0, "f", "")),
            whole('{"a":1}', 0, "function_call_arguments", "arguments"),
            finished(call(0, "f", "")),
        ],
        [finished(call(0, "f", '{"a":1}'))],
        [delta('{"a":1}', 0, "function_call_arguments"), finished(call(0, "f", '{"a":1}'))],
        [added(call(0, "f", "")), finished({**call(0, "f", '{"a":1}'), "id": "rotated"}, 5)],
        [{"type": "response.output_item.done", "item": call(0, "f", '{"a":1}')}],
        [],
    ],
    ids=["pieces", "whole arguments", "only done", "arguments before the name", "other ids", "no index", "at the end"],
)
def test_a_call_comes_once_however_often_it_is_said(events: list[dict[str, Any]]) -> None:
    found = read(*events, done("completed", call(0, "f", '{"a":1}')))
    assert found.tool_calls == (ToolCall("call_0", "f", '{"a":1}'),)
    assert found.state == "tool_calls"


def test_servers_that_number_every_item_zero_mix_nothing_up() -> None:
    found = read(
        {**delta("Thinking.", kind="reasoning_text"), "item_id": "item_9"},
        delta("Hi."),
        added(call(1, "f", ""), 0),
        {**delta("{}", 0, "function_call_arguments"), "item_id": "item_1"},
        finished(call(1, "f", "{}"), 0),
        added(call(2, "g", ""), 0),
        finished(call(2, "g", "[]"), 0),
        finished(reasoning(9, "Thinking."), 0),
        finished(message("Hi."), 0),
        done(),
    )
    assert (found.text, found.reasoning) == ("Hi.", "Thinking.")
    assert [(each.name, each.arguments) for each in found.tool_calls] == [("f", "{}"), ("g", "[]")]


def test_a_call_without_an_id_gets_one() -> None:
    nameless = {"type": "function_call", "name": "f", "arguments": "{}"}
    assert [each.id for each in read(done("completed", nameless, nameless)).tool_calls] == ["call_0", "call_1"]


def test_reasoning_in_the_text_is_told_apart_and_surrogates_are_joined() -> None:
    pieces = [delta(text) for text in ("<think>Hm", ".</think>", "\ud83d", "\ude00", "\ud83d")]
    found = read(*pieces, done(), escaped=True)
    assert (found.reasoning, found.text) == ("Hm.", "😀\ufffd")
    assert "1 lone surrogates" in found.words


def test_log_probabilities_come_with_the_text() -> None:
    tokens = [{"token": "Hi", "logprob": -0.1, "top_logprobs": []}]
    found = read(delta("Hi", logprobs=tokens), {**whole("Hi"), "logprobs": tokens}, done("completed", message("Hi")))
    assert [event.tokens for event in found.events if event.kind == "logprobs"] == [tuple(tokens)]


def test_a_mark_that_other_apis_end_with_is_an_end_too() -> None:
    assert play(DIALECT, Case("", stream(delta("Hi")) + b"data: [DONE]\n\n")).state == "complete"


def test_a_cancelled_response_is_no_answer_and_a_queued_one_none_yet() -> None:
    assert read(delta("Hi"), done("cancelled")).state == "error(in_band)"
    queued = json.dumps({"object": "response", "status": "queued", "output": []}).encode()
    reader = DIALECT.reader()
    assert reader.read_whole(json.loads(queued), [])
    assert (reader.ended, reader.finish_reason) == (False, None)


def test_cache_writes_and_costs_are_counted() -> None:
    usage = {"input_tokens": 5, "output_tokens": 1, "input_tokens_details": {"cache_write_tokens": 4}, "cost": 0.25}
    reports = [event for event in read(done(usage=usage)).events if event.kind == "usage"]
    assert [(each.usage, each.cost) for each in reports] == [(Usage(5, 1, None, None, None, 4), 0.25)]
    assert not [
        event for event in read(done(usage={"input_tokens": 0, "output_tokens": 0})).events if event.kind == "usage"
    ]


def test_the_short_way_is_taken_for_further_text_only() -> None:
    reader, out = DIALECT.reader(), list[Any]()
    piece = json.dumps(delta("Hi")).encode()
    assert not reader.read_plain(piece, out), "nothing has come yet"
    reader.read("message", piece, out)
    assert reader.read_plain(piece, out)
    for other in (delta("Hi", 1), delta(""), delta("Hi", logprobs=[{}]), delta("Hi", kind="refusal"), done()):
        assert not reader.read_plain(json.dumps(other).encode(), out)
    assert "".join(event.text for event in out if event.kind == "text") == "HiHi"


def test_calls_are_numbered_in_the_order_in_which_they_begin() -> None:
    found = read(finished(call(5, "f", "{}"), 5), finished(call(2, "g", "{}"), 2), done())
    indices = [event.index for event in found.events if isinstance(event, ToolCallDelta)]
    assert indices == sorted(indices)
    assert set(indices) == {0, 1}


# Recordings of real servers

FOLDER = Path(__file__).parents[2] / "recordings"
BREAK = 'The "break" statement\n*********************\n\n   return_stmt ::= "if" [expression ["as" identifier]'
IMPORT = (
    'The "import" statement\n*********************\n\n   pass_stmt ::= "raise" [expression ["from" expression]\n\n'
    'If no expressions are present, "raise" re-ra'
)
TYPES = "The user asks about typesmapping. I know the text on it.\n"
MOCK = "Lists are **mutable** sequences. Voilà — naïve café 👋🏽, 你好.\n\n```python\nx = [1, 2, 3]\n```\n"
# server, case, text, reasoning, finish reason, input and output tokens
RECORDED = [
    ("llama_cpp", "responses_stream", BREAK, TYPES, "completed", (13, 40)),
    ("llama_cpp", "responses", BREAK, TYPES, "completed", (13, 40)),
    ("vllm", "responses_stream", IMPORT, "", "max_output_tokens", (13, 40)),
    ("vllm", "responses", "", IMPORT, "max_output_tokens", (13, 40)),
    ("transformers", "responses_stream", IMPORT, "", "completed", (13, 40)),
    ("transformers", "responses", IMPORT, "", "completed", (13, 40)),
    ("litellm", "responses_stream", BREAK, TYPES, "completed", (13, 40)),
    ("litellm", "responses", BREAK, TYPES, "completed", (13, 40)),
    ("litellm", "responses_mock", MOCK, "", "completed", (36, 87)),
]
BY_NAME = pytest.mark.parametrize("row", RECORDED, ids=[f"{row[0]}/{row[1]}" for row in RECORDED])


def ask(where: RawServer) -> Outcome:
    key = register(where)
    byom.models.register(replace(byom.models[key], dialect="openai_responses"))
    return ask_key(key)


def recorded(server: str, name: str) -> tuple[bytes, list[int]]:
    index = json.loads((FOLDER / server / "responses.json").read_text())
    case = index["cases"][name]
    return (FOLDER / server / case["file"]).read_bytes(), case["reads"]


def unframed(raw: bytes) -> bytes:
    head, _, rest = raw.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return rest
    return b"".join(re.findall(rb"[0-9a-f]+\r\n(.*?)\r\n(?=[0-9a-f]+\r\n)", rest, re.DOTALL))


@BY_NAME
def test_a_recorded_answer_as_the_network_cut_it(row: tuple[str, str, str, str, str, tuple[int, int]]) -> None:
    server, name, text, thought, finish, tokens = row
    raw, reads = recorded(server, name)
    places = [sum(reads[:at]) for at in range(len(reads) + 1)]
    pieces = [raw[start:end] for start, end in pairwise(places)]

    def send(peer: Peer) -> None:
        for piece in pieces:
            peer.send(piece)

    with RawServer([send]) as where:
        reply = ask(where).reply
    assert (reply.text, reply.reasoning, reply.finish_reason) == (text, thought, finish)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == tokens
    assert reply.state_text == ("length" if finish == "max_output_tokens" else "complete")
    assert reply.served_model in ("tiny", "hf@main", "mock")


@BY_NAME
def test_a_recorded_answer_cut_at_every_position(row: tuple[str, str, str, str, str, tuple[int, int]]) -> None:
    answer = unframed(recorded(row[0], row[1])[0])
    case = Case("", answer, streamed=not answer.startswith(b"{"))
    expected = play(DIALECT, case)
    assert (expected.text, expected.reasoning) == row[2:4]
    if case.streamed:
        for at in range(1, len(answer), 1 if len(answer) < 3000 else 7):
            assert play(DIALECT, case, [answer[:at], answer[at:]]).events == expected.events, f"cut at {at}"


def test_a_gateway_that_fails_at_the_start_of_a_stream_says_so() -> None:
    raw, _ = recorded("litellm", "responses_stream_mock")
    with RawServer([raw]) as where:
        outcome = ask(where)
    assert "Error processing stream start" in outcome.message


def test_a_server_without_this_api_says_404() -> None:
    raw, _ = recorded("mlx", "responses_stream")
    with RawServer([raw]) as where:
        outcome = ask(where)
    assert outcome.reply.state_text == "error(http)"
    assert "404" in outcome.message

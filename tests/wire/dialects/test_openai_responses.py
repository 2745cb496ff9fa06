"""The Responses API: the contract, what is sent in detail, and real servers' recorded answers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall, ToolCallDelta, Usage
from byom_magics.messages import Call, Image, Message, Role, Sampling, Schema, Text, Tool
from byom_magics.testing import Case, DialectContract, Listing, play
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.openai_responses import DIALECT
from tests.wire.asking import Outcome, ask_key, register
from tests.wire.raw_server import Peer, RawServer

SPEC = ModelSpec("r", "gpt-x", Endpoint("https://api.test/v1"), dialect="openai_responses")
HELLO = Call((Message("user", "hello"),))


def stream(*events: dict[str, Any], named: bool = True, escaped: bool = False) -> bytes:
    """A stream in the shape that OpenAI sends, where each event is named twice."""
    lines = []
    for number, event in enumerate(events):
        name = f"event: {event['type']}\n" if named and "type" in event else ""
        lines.append(f"{name}data: {json.dumps({**event, 'sequence_number': number}, ensure_ascii=escaped)}\n\n")
    return "".join(lines).encode()


def begun(**more: Any) -> dict[str, Any]:
    response = {"id": "resp_1", "object": "response", "status": "in_progress", "model": "gpt-x-2026", "output": []}
    return {"type": "response.created", "response": {**response, **more}}


def done(status: str = "completed", *output: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = {"id": "resp_1", "object": "response", "status": status, "model": "gpt-x-2026", "output": list(output)}
    return {"type": f"response.{status}", "response": {**response, **more}}


def added(item: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": at, "item": item}


def finished(item: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": at, "item": item}


def delta(text: str, at: int = 0, kind: str = "output_text", **more: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "item_id": f"item_{at}", "output_index": at, "delta": text, **more}


def whole(text: str, at: int = 0, kind: str = "output_text", field: str = "text") -> dict[str, Any]:
    return {"type": f"response.{kind}.done", "item_id": f"item_{at}", "output_index": at, field: text}


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "item_0", "role": "assistant", "status": "completed", "content": [part]}


def reasoning(at: int = 0, *summary: str, sealed: str | None = None) -> dict[str, Any]:
    parts = [{"type": "summary_text", "text": text} for text in summary]
    return {"type": "reasoning", "id": f"item_{at}", "summary": parts, "encrypted_content": sealed}


def call(at: int, name: str, arguments: str, identity: str | None = None) -> dict[str, Any]:
    identity = f"call_{at}" if identity is None else identity
    given = {"type": "function_call", "id": f"item_{at}", "call_id": identity, "name": name, "arguments": arguments}
    return {**given, "status": "completed"}


COUNTS = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 16},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 29,
}
USAGE = Usage(20, 9, 29, 16, 5)
HI = Case(
    "hello",
    stream(
        begun(),
        {"type": "response.in_progress", "response": begun()["response"]},
        added({**message(""), "content": []}),
        {
            "type": "response.content_part.added",
            "item_id": "item_0",
            "output_index": 0,
            "part": {"type": "output_text"},
        },
        delta("Hé"),
        delta("llo 😀"),
        whole("Héllo 😀"),
        {
            "type": "response.content_part.done",
            "item_id": "item_0",
            "part": {"type": "output_text", "text": "Héllo 😀"},
        },
        finished(message("Héllo 😀")),
        done("completed", message("Héllo 😀"), usage=COUNTS),
    ),
    text="Héllo 😀",
    usage=USAGE,
    finish_reason="completed",
    served_model="gpt-x-2026",
)
THOUGHT = Case(
    "reasoning and tools",
    stream(
        begun(),
        added({**reasoning(0), "encrypted_content": "not-yet-sealed"}),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "item_id": "item_0", "summary_index": 0},
        delta("Look it ", kind="reasoning_summary_text", summary_index=0),
        delta("up.", kind="reasoning_summary_text", summary_index=0),
        whole("Look it up.", kind="reasoning_summary_text"),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "item_id": "item_0", "summary_index": 1},
        delta("Twice.", kind="reasoning_summary_text", summary_index=1),
        finished(reasoning(0, "Look it up.", "Twice.", sealed="sealed-thought-of-this-turn")),
        added({**call(1, "weather", ""), "status": "in_progress"}, 1),
        delta('{"city":', 1, "function_call_arguments"),
        delta('"Łódź"}', 1, "function_call_arguments"),
        whole('{"city":"Łódź"}', 1, "function_call_arguments", "arguments"),
        finished(call(1, "weather", '{"city":"Łódź"}'), 1),
        added({**call(2, "time", ""), "status": "in_progress"}, 2),
        whole("{}", 2, "function_call_arguments", "arguments"),
        finished(call(2, "time", "{}"), 2),
        done("completed", call(1, "weather", '{"city":"Łódź"}'), call(2, "time", "{}"), usage=COUNTS),
    ),
    reasoning="Look it up.\n\nTwice.",
    tool_calls=(ToolCall("call_1", "weather", '{"city":"Łódź"}'), ToolCall("call_2", "time", "{}")),
    usage=USAGE,
    finish_reason="completed",
    state="tool_calls",
    signatures=1,
)
SHAPED = Case(
    "an answer in a shape",
    stream(begun(), delta('{"a":'), delta("1}"), done("completed", message('{"a":1}'))),
    text='{"a":1}',
    finish_reason="completed",
    schema=True,
)
FAILED = {"code": "server_error", "message": "The model is on fire."}
CASES = (
    HI,
    THOUGHT,
    SHAPED,
    Case(
        "in one piece",
        json.dumps(
            done("completed", reasoning(0, "Hm."), message("Hello."), call(1, "f", "{}"), usage=COUNTS)["response"]
        ).encode(),
        text="Hello.",
        reasoning="Hm.",
        tool_calls=(ToolCall("call_1", "f", "{}"),),
        usage=USAGE,
        finish_reason="completed",
        state="tool_calls",
        served_model="gpt-x-2026",
        streamed=False,
    ),
    Case(
        "failed",
        stream(begun(), delta("Be"), done("failed", error=FAILED)),
        text="Be",
        state="error(in_band)",
        words=("The model is on fire.", "server_error"),
        served_model="gpt-x-2026",
    ),
    Case(
        "an error event",
        stream(begun(), {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None}),
        state="error(in_band)",
        words=("Slow down.", "rate_limit_exceeded"),
    ),
    Case(
        "refused",
        b'{"error": {"message": "No such model.", "type": "invalid_request_error", "code": "model_not_found"}}',
        state="error(http)",
        status=404,
        words=("No such model.",),
        streamed=False,
    ),
    Case("cut off", stream(begun(), delta("Half an")), text="Half an", state="incomplete(eof)"),
    Case(
        "the model declines",
        stream(begun(), delta("I'd rather ", kind="refusal"), delta("not.", kind="refusal"), done()),
        text="I'd rather not.",
        finish_reason="completed",
    ),
)


class TestContract(DialectContract):
    dialect = DIALECT
    cases = CASES
    finish_reasons = {  # noqa: RUF012 - as the contract has it
        "completed": "complete",
        "max_output_tokens": "length",
        "content_filter": "content_filter",
    }
    listings = (
        Listing(
            "OpenAI's",
            b'{"object": "list", "data": [{"id": "gpt-x", "object": "model", "created": 1, "owned_by": "openai"}]}',
            (Listed("gpt-x"),),
        ),
    )
    lacks = frozenset({"seed", "stop"})

    def ending_with(self, finish_reason: str) -> bytes:
        if finish_reason == "completed":
            return stream(begun(), delta("x"), done())
        return stream(begun(), delta("x"), done("incomplete", incomplete_details={"reason": finish_reason}))


# What is sent


def body(spec: ModelSpec = SPEC, call: Call = HELLO) -> dict[str, Any]:
    return DIALECT.request(spec, call).body


def said(*messages: tuple[Role, str]) -> Call:
    return Call(tuple(Message(role, text) for role, text in messages))


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def test_a_plain_question_is_kept_by_nobody() -> None:
    request = DIALECT.request(SPEC, HELLO)
    assert request.path == "/responses"
    assert request.body == {"model": "gpt-x", "input": [user("hello")], "stream": True, "store": False}


def test_system_messages_at_the_beginning_are_instructions_and_later_ones_stay_where_they_are() -> None:
    found = body(call=said(("system", "a"), ("system", "b"), ("user", "c"), ("system", "d")))
    assert found["instructions"] == "a\n\nb"
    system = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "d"}]}
    assert found["input"] == [user("c"), system]


def test_a_system_message_alone_is_what_is_asked() -> None:
    found = body(call=said(("system", "a")))
    assert "instructions" not in found
    assert [item["role"] for item in found["input"]] == ["system"]


def test_the_system_role_may_be_another_one() -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(system_role="developer")))
    assert body(spec, said(("user", "c"), ("system", "d")))["input"][1]["role"] == "developer"


def test_images_and_results_of_tools_have_parts() -> None:
    image = Image(b"png", "image/png")
    asked = Call((Message("user", (Text("look"), image)), Message("tool", (image,), tool_call_id="c1")))
    part = {"type": "input_image", "image_url": "data:image/png;base64,cG5n", "detail": "auto"}
    assert body(call=asked)["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "look"}, part]},
        {"type": "function_call_output", "call_id": "c1", "output": [part]},
    ]


def test_a_turn_with_text_and_calls_is_said_again_in_order() -> None:
    turn = Message("assistant", "Let me see.", tool_calls=(ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "")))
    asked = Call((Message("user", "?"), turn, Message("tool", "ok", tool_call_id="c1", tool_name="f")))
    text = {"type": "output_text", "text": "Let me see.", "annotations": []}
    assert body(call=asked)["input"][1:] == [
        {"type": "message", "role": "assistant", "status": "completed", "content": [text]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":1}'},
        {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "ok"},
    ]


def test_reasoning_goes_back_to_its_place_between_the_calls() -> None:
    played = play(
        DIALECT,
        Case(
            "two thoughts",
            stream(
                finished(reasoning(0, sealed="first")),
                finished(call(1, "f", "{}"), 1),
                finished(reasoning(2, sealed="second"), 2),
                finished(call(3, "g", "{}"), 3),
                finished(reasoning(4, sealed="nothing follows"), 4),
                done("completed", reasoning(0, sealed="first"), call(1, "f", "{}")),
            ),
        ),
    )
    turn = Message("assistant", "", tool_calls=played.tool_calls, signatures=played.signatures)
    found = body(call=Call((Message("user", "?"), turn)))["input"][1:]
    assert [item.get("encrypted_content") or item["name"] for item in found] == ["first", "f", "second", "g"]
    assert found[0] == {"type": "reasoning", "id": "item_0", "summary": [], "encrypted_content": "first"}


def test_tools_are_flat_and_not_strict() -> None:
    tool = Tool("f", "does f", {"type": "object", "properties": {}})
    found = body(call=replace(HELLO, tools=(tool,), tool_choice="f"))
    assert found["tools"] == [
        {"type": "function", "name": "f", "description": "does f", "parameters": tool.parameters, "strict": False}
    ]
    assert found["tool_choice"] == {"type": "function", "name": "f"}
    assert body(call=replace(HELLO, tools=(tool,), tool_choice="required"))["tool_choice"] == "required"
    assert "tool_choice" not in body(call=replace(HELLO, tools=(tool,)))


CLOSED = {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(("schema", "strict"), [(CLOSED, {"strict": True}), ({"type": "object"}, {})])
def test_a_shape_is_a_format_and_strict_where_it_keeps_the_rules(
    schema: dict[str, Any], strict: dict[str, Any]
) -> None:
    found = body(call=replace(HELLO, schema=Schema("my answer!", schema)))
    assert found["text"] == {"format": {"type": "json_schema", "name": "my_answer_", "schema": schema, **strict}}


@pytest.mark.parametrize(("quirk", "text"), [("json_object", {"format": {"type": "json_object"}}), ("none", None)])
def test_a_shape_that_the_service_has_no_field_for_is_told_in_words(quirk: Any, text: object) -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(schema=quirk)))
    found = body(spec, replace(HELLO, schema=Schema("s", CLOSED)))
    assert found.get("text") == text
    assert '"additionalProperties": false' in found["instructions"]


def test_reasoning_is_asked_for_with_a_summary_and_comes_back_sealed() -> None:
    found = body(call=replace(HELLO, effort="high"))
    assert found["reasoning"] == {"effort": "high", "summary": "auto"}
    assert found["include"] == ["reasoning.encrypted_content"]
    known = body(replace(SPEC, capabilities=Capabilities(reasoning=True)))
    assert (known.get("reasoning"), known["include"]) == (None, ["reasoning.encrypted_content"])
    none = body(replace(SPEC, capabilities=Capabilities(reasoning=True)), replace(HELLO, effort="none"))
    assert (none["reasoning"], none.get("include")) == ({"effort": "none"}, None)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (replace(HELLO, effort=2048), ("2048", "high", "--max-tokens")),
        (replace(HELLO, sampling=Sampling(seed=7)), ("'seed'", "-o seed='7'")),
        (replace(HELLO, sampling=Sampling(stop=("END",))), ("'stop'", """-o stop='["END"]'""")),
    ],
)
def test_what_the_api_has_no_field_for_is_refused_with_a_way_out(call: Call, words: tuple[str, ...]) -> None:
    with pytest.raises(OptionError) as caught:
        body(call=call)
    assert not [word for word in words if word not in str(caught.value)]


# What comes back


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
        for at in range(1, len(answer), 1 if len(answer) < 6000 else 7):
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

"""Where services put the pieces of an answer: reasoning and tool calls, as their streams really have them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.events import Event, Signature, TextDelta
from byom_magics.wire.dialects.chat_reader import Reader
from tests.wire.answers import DONE, chunk, chunked, completion, data, head, payload, sized, sse
from tests.wire.asking import Outcome, ask, expect, replayed
from tests.wire.raw_server import RawServer


def streamed(*chunks: bytes, finish: str = "stop") -> Outcome:
    """What comes of a stream of these chunks and a good end."""
    with RawServer([chunked(*chunks, chunk(finish=finish), DONE)]) as server:
        return ask(server)


# Reasoning

REASONING: list[tuple[str, list[dict[str, Any]]]] = [
    ("reasoning_content", [{"reasoning_content": "Hm"}, {"reasoning_content": "m."}, {"content": "Yes."}]),
    ("reasoning", [{"reasoning": "Hm"}, {"reasoning": "m."}, {"content": "Yes."}]),
    ("both fields with the same words", [{"reasoning": "Hmm.", "reasoning_content": "Hmm."}, {"content": "Yes."}]),
    ("null beside it", [{"content": None, "reasoning_content": "Hmm."}, {"content": "Yes.", "reasoning_content": None}]),
    ("empty beside it", [{"content": "", "reasoning": "Hmm."}, {"content": "Yes.", "reasoning": ""}]),
    ("details beside it", [{"reasoning": "Hmm.", "reasoning_details": [{"type": "reasoning.text", "text": "Hmm."}]}, {"content": "Yes."}]),
    ("parts of a list", [{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hmm."}]}]}, {"content": [{"type": "text", "text": "Yes."}]}]),
    ("tags in the text", [{"content": "<think>Hmm.</think>Yes."}]),
    ("tags cut anywhere", [{"content": piece} for piece in ("<th", "ink", ">H", "mm.<", "/think", ">", "Yes", ".")]),
    ("tags with line ends beside them", [{"content": "<think>\n"}, {"content": "Hmm."}, {"content": "</think>\n\n"}, {"content": "Yes."}]),
    ("other tags", [{"content": "<thought>Hmm.</thought>Yes."}]),
    ("a tag that was never opened", [{"content": "Hm"}, {"content": "m."}, {"content": "</think>"}, {"content": "\n\nYes."}]),
    ("a tag that was never opened, cut", [{"content": "Hmm.</t"}, {"content": "hink>Yes."}]),
]  # fmt: skip


@pytest.mark.parametrize("deltas", [pytest.param(deltas, id=name) for name, deltas in REASONING])
def test_reasoning_is_told_from_the_answer(deltas: list[dict[str, Any]]) -> None:
    reply = expect(streamed(*(chunk(delta=delta) for delta in deltas)), "complete").reply
    assert reply.text == "Yes."
    assert reply.reasoning.rstrip("\n") == "Hmm."


@pytest.mark.parametrize(
    "text",
    [
        "Use the <think> tag and close it with </think>.",
        "Write `</think>` at the end.",
        "a < b and b > c",
        "<thinker>x</thinker>",
        "x <th",
    ],
)
def test_an_answer_that_talks_about_tags_stays_an_answer(text: str) -> None:
    for pieces in ([text], list(text)):
        reply = expect(streamed(*(chunk(piece) for piece in pieces)), "complete").reply
        assert (reply.text, reply.reasoning) == (text, "")


def test_reasoning_alone_is_kept_where_the_answer_was_cut_short() -> None:
    reply = expect(streamed(chunk(delta={"reasoning": "Hmm"}), finish="length"), "length").reply
    assert (reply.text, reply.reasoning) == ("", "Hmm")


# Tool calls


def tool(**more: Any) -> bytes:
    return chunk(delta={"tool_calls": [more]})


CALLS: list[tuple[str, list[bytes], list[tuple[str, str]]]] = [
    (
        "pieces",
        [
            tool(index=0, id="a", type="function", function={"name": "f", "arguments": ""}),
            tool(index=0, function={"arguments": '{"x"'}),
            tool(index=0, function={"arguments": ": 1}"}),
        ],
        [("f", '{"x": 1}')],
    ),
    (
        "empty names in later pieces",
        [
            tool(index=0, id="a", function={"name": "f", "arguments": '{"x"'}),
            tool(index=0, id="a", function={"name": "", "arguments": ": 1}"}),
        ],
        [("f", '{"x": 1}')],
    ),
    (
        "two, one after the other",
        [
            tool(index=0, id="a", function={"name": "f", "arguments": "{}"}),
            tool(index=1, id="b", function={"name": "g", "arguments": "{"}),
            tool(index=1, function={"arguments": "}"}),
        ],
        [("f", "{}"), ("g", "{}")],
    ),
    (
        "two that alternate",
        [
            tool(index=0, id="a", function={"name": "f", "arguments": "{"}),
            tool(index=1, id="b", function={"name": "g", "arguments": "["}),
            tool(index=0, function={"arguments": "}"}),
            tool(index=1, function={"arguments": "]"}),
        ],
        [("f", "{}"), ("g", "[]")],
    ),
    (
        "whole and without an index",
        [
            tool(id="a", function={"name": "f", "arguments": '{"x": 1}'}),
            tool(id="b", function={"name": "f", "arguments": '{"x": 2}'}),
        ],
        [("f", '{"x": 1}'), ("f", '{"x": 2}')],
    ),
    (
        "two in one chunk without an index",
        [chunk(delta={"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}, {"id": "b", "function": {"name": "g", "arguments": "{}"}}]})],
        [("f", "{}"), ("g", "{}")],
    ),
    ("arguments as an object", [tool(index=0, id="a", function={"name": "f", "arguments": {"x": 1}})], [("f", '{"x": 1}')]),
    ("no arguments", [tool(index=0, id="a", function={"name": "f"})], [("f", "")]),
    ("a null index", [tool(index=None, id="a", function={"name": "f", "arguments": "{}"})], [("f", "{}")]),
]  # fmt: skip


@pytest.mark.parametrize("finish", ["tool_calls", "stop"])
@pytest.mark.parametrize(("chunks", "calls"), [pytest.param(*row[1:], id=row[0]) for row in CALLS])
def test_tool_calls_are_put_together(chunks: list[bytes], calls: list[tuple[str, str]], finish: str) -> None:
    reply = expect(streamed(*chunks, finish=finish), "tool_calls").reply
    assert [(call.name, call.arguments) for call in reply.tool_calls] == calls
    assert reply.finish_reason == finish


def test_a_tool_call_in_an_answer_that_is_not_streamed() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    whole = {
        "choices": [{"index": 0, "message": {"content": None, "tool_calls": [call]}, "finish_reason": "tool_calls"}]
    }
    with RawServer([sized(json.dumps(whole).encode(), "200 OK", "application/json")]) as server:
        reply = expect(ask(server), "tool_calls").reply
    assert [(each.id, each.name, each.arguments) for each in reply.tool_calls] == [("a", "f", "{}")]


# Who answered


def test_the_served_model_and_its_fingerprint_are_kept() -> None:
    reply = streamed(chunk("Yes.", model="llama-3.2", system_fingerprint="fp_1")).reply
    assert reply.served_model == "llama-3.2"
    assert reply.system_fingerprint == "fp_1"


@pytest.mark.parametrize("name", ["x-request-id", "request-id", "X-Generation-Id", "apim-request-id"])
def test_the_request_id_in_a_header_is_the_one_that_is_kept(name: str) -> None:
    with RawServer([head("200 OK", "text/event-stream", f"{name}: req-1") + sse("Yes.")]) as server:
        assert expect(ask(server), "complete").reply.request_id == "req-1"


def test_of_several_choices_the_first_is_the_answer() -> None:
    def choice(index: int, text: str, finish: str | None = None) -> bytes:
        return data({"choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}]})

    pieces = [
        choice(1, "No"),
        choice(0, "Yes"),
        choice(1, "."),
        choice(0, "."),
        choice(1, "", "length"),
        choice(0, "", "stop"),
    ]
    with RawServer([chunked(*pieces, DONE)]) as server:
        assert expect(ask(server), "complete", text="Yes.").reply.finish_reason == "stop"


def test_logprobs_are_kept_token_by_token() -> None:
    tokens = [
        {"token": "Yes", "logprob": -0.1, "top_logprobs": []},
        {"token": ".", "logprob": -0.2, "top_logprobs": []},
    ]
    pieces = [
        data({"choices": [{"index": 0, "delta": {"content": token["token"]}, "logprobs": {"content": [token]}}]})
        for token in tokens
    ]
    assert [dict(each) for each in streamed(*pieces).reply.logprobs] == tokens


# The reader, wherever the pieces are cut

CONTENT = ["<think>", "</think>", "a", "\ud83d", "\ude00", "é", "<", "\n"]


def read(*contents: str) -> tuple[tuple[str, str], tuple[str, ...]]:
    """Text and reasoning, and warnings, of a stream with these pieces of content."""
    reader, out = Reader(), list[Event]()
    for content in contents:
        reader.read("message", data(payload(content)).removeprefix(b"data: "), out)
    reader.flush(out)
    return replayed(tuple(out)), reader.warnings()


@given(st.lists(st.sampled_from(CONTENT), max_size=8).map("".join), st.lists(st.integers(0, 60), max_size=6))
def test_content_is_read_the_same_wherever_the_server_cuts_it(text: str, cuts: list[int]) -> None:
    places = sorted({0, *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in zip(places, [*places[1:], len(text)], strict=True)]
    assert read(*pieces) == read(*text) == read(text)


# What goes back with the next turn


def signatures(*deltas: dict[str, Any]) -> list[Any]:
    """What the reader wants to be given back after a stream of these deltas."""
    reader, out = Reader(), list[Event]()
    for delta in deltas:
        reader.read_chunk(payload(delta=delta), "message", out)
    reader.flush(out)
    reader.flush(out)
    return [event.data for event in out if isinstance(event, Signature)]


def called(**more: Any) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}, **more}]}


def test_the_signature_of_a_tool_call_is_kept_with_the_call_that_it_belongs_to() -> None:
    sign = {"google": {"thought_signature": "s"}}
    assert signatures(called(extra_content=sign)) == [{"extra_content": sign, "tool_call": 0, "id": "c"}]


def test_a_signature_alone_belongs_to_the_message() -> None:
    sign = {"google": {"thought_signature": "s"}}
    assert signatures({"content": "Hi"}, {"extra_content": sign}) == [{"extra_content": sign}]


def test_details_of_reasoning_are_put_together_and_given_out_once() -> None:
    def text(piece: str, **more: Any) -> dict[str, Any]:
        return {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": piece, **more}]}

    sealed = {"type": "reasoning.encrypted", "index": 1, "data": "xyz"}
    found = signatures(text("Hm"), text("m."), text("", signature="s"), {"reasoning_details": [sealed]})
    whole = {"type": "reasoning.text", "index": 0, "text": "Hmm.", "signature": "s"}
    assert found == [{"reasoning_details": [whole, sealed]}]


def test_a_thought_is_kept_for_the_next_turn_where_it_led_to_a_tool_and_nowhere_else() -> None:
    thoughts = ({"reasoning_content": "Hm"}, {"reasoning_content": "m."})
    assert signatures(*thoughts, called()) == [{"reasoning_content": "Hmm."}]
    assert signatures(*thoughts, {"content": "Yes."}) == []
    assert signatures({"reasoning": "Hmm."}, called()) == []


@pytest.mark.parametrize("odd", [7, "x", [7], [None], [[]], {"a": 1}, [{"type": None}]])
def test_signatures_of_a_wrong_type_do_no_harm(odd: object) -> None:
    signatures({"reasoning_details": odd}, {"extra_content": odd, **called(extra_content=odd)})


# In one piece


def test_a_completion_in_one_piece_is_read_and_anything_else_is_left_to_others() -> None:
    reader, out = Reader(), list[Event]()
    assert reader.read_whole(json.loads(completion("Hello")), out)
    reader.flush(out)
    assert [event for event in out if isinstance(event, TextDelta)] == [TextDelta("Hello")]
    no_answers: list[dict[str, Any]] = [
        {},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"message": {}}]},
        {"error": "x", "choices": [1]},
    ]
    for nothing in no_answers:
        assert not Reader().read_whole(nothing, [])

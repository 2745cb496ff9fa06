"""Where services put the pieces of an answer: reasoning, tool calls, usage, cost, as their streams really have them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.errors import OptionError
from byom_magics.events import Event, Usage
from byom_magics.messages import Call, Message, Sampling
from byom_magics.wire.body import compose, encode
from byom_magics.wire.dialects.openai_chat import DIALECT, Reader
from tests.wire.answers import DONE, chunk, chunked, data, head, payload, sized, sse
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


# Usage and cost

COUNTS = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
PLAIN = Usage(3, 5, 8)

USAGES: list[tuple[str, list[bytes], Usage]] = [
    ("a chunk of its own", [chunk("Yes."), data({"choices": [], "usage": COUNTS})], PLAIN),
    ("null on all others", [chunk("Yes.", usage=None), data({"choices": [], "usage": COUNTS})], PLAIN),
    ("a chunk with an empty delta", [chunk("Yes."), data({**payload(), "usage": COUNTS})], PLAIN),
    ("on the chunk with the finish reason", [chunk("Yes."), chunk(finish="stop", usage=COUNTS)], PLAIN),
    ("growing on every chunk: the last one holds", [chunk("Y", usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}), chunk("es.", usage=COUNTS)], PLAIN),
    ("groq's place", [chunk("Yes."), chunk(finish="stop", x_groq={"id": "r", "usage": COUNTS})], PLAIN),
    ("groq's both places", [chunk("Yes."), chunk(finish="stop", usage=COUNTS, x_groq={"id": "r", "usage": COUNTS})], PLAIN),
    ("inside the choice", [chunk("Yes."), data({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": COUNTS}]})], PLAIN),
    ("zeros mean unknown", [chunk("Yes.", usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})], Usage()),
    ("zeros before the count", [chunk("Yes.", usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}), chunk(finish="stop", usage=COUNTS)], PLAIN),
    ("openai's details", [chunk("Yes.", usage={**COUNTS, "prompt_tokens_details": {"cached_tokens": 2}, "completion_tokens_details": {"reasoning_tokens": 4}})], Usage(3, 5, 8, 2, 4)),
    ("null details", [chunk("Yes.", usage={**COUNTS, "prompt_tokens_details": None, "completion_tokens_details": None})], PLAIN),
    ("deepseek's cache", [chunk("Yes.", usage={**COUNTS, "prompt_cache_hit_tokens": 2, "prompt_cache_miss_tokens": 1})], Usage(3, 5, 8, 2)),
    ("xai's reasoning beside the completion", [chunk("Yes.", usage={"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 15, "completion_tokens_details": {"reasoning_tokens": 7}})], Usage(3, 12, 15, None, 7)),
    ("perplexity's reasoning", [chunk("Yes.", usage={**COUNTS, "reasoning_tokens": 4})], Usage(3, 5, 8, None, 4)),
    ("llama.cpp's timings", [chunk("Yes."), chunk(finish="stop", timings={"cache_n": 2, "prompt_n": 1, "predicted_n": 5, "predicted_ms": 1.5})], Usage(3, 5, 8, 2)),
    ("no total", [chunk("Yes.", usage={"prompt_tokens": 3, "completion_tokens": 5})], Usage(3, 5, None)),
    ("nothing", [chunk("Yes.")], Usage()),
]  # fmt: skip


@pytest.mark.parametrize(("chunks", "usage"), [pytest.param(*row[1:], id=row[0]) for row in USAGES])
def test_usage_is_found_where_the_service_puts_it(chunks: list[bytes], usage: Usage) -> None:
    reply = expect(streamed(*chunks), "complete", text="Yes.").reply
    found = reply.usage
    assert (found.input_tokens, found.output_tokens) == (usage.input_tokens, usage.output_tokens)
    assert found.total_tokens in (usage.total_tokens, 8 if usage.total_tokens is None and usage.input_tokens else None)
    assert (found.cached_input_tokens, found.reasoning_tokens) == (usage.cached_input_tokens, usage.reasoning_tokens)


def test_usage_that_comes_after_the_finish_reason_and_late_is_waited_for() -> None:
    with RawServer(
        [chunked(chunk("Yes."), chunk(finish="stop"), b": ping\n\n", data({"choices": [], "usage": COUNTS}), DONE)]
    ) as server:
        assert expect(ask(server), "complete").reply.usage == PLAIN


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({**COUNTS, "cost": 0.25}, 0.25),
        ({**COUNTS, "cost": {"input_tokens_cost": 0.1, "total_cost": 0.25}}, 0.25),
        ({**COUNTS, "cost_in_usd_ticks": 2_500_000_000}, 0.25),
    ],
    ids=["openrouter", "perplexity", "xai"],
)
def test_the_cost_that_a_server_tells_is_kept(usage: dict[str, Any], cost: float) -> None:
    found = expect(streamed(chunk("Yes.", usage=usage)), "complete").reply.cost
    assert found == pytest.approx(cost)
    assert found is not None
    assert found.currency == "USD"


def test_the_cost_in_a_header_is_kept() -> None:
    with RawServer([head("200 OK", "text/event-stream", "x-litellm-response-cost: 0.25") + sse("Yes.")]) as server:
        assert expect(ask(server), "complete").reply.cost == pytest.approx(0.25)


def test_prices_of_the_registration_give_the_cost_where_the_server_tells_none() -> None:
    with RawServer(
        [
            chunked(
                chunk(
                    "Yes.", usage={"prompt_tokens": 1_000_000, "completion_tokens": 500_000, "total_tokens": 1_500_000}
                ),
                sse(),
            )
        ]
    ) as server:
        found = expect(ask(server, price_in=2.0, price_out=4.0, currency="EUR"), "complete").reply.cost
    assert found == pytest.approx(4.0)
    assert found is not None
    assert found.currency == "EUR"


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


# The request


def body(call: Call, **spec: Any) -> dict[str, Any]:
    model = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"), **spec)
    made: dict[str, Any] = json.loads(encode(compose(DIALECT, model, call).body, model.key))
    return made


HI = (Message("user", "hi"),)


def test_a_request_says_no_more_than_it_must() -> None:
    assert body(Call(HI)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_further_fields_win_except_over_who_is_asked_what_and_how() -> None:
    extra = {"temperature": 1, "top_k": 5, "messages": [], "model": "other", "stream": False, "stream_options": None}
    sent = body(Call(HI, Sampling(temperature=0, extra_body=extra)), max_tokens=9)
    assert (sent["temperature"], sent["top_k"], sent["max_tokens"]) == (1, 5, 9)
    assert (sent["messages"][0]["content"], sent["model"], sent["stream"]) == ("hi", "m", True)
    assert "stream_options" not in sent


def test_the_two_ways_to_limit_an_answer_exclude_each_other() -> None:
    assert "max_tokens" not in body(Call(HI, Sampling(max_tokens=5, extra_body={"max_completion_tokens": 9})))
    both = body(Call(HI, Sampling(extra_body={"max_tokens": 5, "max_completion_tokens": 9})))
    assert (both["max_tokens"], both["max_completion_tokens"]) == (5, 9)


@given(st.text())
def test_any_text_can_be_sent(text: str) -> None:
    assert body(Call((Message("user", text),)))["messages"][0]["content"] == text


def test_half_a_surrogate_pair_does_not_stop_a_request() -> None:
    assert body(Call((Message("user", "a\ud83db"),)))["messages"][0]["content"] == "a?b"


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), float("inf"), object(), b"bytes"])
def test_what_json_cannot_say_is_told(value: object) -> None:
    with pytest.raises(OptionError, match="check the values given with -o"):
        body(Call(HI, Sampling(extra_body={"a": value})))

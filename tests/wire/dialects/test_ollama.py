"""Ollama's own API: the contract, what is sent in detail, and what its lists say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.testing import Case, DialectContract, Listing
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.ollama import DIALECT, base_url, details, running, show_body
from tests.wire.asking import ask_key, register
from tests.wire.dialects.dots import PNG, encoded
from tests.wire.dialects.ollama_lines import NOW, USAGE, call, last, line, lines
from tests.wire.raw_server import RawServer

SPEC = ModelSpec("o", "llama3.2", Endpoint("http://localhost:11434"), dialect="ollama")
HELLO = Call((Message("user", "hello"),))
TAGS = Listing(
    "tags",
    lines(
        {
            "models": [
                {
                    "name": "llama3.2:latest",
                    "model": "llama3.2:latest",
                    "modified_at": NOW,
                    "size": 2019393189,
                    "details": {"family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"},
                },
                {"name": "old-server-without-model-field:1b", "details": None},
            ]
        }
    ),
    (
        Listed("llama3.2:latest", description="llama, 3.2B, Q4_K_M"),
        Listed("old-server-without-model-field:1b"),
    ),
)


class TestContract(DialectContract):
    dialect = DIALECT
    cases = (
        Case(
            "hello",
            lines(line("Hé"), line("llo"), line(" 😀"), last()),
            text="Héllo 😀",
            usage=USAGE,
            finish_reason="stop",
            served_model="llama3.2",
        ),
        Case(
            "thinking, then a tool",
            lines(
                line(thinking="A tool of "),
                line(thinking="this turn."),
                line(tool_calls=[call("weather", {"city": "Łódź"}), call("time", {})]),
                last(),
            ),
            reasoning="A tool of this turn.",
            tool_calls=(ToolCall("", "weather", '{"city": "Łódź"}'), ToolCall("", "time", "{}")),
            usage=USAGE,
            finish_reason="stop",
            state="tool_calls",
            signatures=1,
        ),
        Case(
            "an image, step by step",
            lines(
                {"model": "z-image", "created_at": NOW, "completed": 1, "total": 2, "done": False},
                {"model": "z-image", "created_at": NOW, "completed": 2, "total": 2, "done": False},
                {"model": "z-image", "created_at": NOW, "image": encoded(PNG), "done": True, "done_reason": "stop"},
            ),
            images=1,
            finish_reason="stop",
            served_model="z-image",
        ),
        Case(
            "a model that makes no images, asked for one",
            lines(
                {"model": "llama3.2", "created_at": NOW, "response": "", "thinking": "Hm.", "done": False},
                {"model": "llama3.2", "created_at": NOW, "response": "I can", "done": False},
                {"model": "llama3.2", "created_at": NOW, "response": " not.", "done": False},
                {**last(), "message": None, "response": ""},
            ),
            text="I can not.",
            reasoning="Hm.",
            usage=USAGE,
            finish_reason="stop",
        ),
        Case(
            "tokens with their alternatives",
            lines(
                {
                    **line("Hi"),
                    "logprobs": [{"token": "Hi", "logprob": -0.1, "top_logprobs": [{"token": "Ho", "logprob": -3}]}],
                },
                {**line("!"), "logprobs": [{"token": "!", "logprob": -0.2}]},
                last(),
            ),
            text="Hi!",
            logprobs=2,
            usage=USAGE,
            finish_reason="stop",
        ),
        Case(
            "no end of the last line",
            lines(line("Hi"), last())[:-1],
            text="Hi",
            usage=USAGE,
            finish_reason="stop",
        ),
        Case(
            "an answer in a shape",
            lines(line('{"a":'), line(" 1}"), last()),
            text='{"a": 1}',
            usage=USAGE,
            finish_reason="stop",
            schema=True,
        ),
        Case(
            "in one piece",
            json.dumps({**last(), "message": {"role": "assistant", "content": "Hi", "thinking": "Hm."}}).encode(),
            text="Hi",
            reasoning="Hm.",
            usage=USAGE,
            finish_reason="stop",
            streamed=False,
        ),
        Case(
            "an error inside the stream",
            lines(line("Be"), {"error": "an error was encountered while running the model: CUDA error"}),
            text="Be",
            state="error(in_band)",
            words=("CUDA error",),
        ),
        Case(
            "no such model",
            b'{"error":"model \'llama9\' not found"}',
            state="error(http)",
            status=404,
            words=("model 'llama9' not found",),
            streamed=False,
        ),
        Case("an old server gives no reason", lines(line("Hi"), last(None)), text="Hi", usage=USAGE),
        Case("cut off", lines(line("Half an")), text="Half an", state="incomplete(eof)"),
    )
    finish_reasons = {"stop": "complete", "length": "length"}  # noqa: RUF012 - as the contract has it
    listings = (TAGS,)
    lacks = frozenset({"cached_tokens", "reasoning_tokens"})

    def spec(self) -> ModelSpec:
        return replace(super().spec(), endpoint=SPEC.endpoint)

    def ending_with(self, finish_reason: str) -> bytes:
        return lines(line("x"), last(finish_reason))


# What is sent


def body(call: Call = HELLO, spec: ModelSpec = SPEC) -> dict[str, Any]:
    return DIALECT.request(spec, call).body


def test_a_plain_question_has_nothing_but_what_it_needs() -> None:
    request = DIALECT.request(SPEC, HELLO)
    assert request.path == "/api/chat"
    assert request.body == {"model": "llama3.2", "messages": [{"role": "user", "content": "hello"}], "stream": True}


@pytest.mark.parametrize(
    ("url", "path", "base"),
    [
        ("http://a:11434", "/api/chat", "http://a:11434"),
        ("http://a:11434/", "/api/chat", "http://a:11434"),
        ("http://a/ollama/api/", "/chat", "http://a/ollama"),
        ("http://a:11434/v1", "/../api/chat", "http://a:11434"),
        ("http://a/v1/?team=x", "/../api/chat", "http://a?team=x"),
        ("http://a/v1beta", "/api/chat", "http://a/v1beta"),
    ],
)
def test_an_address_may_lead_to_one_side_of_the_server(url: str, path: str, base: str) -> None:
    assert DIALECT.request(replace(SPEC, endpoint=Endpoint(url)), HELLO).path == path
    assert base_url(url) == base


def test_options_have_ollamas_names_and_the_calls_stand_above_the_models() -> None:
    spec = replace(SPEC, temperature=0.5, max_tokens=10, seed=1, stop=("a",), context_window=8192)
    sampling = Sampling(temperature=0.0, top_p=0.9, max_tokens=20)
    found = body(replace(HELLO, sampling=sampling), spec)["options"]
    assert found == {"temperature": 0.0, "top_p": 0.9, "num_predict": 20, "seed": 1, "stop": ["a"]}


def test_images_calls_results_and_thoughts_have_ollamas_shape() -> None:
    turn = Message(
        "assistant", "", tool_calls=(ToolCall("c1", "f", '{"a": 1}'),), signatures=({"ollama": "Hm."}, {"x": 1})
    )
    asked = Call(
        (
            Message("system", "s"),
            Message("user", (Text("look"), Image(b"png"))),
            turn,
            Message("tool", "ok", tool_call_id="c1", tool_name="f"),
        )
    )
    assert body(asked)["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "look", "images": ["cG5n"]},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}],
            "thinking": "Hm.",
        },
        {"role": "tool", "content": "ok", "tool_name": "f"},
    ]


@pytest.mark.parametrize(
    ("arguments", "sent"), [("", {}), ("{", {"arguments": "{"}), ("[1]", {"arguments": [1]}), ("7", {"arguments": 7})]
)
def test_arguments_that_are_no_object_go_back_inside_of_one(arguments: str, sent: object) -> None:
    turn = Message("assistant", "", tool_calls=(ToolCall("c", "f", arguments),))
    assert body(Call((turn,)))["messages"][0]["tool_calls"] == [{"function": {"name": "f", "arguments": sent}}]


def test_a_thought_goes_back_only_while_its_tools_are_at_work() -> None:
    turn = Message("assistant", "", tool_calls=(ToolCall("c", "f", "{}"),), signatures=({"ollama": "Hm."},))
    asked = (Message("user", "?"), turn, Message("tool", "", tool_call_id="c", tool_name="f"))
    assert body(Call(asked))["messages"][1]["thinking"] == "Hm."
    assert body(Call(asked))["messages"][2] == {"role": "tool", "content": "", "tool_name": "f"}
    later = body(Call((*asked, Message("assistant", "Yes."), Message("user", "and now?"))))["messages"]
    assert "thinking" not in later[1]


def test_an_answer_that_never_began_is_left_out() -> None:
    asked = Call((Message("user", "go"), Message("assistant", ""), Message("user", "again")))
    assert [each["content"] for each in body(asked)["messages"]] == ["go", "again"]


@pytest.mark.parametrize(
    ("url", "path"),
    [("http://a:11434", "/api/generate"), ("http://a/api", "/generate"), ("http://a/v1", "/../api/generate")],
)
def test_an_image_is_asked_for_in_another_place_with_one_prompt(url: str, path: str) -> None:
    spec = replace(SPEC, model="z-image", endpoint=Endpoint(url), seed=7)
    said = (
        Message("system", "In oil."),
        Message("user", "A cat"),
        Message("assistant", (Image(b"cat"),)),
        Message("user", "in blue"),
    )
    request = DIALECT.request(spec, Call(said, makes_images=True))
    assert request.path == path
    assert request.body == {
        "model": "z-image",
        "prompt": "In oil.\n\nA cat\n\nin blue",
        "stream": True,
        "images": ["Y2F0"],
        "options": {"seed": 7},
    }


@pytest.mark.parametrize(("number", "told"), [(0, {"logprobs": True}), (3, {"logprobs": True, "top_logprobs": 3})])
def test_logprobs_are_asked_for_with_their_alternatives(number: int, told: dict[str, Any]) -> None:
    assert body(replace(HELLO, logprobs=number)) == {**body(), **told}
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(without=("logprobs",))))
    assert body(replace(HELLO, logprobs=number), spec) == body()


def test_a_number_of_tokens_for_the_reasoning_is_a_level_and_that_is_said() -> None:
    request = DIALECT.request(SPEC, replace(HELLO, effort=100))
    assert request.body["think"] == "low"
    assert len(request.notes) == 1
    assert body(replace(HELLO, effort=0))["think"] is False


def test_a_shape_is_the_schema_itself() -> None:
    assert body(replace(HELLO, schema=Schema("s", {"type": "object"})))["format"] == {"type": "object"}


@pytest.mark.parametrize(("effort", "think"), [("none", False), ("low", "low"), ("high", "high")])
def test_effort_is_how_it_thinks(effort: str, think: object) -> None:
    assert (
        body(replace(HELLO, effort=effort))["think"] is think or body(replace(HELLO, effort=effort))["think"] == think
    )
    assert "think" not in body()


TOOL = Tool("f", "does f", {"type": "object"})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (replace(HELLO, makes_images=True, tools=(TOOL,)), ("no tools", "without them")),
        (replace(HELLO, makes_images=True, schema=Schema("s", {})), ("no shapes", "without them")),
        (replace(HELLO, makes_images=True, logprobs=1), ("no log-probabilities", "without them")),
        (replace(HELLO, tools=(TOOL,), tool_choice="required"), ("'required'", "'auto'")),
        (replace(HELLO, tools=(TOOL,), tool_choice="f"), ("'f'", "'auto'")),
    ],
)
def test_what_ollama_has_no_field_for_is_refused_with_a_way_out(asked: Call, words: tuple[str, ...]) -> None:
    with pytest.raises(OptionError) as caught:
        body(asked)
    assert not [word for word in words if word not in str(caught.value)]


# Over the wire


def asked(raw: bytes, side: str = "") -> tuple[Any, RawServer]:
    with RawServer([raw]) as server:
        key = register(server.url.removesuffix("/v1") + side)
        byom.models.register(replace(byom.models[key], dialect="ollama"))
        return ask_key(key), server


def response(stream: bytes, mime: str = "application/x-ndjson", status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {len(stream)}\r\n\r\n"
    return head.encode() + stream


@pytest.mark.parametrize("side", ["", "/api", "/v1"])
def test_a_call_goes_to_the_chat_of_the_servers_own_api(side: str) -> None:
    outcome, server = asked(response(lines(line("Hi"), last())), side)
    assert (outcome.reply.text, outcome.reply.state_text) == ("Hi", "complete")
    assert server.requests[0].line.split()[1] == "/api/chat"


@pytest.mark.parametrize("mime", ["application/x-ndjson", "application/json", "application/json; charset=utf-8"])
def test_lines_are_read_under_any_name_that_they_have(mime: str) -> None:
    outcome, _ = asked(response(lines(line("a"), line("b"), last()), mime))
    assert (outcome.reply.text, outcome.reply.usage) == ("ab", USAGE)


def test_an_error_line_with_a_good_status_is_an_error() -> None:
    outcome, _ = asked(response(b'{"error":"unexpected EOF"}\n'))
    assert outcome.reply.state_text == "error(in_band)"
    assert "unexpected EOF" in outcome.message


def test_a_model_that_is_not_there_is_named_in_the_servers_words() -> None:
    outcome, _ = asked(response(b'{"error":"model \'m\' not found"}', "application/json", "404 Not Found"))
    assert outcome.reply.state_text == "error(http)"
    assert "model 'm' not found" in outcome.message


# What its lists say

SHOWN = {
    "parameters": 'stop "<|eot_id|>"\ntemperature 0.6',
    "details": {"family": "llama", "parameter_size": "8.0B", "quantization_level": "Q4_0"},
    "model_info": {"general.architecture": "llama", "llama.context_length": 131072, "llama.embedding_length": 4096},
    "capabilities": ["completion", "vision", "tools"],
}


def test_details_tell_context_length_and_capabilities() -> None:
    found = details(Listed("m"), SHOWN)
    able = Capabilities(tools=True, reasoning=False, structured_output=True, attachments=True, image_generation=False)
    assert found == Listed("m", description="llama, 8.0B, Q4_0", context_window=131072, capabilities=able)
    assert show_body("m") == {"model": "m"}


def test_the_context_that_the_models_file_sets_aside_counts() -> None:
    shown = {**SHOWN, "parameters": "temperature 1\nnum_ctx                        8192\nstop x"}
    assert details(Listed("m"), shown).context_window == 8192


def test_embedding_models_are_tagged_and_older_servers_say_nothing_of_capabilities() -> None:
    assert details(Listed("m"), {"capabilities": ["embedding"]}).tags == ("embedding",)
    old = {name: value for name, value in SHOWN.items() if name != "capabilities"}
    assert details(Listed("m"), old).capabilities == Capabilities()


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "x",
        {"model_info": [], "capabilities": {}, "parameters": 7, "details": "x"},
        {"model_info": {"general.architecture": "llama", "llama.context_length": -1}},
        {"model_info": {"general.architecture": 7, "7.context_length": 5}},
        {"model_info": {"general.architecture": "llama", "llama.context_length": 10**30}},
        {"parameters": "num_ctx 99999999999999999999"},
    ],
)
def test_details_that_make_no_sense_tell_nothing(payload: object) -> None:
    listed = Listed("m", context_window=None, description="d")
    assert details(listed, payload) == listed


def test_running_models_tell_their_context() -> None:
    loaded = {"models": [{"model": "a:1b", "context_length": 4096}, {"name": "b", "context_length": "x"}, None, {}]}
    assert running(loaded) == {"a:1b": 4096}
    assert running([]) == {}

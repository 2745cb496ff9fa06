"""Gemini's own API: the contract, and what is sent in detail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall, Usage
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.testing import Case, DialectContract, Listing, play
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.effort import BUDGET
from byom_magics.wire.dialects.gemini import DIALECT
from tests.wire.dialects.dots import GIF, PNG, encoded

SPEC = ModelSpec("g", "gemini-x", Endpoint("https://api.test/v1beta"), dialect="gemini")
HELLO = Call((Message("user", "hello"),))
LOOK = Tool("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}})
TURN = Tool("turn", "Turns.", {"type": "object", "properties": {}})
SIGNED = "a signature of some length"


def event(*parts: dict[str, Any], finish: str | None = None, usage: dict[str, Any] | None = None, **more: Any) -> bytes:
    """One event as Gemini sends it."""
    candidate: dict[str, Any] = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    chunk = {"candidates": [candidate], "modelVersion": "gemini-x-001", "responseId": "r1", **more}
    if usage is not None:
        chunk["usageMetadata"] = usage
    return framed(chunk)


def framed(chunk: object) -> bytes:
    return b"data: %s\r\n\r\n" % json.dumps(chunk, ensure_ascii=False).encode()


def text(said: str) -> dict[str, Any]:
    return {"text": said}


def call(name: str, arguments: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": arguments or {}}, **more}


CASES = (
    Case(
        "text, with counts that grow",
        event(text("Hello "), usage={"promptTokenCount": 20, "candidatesTokenCount": 1, "totalTokenCount": 21})
        + event(text("wörld 👋"), usage={"promptTokenCount": 20, "candidatesTokenCount": 4, "totalTokenCount": 24})
        + event(
            text(""),
            finish="STOP",
            usage={
                "promptTokenCount": 20,
                "candidatesTokenCount": 5,
                "totalTokenCount": 25,
                "cachedContentTokenCount": 16,
            },
        ),
        text="Hello wörld 👋",
        usage=Usage(20, 5, 25, 16),
        finish_reason="STOP",
        served_model="gemini-x-001",
    ),
    Case(
        "thoughts, and a signature in an empty part",
        event({"text": "Let me see.", "thought": True}, usage={"promptTokenCount": 9, "totalTokenCount": 9})
        + event(text("4"), text("2"))
        + event(
            {"text": "", "thoughtSignature": SIGNED},
            finish="STOP",
            usage={
                "promptTokenCount": 9,
                "candidatesTokenCount": 2,
                "totalTokenCount": 41,
                "thoughtsTokenCount": 30,
            },
        ),
        text="42",
        reasoning="Let me see.",
        usage=Usage(9, 32, 41, None, 30),
        finish_reason="STOP",
        signatures=1,
    ),
    Case(
        "two calls of tools, the first of them signed",
        event(
            call("look", {"at": "Köln"}, thoughtSignature=SIGNED),
            {"functionCall": {"id": "fc_2", "name": "turn"}},
        )
        + event(text(""), finish="STOP"),
        tool_calls=(ToolCall("byom_call_0", "look", '{"at": "Köln"}'), ToolCall("fc_2", "turn", "{}")),
        finish_reason="STOP",
        state="tool_calls",
        signatures=1,
    ),
    Case(
        "the shape of a schema",
        event(text('{"a":')) + event(text(" 1}"), finish="STOP"),
        text='{"a": 1}',
        finish_reason="STOP",
        schema=True,
    ),
    Case(
        "an image, signed, after a sketch of it",
        event(text("Here: "), {"inlineData": {"mimeType": "image/png", "data": encoded(GIF)}, "thought": True})
        + event({"inlineData": {"mimeType": "image/png", "data": encoded(PNG)}, "thoughtSignature": SIGNED})
        + event(text(""), finish="STOP"),
        text="Here: ",
        images=1,
        signatures=1,
        finish_reason="STOP",
    ),
    Case(
        "tokens with their alternatives, in one piece",
        json.dumps(
            {
                "candidates": [
                    {
                        "content": {"parts": [text("Yes.")], "role": "model"},
                        "finishReason": "STOP",
                        "avgLogprobs": -0.1,
                        "logprobsResult": {
                            "chosenCandidates": [
                                {"token": "Yes", "tokenId": 5, "logProbability": -0.1},
                                {"token": ".", "tokenId": 6, "logProbability": -0.2},
                            ],
                            "topCandidates": [{"candidates": [{"token": "No", "tokenId": 7, "logProbability": -2.5}]}],
                        },
                    }
                ]
            }
        ).encode(),
        streamed=False,
        text="Yes.",
        logprobs=2,
        finish_reason="STOP",
    ),
    Case(
        "a prompt that is blocked",
        framed(
            {
                "promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "Not this."},
                "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
                "modelVersion": "gemini-x-001",
            }
        ),
        usage=Usage(9, None, 9),
        finish_reason="PROHIBITED_CONTENT",
        state="content_filter",
        words=("Not this.",),
    ),
    Case(
        "a call that the model got wrong",
        event(finish="MALFORMED_FUNCTION_CALL").replace(
            b'"MALFORMED_FUNCTION_CALL"', b'"MALFORMED_FUNCTION_CALL", "finishMessage": "print(look())"'
        ),
        finish_reason="MALFORMED_FUNCTION_CALL",
        state="error(in_band)",
        words=("MALFORMED_FUNCTION_CALL", "print(look())"),
    ),
    Case(
        "an error in the middle",
        event(text("Hel"))
        + framed({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}),
        text="Hel",
        state="error(in_band)",
        words=("The model is overloaded.", "UNAVAILABLE", "503"),
    ),
    Case(
        "an error in a list",
        framed([{"error": {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED"}}]),
        state="error(in_band)",
        words=("Quota.", "RESOURCE_EXHAUSTED"),
    ),
    Case("broken off", event(text("Hel")), text="Hel", state="incomplete(eof)"),
    Case(
        "a refusal before the stream",
        b'[{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": []}}]',
        status=400,
        state="error(http)",
        words=("API key not valid.",),
    ),
    Case(
        "an error in place of an answer",
        b'{"error": {"code": 500, "message": "Internal.", "status": "INTERNAL"}}',
        streamed=False,
        state="error(in_band)",
        words=("Internal.",),
    ),
    Case(
        "in one piece",
        event(text("Yes."), finish="MAX_TOKENS", usage={"promptTokenCount": 1, "candidatesTokenCount": 2}).strip()[6:],
        streamed=False,
        text="Yes.",
        usage=Usage(1, 2),
        finish_reason="MAX_TOKENS",
        state="length",
    ),
)


class TestContract(DialectContract):
    dialect = DIALECT
    cases = CASES
    finish_reasons = {  # noqa: RUF012 - never changed
        "STOP": "complete",
        "MAX_TOKENS": "length",
        "SAFETY": "content_filter",
        "RECITATION": "content_filter",
        "LANGUAGE": "content_filter",
        "OTHER": "content_filter",
        "BLOCKLIST": "content_filter",
        "PROHIBITED_CONTENT": "content_filter",
        "SPII": "content_filter",
        "MODEL_ARMOR": "content_filter",
        "IMAGE_SAFETY": "content_filter",
        "IMAGE_PROHIBITED_CONTENT": "content_filter",
        "IMAGE_RECITATION": "content_filter",
        "MALFORMED_FUNCTION_CALL": "error(in_band)",
        "MALFORMED_RESPONSE": "error(in_band)",
        "UNEXPECTED_TOOL_CALL": "error(in_band)",
        "TOO_MANY_TOOL_CALLS": "error(in_band)",
        "MISSING_THOUGHT_SIGNATURE": "error(in_band)",
        "IMAGE_OTHER": "error(in_band)",
        "NO_IMAGE": "error(in_band)",
    }
    listings = (
        Listing(
            "a page",
            json.dumps(
                {
                    "models": [
                        {
                            "name": "models/gemini-x",
                            "displayName": "Gemini X",
                            "description": "Fast.",
                            "inputTokenLimit": 1_048_576,
                            "outputTokenLimit": 65_536,
                            "supportedGenerationMethods": ["generateContent", "countTokens"],
                            "thinking": True,
                        },
                        {"name": "models/embedding-x", "supportedGenerationMethods": ["embedContent"]},
                        {"name": "tunedModels/mine", "supportedGenerationMethods": ["generateContent"]},
                        {"name": "models/plain"},
                    ],
                    "nextPageToken": "a b&c",
                }
            ).encode(),
            (
                Listed(
                    "gemini-x",
                    "Gemini X",
                    "Fast.",
                    1_048_576,
                    65_536,
                    capabilities=Capabilities(reasoning=True),
                ),
                Listed("tunedModels/mine"),
                Listed("plain"),
            ),
            "pageToken=a%20b%26c",
        ),
        Listing("nothing", b"{}"),
    )

    def ending_with(self, finish_reason: str) -> bytes:
        return event(text("So")) + event(finish=finish_reason)

    def test_every_reason_to_block_a_prompt_is_no_answer(self) -> None:
        for reason in (
            "SAFETY",
            "OTHER",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "IMAGE_SAFETY",
            "JAILBREAK",
            "MODEL_ARMOR",
        ):
            outcome = play(DIALECT, Case(reason, framed({"promptFeedback": {"blockReason": reason}})))
            assert (outcome.state, outcome.ended.finish_reason) == ("content_filter", reason)


def request(call: Call = HELLO, spec: ModelSpec = SPEC) -> dict[str, Any]:
    return DIALECT.request(spec, call).body


def config(call: Call = HELLO, spec: ModelSpec = SPEC) -> dict[str, Any]:
    found = request(call, spec)["generationConfig"]
    assert isinstance(found, dict)
    return found


def test_a_question_is_sent() -> None:
    assert request() == {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-x", "/models/gemini-x:streamGenerateContent?alt=sse"),
        ("models/gemini-x", "/models/gemini-x:streamGenerateContent?alt=sse"),
        ("tunedModels/mine", "/tunedModels/mine:streamGenerateContent?alt=sse"),
        ("a/../b?c", "/models/a%2F..%2Fb%3Fc:streamGenerateContent?alt=sse"),
        ("\ud800", "/models/%EF%BF%BD:streamGenerateContent?alt=sse"),
    ],
)
def test_the_model_stands_in_the_path(model: str, path: str) -> None:
    assert DIALECT.request(replace(SPEC, model=model), HELLO).path == path


def test_the_key_has_a_header_of_its_own() -> None:
    assert (DIALECT.key_header, DIALECT.key_prefix) == ("x-goog-api-key", "")


def test_system_messages_are_one_instruction_wherever_they_stand() -> None:
    found = request(Call((Message("system", "Be brief."), Message("user", "hello"), Message("system", "Be kind."))))
    assert found["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]}
    assert len(found["contents"]) == 1


def test_options_have_the_names_of_the_service() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=10, seed=7, stop=("END",))
    assert config(replace(HELLO, sampling=sampling)) == {
        "temperature": 0.5,
        "topP": 0.9,
        "maxOutputTokens": 10,
        "seed": 7,
        "stopSequences": ["END"],
    }


def test_an_image_is_sent_as_its_bytes_in_its_place() -> None:
    message = Message("user", (Text("What is"), Image(b"png!", "image/webp"), Text("this?")))
    assert request(Call((message,)))["contents"][0]["parts"] == [
        {"text": "What is"},
        {"inlineData": {"mimeType": "image/webp", "data": "cG5nIQ=="}},
        {"text": "this?"},
    ]


def test_an_image_where_the_service_takes_none_is_refused() -> None:
    with pytest.raises(OptionError, match="role 'system' cannot carry an image"):
        request(Call((Message("system", (Image(b"x"),)), Message("user", "hello"))))


def test_images_are_asked_for_as_a_modality() -> None:
    assert config(replace(HELLO, makes_images=True)) == {"responseModalities": ["TEXT", "IMAGE"]}


def test_an_image_that_the_model_made_goes_back_with_its_signature() -> None:
    signed = ({"gemini": {"image": 1, "thoughtSignature": "s1"}}, {"gemini": {"text": [0, 5], "thoughtSignature": "t"}})
    said = Message("assistant", (Text("Here."), Image(b"a"), Image(b"b", "image/webp")), signatures=signed)
    assert request(Call((Message("user", "draw"), said, Message("user", "larger"))))["contents"][1] == {
        "role": "model",
        "parts": [
            {"text": "Here.", "thoughtSignature": "t"},
            {"inlineData": {"mimeType": "image/png", "data": "YQ=="}},
            {"inlineData": {"mimeType": "image/webp", "data": "Yg=="}, "thoughtSignature": "s1"},
        ],
    }


def test_a_signature_of_an_image_that_is_not_sent_is_left_out() -> None:
    said = Message("assistant", "Here.", signatures=({"gemini": {"image": 0, "thoughtSignature": "s"}},))
    assert request(Call((Message("user", "draw"), said)))["contents"][1]["parts"] == [{"text": "Here."}]


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, {"responseLogprobs": True}), (3, {"responseLogprobs": True, "logprobs": 3})],
)
def test_logprobs_are_asked_for_with_a_whole_answer(number: int, told: dict[str, Any]) -> None:
    asked = DIALECT.request(SPEC, replace(HELLO, logprobs=number))
    assert asked.body["generationConfig"] == told
    assert asked.path == "/models/gemini-x:generateContent"


def test_a_model_that_refuses_logprobs_streams_as_ever() -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(without=("logprobs",))))
    assert DIALECT.request(spec, replace(HELLO, logprobs=3)) == DIALECT.request(SPEC, HELLO)


def test_tools_and_their_choice() -> None:
    found = request(replace(HELLO, tools=(LOOK, TURN), tool_choice="turn"))
    assert found["tools"][0]["functionDeclarations"][0] == {
        "name": "look",
        "description": "Looks.",
        "parametersJsonSchema": dict(LOOK.parameters),
    }
    named = {"mode": "ANY", "allowedFunctionNames": ["turn"]}
    assert found["toolConfig"] == {"functionCallingConfig": named}
    for choice, word in (("auto", "AUTO"), ("required", "ANY"), ("none", "NONE")):
        found = request(replace(HELLO, tools=(LOOK,), tool_choice=choice))
        assert found["toolConfig"] == {"functionCallingConfig": {"mode": word}}


def test_a_tool_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(OptionError, match="no tool 'lok'"):
        request(replace(HELLO, tools=(LOOK,), tool_choice="lok"))


def test_results_of_tools_that_were_asked_for_together_go_back_together() -> None:
    asked = (ToolCall("byom_call_0", "look", '{"at": "it"}'), ToolCall("fc_2", "turn", ""))
    results = (
        Message("tool", '{"seen": 1}', tool_call_id="byom_call_0"),
        Message("tool", (Text("[2]"), Image(b"x")), tool_call_id="fc_2"),
    )
    contents = request(Call((Message("user", "go"), Message("assistant", "", tool_calls=asked), *results)))["contents"]
    assert contents[1] == {
        "role": "model",
        "parts": [
            {"functionCall": {"name": "look", "args": {"at": "it"}}},
            {"functionCall": {"name": "turn", "args": {}, "id": "fc_2"}},
        ],
    }
    assert contents[2] == {
        "role": "user",
        "parts": [
            {"functionResponse": {"name": "look", "response": {"seen": 1}}},
            {"functionResponse": {"name": "turn", "response": {"result": [2]}, "id": "fc_2"}},
            {"inlineData": {"mimeType": "image/png", "data": "eA=="}},
        ],
    }


def test_a_result_that_belongs_to_no_call_is_refused() -> None:
    with pytest.raises(OptionError, match="belongs to no call of a tool"):
        request(Call((Message("tool", "seen", tool_call_id="x"),)))


@pytest.mark.parametrize("arguments", ['{"at": "i', "[" * 100_000])
def test_arguments_that_are_no_object_go_back_as_they_were_written(arguments: str) -> None:
    said = Message("assistant", "", tool_calls=(ToolCall("a", "look", arguments),))
    sent = request(Call((Message("user", "go"), said)))["contents"][1]["parts"][0]["functionCall"]["args"]
    assert sent == {"arguments": arguments}


def said(message: Message) -> list[dict[str, Any]]:
    found = request(Call((Message("user", "go"), message)))["contents"][1]["parts"]
    assert isinstance(found, list)
    return found


def test_what_was_signed_goes_back_where_it_was() -> None:
    message = Message(
        "assistant",
        "Hello world",
        tool_calls=(ToolCall("a", "look", "{}"), ToolCall("b", "turn", "{}")),
        signatures=(
            {"gemini": {"thought": "Hm.", "thoughtSignature": "t"}},
            {"gemini": {"text": [6, 9], "thoughtSignature": "w"}},
            {"anthropic": {"type": "thinking"}},
            {"gemini": {"text": [11, 11], "thoughtSignature": "end"}},
            {"gemini": {"call": 1, "thoughtSignature": "c"}},
        ),
    )
    assert said(message) == [
        {"text": "Hm.", "thought": True, "thoughtSignature": "t"},
        {"text": "Hello "},
        {"text": "wor", "thoughtSignature": "w"},
        {"text": "ld"},
        {"text": "", "thoughtSignature": "end"},
        {"functionCall": {"name": "look", "args": {}, "id": "a"}},
        {"functionCall": {"name": "turn", "args": {}, "id": "b"}, "thoughtSignature": "c"},
    ]


def test_signatures_of_a_text_that_was_shortened_since_lose_no_letter_and_double_none() -> None:
    signatures = tuple({"gemini": {"text": each, "thoughtSignature": "s"}} for each in ([2, 40], [50, 60], [1, 3]))
    parts = said(Message("assistant", "Hello", signatures=signatures))
    assert "".join(part["text"] for part in parts) == "Hello"
    assert len([part for part in parts if "thoughtSignature" in part]) == 3


def test_an_answer_that_never_began_is_left_out() -> None:
    contents = request(Call((Message("user", "go"), Message("assistant", ""), Message("user", "again"))))["contents"]
    assert [each["role"] for each in contents] == ["user", "user"]


def test_a_shape_is_told_as_it_is() -> None:
    shape = {"type": "object", "properties": {"a": {"type": "integer"}}}
    found = config(replace(HELLO, schema=Schema("s", shape)))
    assert found == {"responseMimeType": "application/json", "responseJsonSchema": shape}


@pytest.mark.parametrize(
    ("effort", "thinking"),
    [
        ("none", {"thinkingBudget": 0}),
        (0, {"thinkingBudget": 0}),
        ("low", {"thinkingLevel": "low", "includeThoughts": True}),
        ("high", {"thinkingLevel": "high", "includeThoughts": True}),
        (5000, {"thinkingBudget": 5000, "includeThoughts": True}),
    ],
)
def test_an_effort_is_a_level_or_a_budget(effort: str | int, thinking: dict[str, Any]) -> None:
    assert config(replace(HELLO, effort=effort)) == {"thinkingConfig": thinking}


def test_older_models_are_given_a_budget_for_the_level() -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(effort_field=BUDGET)))
    found = config(replace(HELLO, effort="medium"), spec)
    assert found == {"thinkingConfig": {"thinkingBudget": 8192, "includeThoughts": True}}


def test_thoughts_are_asked_for_only_of_models_that_are_known_to_think() -> None:
    spec = replace(SPEC, capabilities=Capabilities(reasoning=True))
    assert config(HELLO, spec) == {"thinkingConfig": {"includeThoughts": True}}
    assert "generationConfig" not in request(HELLO, replace(SPEC, capabilities=Capabilities(reasoning=False)))

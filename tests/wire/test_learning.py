"""What is learnt from refusals, in the words of the servers that refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from byom_magics.catalog.spec import Quirks
from byom_magics.wire.learning import Adjustment, Learnt, adjusted, learn, left_out
from byom_magics.wire.refusal import refusal_in_body

BODY: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
    "stream": True,
    "stream_options": {"include_usage": True},
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 9,
    "seed": 1,
    "stop": ["x"],
    "reasoning_effort": "low",
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}},
}


def learnt(answer: object, body: dict[str, Any] | None = None, *, status: int = 400, **more: Any) -> Adjustment | None:
    """What is learnt when a server answers so."""
    refusal = refusal_in_body(answer.encode() if isinstance(answer, str) else json.dumps(answer).encode())
    assert refusal is not None
    quirks = more.pop("quirks", Quirks())
    return learn(status, refusal, body or BODY, quirks, **more)


def openai(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def missing(kind: str, *loc: object) -> dict[str, Any]:
    return {"type": kind, "loc": list(loc), "msg": "Extra inputs are not permitted", "input": 1}


REFUSED: list[tuple[str, object, int, tuple[str, object]]] = [
    ("OpenAI: another field", openai("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter"), 400, ("token_limit_field", "max_completion_tokens")),
    ("OpenAI: a value", openai("Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.", "temperature", "unsupported_value"), 400, ("without", "temperature")),
    ("OpenAI: an unknown field", openai("Unrecognized request argument supplied: seed"), 400, ("without", "seed")),
    ("Azure, old", openai("Unrecognized request argument supplied: stream_options"), 400, ("stream_usage", False)),
    ("Mistral", {"object": "error", "message": {"detail": [missing("extra_forbidden", "body", "seed")]}, "type": "invalid_request_error"}, 422, ("without", "seed")),
    ("FastAPI", {"detail": [missing("extra_forbidden", "body", "reasoning_effort")]}, 422, ("without", "reasoning_effort")),
    ("Gemini, compatible", [{"error": {"code": 400, "message": 'Invalid JSON payload received. Unknown name "seed": Cannot find field.', "status": "INVALID_ARGUMENT"}}], 400, ("without", "seed")),
    ("transformers serve", {"detail": "Unexpected fields in the request: {'seed'}"}, 422, ("without", "seed")),
    ("Groq", openai("`reasoning_effort` is not supported with this model", "reasoning_effort"), 400, ("without", "reasoning_effort")),
    ("Cohere", {"message": "invalid request: stream_options is not supported"}, 400, ("stream_usage", False)),
    ("LiteLLM", {"error": {"message": "litellm.UnsupportedParamsError: groq does not support parameters: ['seed'], for model=m", "code": "400"}}, 400, ("without", "seed")),
    ("xAI", {"code": "bad", "error": "Argument not supported on this model: stop"}, 400, ("without", "stop")),
    ("Anthropic", {"type": "error", "error": {"type": "invalid_request_error", "message": "`temperature` and `top_p` cannot both be specified for this model."}}, 400, ("without", "temperature")),
    ("plain text of a server that fell over", "TypeError: create_completion() got an unexpected keyword argument 'seed'", 500, ("without", "seed")),
    ("a schema", openai("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "response_format"), 400, ("schema", "json_object")),
    ("no system message", openai("System role not supported"), 400, ("system_role", "user")),
    ("a template that wants turns", "Conversation roles must alternate user/assistant/user/assistant/...", 500, ("system_role", "user")),
    ("OpenAI: no system message", openai("Unsupported value: 'messages[0].role' does not support 'system' with this model.", "messages[0].role"), 400, ("system_role", "user")),
    ("content in parts", openai("messages[1].content must be an array of content parts"), 400, ("content", "parts")),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "status", "found"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
def test_a_refusal_that_names_a_field_is_learnt_from(answer: object, status: int, found: tuple[str, object]) -> None:
    adjustment = learnt(answer, status=status)
    assert adjustment is not None
    assert (adjustment.quirk, adjustment.value) == found
    assert adjustment.note.startswith("sent with")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (openai("temperature must be between 0 and 0.4", "temperature"), 400),
        (openai("temperature must not be greater than 0.4", "temperature"), 400),
        ({"detail": [{"loc": ["body", "temperature"], "msg": "Input should be less than or equal to 0.4"}]}, 422),
        (openai("max_tokens is too large: 9. This model supports at most 8.", "max_tokens"), 400),
        (openai("This model's maximum context length is 4 tokens; your messages resulted in 9."), 400),
        (openai("The model `m` does not exist", "model", "model_not_found"), 400),
        (openai("Unknown field: messages", "messages"), 400),
        (openai("'seed' is not supported"), 401),
        (openai("'seed' is not supported"), 429),
        (openai("no"), 400),
    ],
)
def test_a_value_out_of_range_and_what_is_no_field_of_ours_stand_refused(answer: object, status: int) -> None:
    assert learnt(answer, status=status) is None


def test_tools_and_the_limit_of_an_answer_are_never_dropped() -> None:
    body = {**BODY, "tools": [{}]}
    assert learnt(openai("'tools' is not supported with this model", "tools"), body) is None
    once = Adjustment("token_limit_field", "max_completion_tokens", "")
    body = {**BODY, "max_completion_tokens": 9}
    del body["max_tokens"]
    refusal = openai("Unsupported parameter: 'max_completion_tokens'", "max_completion_tokens")
    quirks = Quirks(token_limit_field="max_completion_tokens")
    assert learnt(refusal, body, quirks=quirks, known=(once,)) is None
    found = learnt(refusal, body, quirks=quirks)
    assert found is not None
    assert (found.quirk, found.value) == ("token_limit_field", "max_tokens")


def test_what_the_call_itself_names_is_never_left_out() -> None:
    both = openai("'seed' and 'stop' are not supported")
    found = learnt(both, kept={"seed"})
    assert found is not None
    assert found.value == "stop"
    assert learnt(openai("'seed' is not supported", "seed"), kept={"seed"}) is None


def test_names_in_quotes_are_meant_and_words_of_a_sentence_are_not() -> None:
    found = learnt(openai("We had to stop: the field 'seed' is not supported."))
    assert found is not None
    assert found.value == "seed"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, "adaptive thinking is not supported on this model"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, "This model does not support the effort parameter."),
        ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "low"}}}, "Thinking level is not supported for this model."),
    ],
)  # fmt: skip
def test_a_level_of_effort_that_is_not_known_becomes_a_budget(sent: dict[str, Any], said: str) -> None:
    found = learnt(openai(said), {"model": "m", **sent})
    assert found is not None
    assert (found.quirk, found.value) == ("effort_field", "budget")
    again = learnt(openai(said), {"model": "m", **sent}, quirks=Quirks(effort_field="budget"))
    assert again is None or again.quirk != "effort_field"
    assert learnt(openai("The prompt is too long."), {"model": "m", **sent}) is None


TOO_OLD = (
    '"thinking.type.enabled" is not supported for this model. '
    'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
)


def test_a_budget_that_the_newest_models_refuse_becomes_a_level() -> None:
    body = {"model": "m", "thinking": {"type": "enabled", "budget_tokens": 5000}, "max_tokens": 9096}
    found = learnt(openai(TOO_OLD), body)
    assert found is not None
    assert (found.quirk, found.value) == ("effort_field", "levels")
    again = learnt(openai(TOO_OLD), body, quirks=Quirks(effort_field="levels"))
    assert again is None or again.quirk != "effort_field"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"logprobs": True, "top_logprobs": 3}, openai("Unsupported parameter: 'logprobs' is not supported with this model.", "logprobs")),
        ({"logprobs": True, "top_logprobs": 3}, openai("Unrecognized request argument supplied: top_logprobs")),
        ({"logprobs": True}, {"detail": [missing("extra_forbidden", "body", "logprobs")]}),
        ({"include": ["message.output_text.logprobs"], "top_logprobs": 3}, openai("logprobs are not supported with reasoning models.", "include", "unsupported_parameter")),
        ({"generationConfig": {"responseLogprobs": True, "logprobs": 3}}, {"error": {"code": 400, "message": "Logprobs is not enabled for models/gemini-x"}}),
        ({"generationConfig": {"responseLogprobs": True}}, {"error": {"code": 400, "message": "Logprobs is not supported for the current model."}}),
    ],
    ids=["OpenAI", "Azure", "FastAPI", "Responses", "Gemini", "Gemini, older"],
)  # fmt: skip
def test_logprobs_that_are_refused_are_left_out_with_all_their_fields(body: dict[str, Any], answer: object) -> None:
    found = learnt(answer, {"model": "m", **body})
    assert found is not None
    assert (found.quirk, found.value) == ("without", "logprobs")
    assert learnt(answer, {"model": "m", **body}, known=(found,)) is None


def test_logprobs_out_of_range_that_nobody_sent_or_that_the_person_named_stand_refused() -> None:
    body = {"model": "m", "logprobs": True, "top_logprobs": 20}
    assert learnt(openai("Requested sample logprobs of 20, which is greater than max allowed: 5"), body) is None
    refusal = openai("'logprobs' is not supported", "logprobs")
    assert learnt(refusal, {"model": "m"}) is None
    assert learnt(refusal, body, kept={"logprobs"}) is None


def test_a_field_inside_an_object_is_left_out_alone() -> None:
    body = {"contents": [], "generationConfig": {"seed": 1, "topK": 5}}
    message = "Invalid JSON payload received. Unknown name \"seed\" at 'generation_config': Cannot find field."
    found = learnt({"error": {"code": 400, "message": message}}, body)
    assert found is not None
    assert (found.quirk, found.value) == ("without", "generationConfig.seed")


def test_a_schema_goes_down_step_by_step_to_words() -> None:
    steps = []
    quirks, known = Quirks(), tuple[Adjustment, ...]()
    for _ in range(3):
        body = {**BODY, "response_format": {"type": quirks.schema}}
        found = learnt(
            openai("'response_format' is not supported", "response_format"), body, quirks=quirks, known=known
        )
        if found is None or quirks.schema == "none":
            break
        steps.append(found.value)
        known = (*known, found)
        quirks = adjusted(Quirks(), known)
    assert steps == ["json_object", "none"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config: Extra inputs are not permitted"),
        ({"text": {"format": {"type": "json_schema"}}}, "Invalid parameter: 'text.format' is not supported here."),
        (
            {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": {}}},
            "Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.",
        ),
        ({"format": {"type": "object"}}, 'json: unknown field "format"'),
    ],
    ids=["Anthropic", "Responses", "Gemini", "Ollama"],
)
def test_a_schema_that_is_refused_is_said_in_words_in_all_dialects(body: dict[str, Any], said: str) -> None:
    found = learnt(openai(said), {"model": "m", **body})
    assert found is not None
    assert (found.quirk, found.value) == ("schema", "none")
    assert "instructions" in found.note


def test_a_field_that_cannot_stand_beside_thinking_is_left_out_and_the_thinking_stays() -> None:
    body = {"model": "m", "temperature": 0.5, "thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}
    said = "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
    found = learnt(openai(said), body)
    assert found is not None
    assert (found.quirk, found.value) == ("without", "temperature")
    found = learnt(openai("`top_k` must be unset when thinking is enabled."), {**body, "top_k": 3})
    assert found is not None
    assert (found.quirk, found.value) == ("without", "top_k")


def test_a_field_is_known_in_the_other_spelling() -> None:
    said = openai("Model m does not support parameter presencePenalty.")
    found = learnt(said, {"model": "m", "presence_penalty": 0.5})
    assert found is not None
    assert (found.quirk, found.value) == ("without", "presence_penalty")


def test_parts_that_are_text_become_text_and_images_stay() -> None:
    refused = {"detail": [{"loc": ["body", "messages", 1, "content"], "msg": "Input should be a valid string"}]}
    text = {**BODY, "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}
    found = learnt(refused, text, status=422)
    assert found is not None
    assert (found.quirk, found.value) == ("content", "text")
    image = {**BODY, "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}
    assert learnt(refused, image, status=422) is None


def test_the_role_developer_falls_back_to_system() -> None:
    body = {**BODY, "messages": [{"role": "developer", "content": "Be brief."}]}
    found = learnt(openai("Unexpected role 'developer'"), body, quirks=Quirks(system_role="developer"))
    assert found is not None
    assert (found.quirk, found.value) == ("system_role", "system")


def test_a_field_of_a_message_is_left_out_of_all_messages() -> None:
    body = {**BODY, "messages": [{"role": "assistant", "content": "", "reasoning_content": "Hmm."}]}
    answer = {"detail": [missing("extra_forbidden", "body", "messages", 0, "assistant", "reasoning_content")]}
    found = learnt(answer, body, status=422)
    assert found is not None
    assert (found.quirk, found.value) == ("without", "reasoning_content")


@pytest.mark.parametrize("body", [{"messages": 7}, {"messages": [7, None, {"content": [7]}]}, {"a": {7: 1}, 7: 1}, {}])
def test_a_body_that_a_transformer_made_odd_does_no_harm(body: dict[Any, Any]) -> None:
    for text in ("'a' is not supported", "content must be a string", "system role not supported"):
        learnt(openai(text), body)


def test_what_is_learnt_is_laid_over_the_quirks() -> None:
    found = (Adjustment("stream_usage", value=False, note=""), Adjustment("without", "seed", ""))
    quirks = adjusted(Quirks(without=("n",)), found)
    assert (quirks.stream_usage, quirks.without) == (False, ("n", "seed"))
    assert left_out(found) == ("seed",)
    assert replace(quirks, without=("n",), stream_usage=True) == Quirks(without=("n",))


def test_what_was_learnt_is_kept_by_place_and_the_newer_word_holds() -> None:
    store, here, there = Learnt(), ("http://a:1", "m"), ("http://a:1", "n")
    seed, stop = Adjustment("without", "seed", ""), Adjustment("without", "stop", "")
    first, second = Adjustment("schema", "json_object", ""), Adjustment("schema", "none", "")
    store.add(here, (seed, first))
    store.add(here, (stop, second, seed))
    assert store.of(here) == (seed, stop, second)
    assert store.of(there) == ()

from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.demo import MODELS
from byom_magics.demo.conversation import Conversation
from byom_magics.demo.fields import RequestError
from byom_magics.demo.functions import Offer
from byom_magics.demo.request import ChatRequest, read_request
from byom_magics.demo.sampling import Sampling
from tests.demo.failing import prompt

ASK = {"model": "demo/5gram", "messages": [{"role": "user", "content": "Why?"}]}


def read(**fields: Any) -> ChatRequest:
    return read_request(json.dumps({**ASK, **fields}).encode(), 60.0)


def refusal(body: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read_request(body, 60.0)
    return caught.value


def test_a_bare_request_has_sensible_defaults() -> None:
    assert read() == ChatRequest(
        model=MODELS[2],
        conversation=Conversation(("Why?",), texts=("Why?",)),
        offer=Offer(),
        form=None,
        effort=0,
        sampling=Sampling(),
        max_tokens=200,
        stop=(),
        stream=False,
        include_usage=False,
        logprobs=False,
        tokens_per_second=60.0,
    )


def test_every_field_that_is_known_is_read() -> None:
    chat = read(
        temperature=0.5,
        top_p=0.9,
        seed=-7,
        max_tokens=5,
        stop=["a", "b"],
        stream=True,
        stream_options={"include_usage": True},
        logprobs=True,
        top_logprobs=3,
        n=1,
        tokens_per_second=2,
    )
    assert chat.sampling == Sampling(0.5, 0.9, -7, 3)
    assert (chat.max_tokens, chat.stop, chat.stream, chat.include_usage) == (5, ("a", "b"), True, True)
    assert (chat.logprobs, chat.tokens_per_second) == (True, 2.0)


def test_fields_that_are_null_or_unknown_are_as_if_not_given() -> None:
    names = "temperature top_p seed max_tokens max_completion_tokens stop stream stream_options logprobs top_logprobs n"
    assert read(**dict.fromkeys(names.split()), user="me", tools=[], whatever={"a": 1}) == read()


@pytest.mark.parametrize(("value", "pace"), [(None, None), (0, None), (0.5, 0.5), (1e300, 1e9), (1e-300, 1e-6)])
def test_the_pace_can_be_set_and_lifted(value: float | None, pace: float | None) -> None:
    assert read(tokens_per_second=value).tokens_per_second == pace


def test_the_newer_name_of_max_tokens_wins() -> None:
    assert read(max_completion_tokens=7).max_tokens == 7
    assert read(max_completion_tokens=7, max_tokens=9).max_tokens == 7


def test_the_last_message_of_the_user_is_the_prompt() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": [{"type": "text", "text": "Two"}, {"type": "text", "text": "Three"}]},
        {"role": "assistant", "content": "Four"},
    ]
    chat = read(messages=messages)
    assert chat.conversation.question == "Two\nThree"
    assert chat.conversation.texts == ("Be brief.", "One", "", "Two\nThree", "Four")


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 2.1),
        ("temperature", "1"),
        ("temperature", True),
        ("temperature", 10**400),
        ("top_p", 0),
        ("top_p", 1.01),
        ("top_p", [1]),
        ("max_tokens", 0),
        ("max_tokens", 1.5),
        ("max_tokens", True),
        ("max_completion_tokens", -1),
        ("seed", 1.5),
        ("seed", "1"),
        ("stop", ""),
        ("stop", ["a"] * 5),
        ("stop", [1]),
        ("stop", {"a": 1}),
        ("stream", "yes"),
        ("stream", 1),
        ("n", 2),
        ("n", 0),
        ("logprobs", 5),
        ("top_logprobs", 2),
        ("tokens_per_second", -1),
        ("tokens_per_second", "fast"),
        ("tokens_per_second", False),
        ("stream_options", []),
        ("stream_options", {"include_usage": True}),
        ("model", None),
        ("model", 5),
        ("messages", []),
        ("messages", "Why?"),
        ("messages", None),
        ("messages", [{"role": "system", "content": "Only."}]),
    ],
)
def test_a_field_that_cannot_be_used_is_named(param: str, value: Any) -> None:
    problem = refusal(json.dumps({**ASK, param: value}).encode())
    assert (problem.status, problem.param, problem.code) == (400, param, "invalid_value")
    assert problem.message.startswith(f"'{param}' ")


@pytest.mark.parametrize("alternatives", [-1, 21, 1.5])
def test_alternatives_are_0_to_20(alternatives: float) -> None:
    problem = refusal(json.dumps({**ASK, "logprobs": True, "top_logprobs": alternatives}).encode())
    assert problem.param == "top_logprobs"


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        (["hello"], "messages[0]"),
        ([{"content": "hello"}], "messages[0].role"),
        ([{"role": "robot", "content": "hello"}], "messages[0].role"),
        ([{"role": ["user"], "content": "hello"}], "messages[0].role"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "user", "content": 5}], "messages[0].content"),
        ([{"role": "user", "content": ["x"]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}], "messages[0].content[0]"),
    ],
)
def test_a_message_that_cannot_be_read_is_pointed_at(messages: list[Any], param: str) -> None:
    problem = refusal(json.dumps({**ASK, "messages": messages}).encode())
    assert (problem.status, problem.param) == (400, param)


def test_an_image_is_refused_by_name() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:"}}
    problem = refusal(json.dumps({**ASK, "messages": [{"role": "user", "content": [part]}]}).encode())
    assert "image_url" in problem.message


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"model": NaN}', b'{"a": Infinity}', b"[" * 100_000, b"1" * 10_000]
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    problem = refusal(body)
    assert (problem.status, problem.code) == (400, "invalid_json")


def test_an_unknown_model_is_answered_with_those_there_are() -> None:
    problem = refusal(json.dumps({**ASK, "model": "gpt-5"}).encode())
    assert (problem.status, problem.code, problem.param) == (404, "model_not_found", "model")
    assert all(model.id in problem.message for model in MODELS)


def test_a_model_without_probabilities_says_which_have_some() -> None:
    problem = refusal(json.dumps({**ASK, "model": "demo/pydoc", "logprobs": True}).encode())
    assert problem.param == "logprobs"
    assert "demo/bigram and demo/5gram" in problem.message


TOOL = {"type": "function", "function": {"name": "add"}}
FORM = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


def test_tools_a_form_and_an_effort_are_read_for_the_model_that_has_them() -> None:
    chat = read(model="demo/pydoc", tools=[TOOL], response_format=FORM, reasoning_effort="low")
    assert [function.name for function in chat.offer.functions] == ["add"]
    assert chat.form is not None
    assert chat.form.name == "x"
    assert chat.effort == 2
    assert chat.max_tokens > MODELS[0].max_tokens


def test_tools_and_forms_count_as_tokens_of_the_request() -> None:
    bare = read(model="demo/pydoc").tokens
    with_tools = read(model="demo/pydoc", tools=[TOOL]).tokens
    assert bare < with_tools < read(model="demo/pydoc", tools=[TOOL], response_format=FORM).tokens


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("tools", [TOOL]),
        ("response_format", FORM),
        ("response_format", {"type": "json_object"}),
        ("reasoning_effort", "low"),
    ],
)
def test_a_model_that_only_continues_texts_names_the_one_that_does_more(param: str, value: Any) -> None:
    problem = refusal(json.dumps({**ASK, param: value}).encode())
    assert (problem.status, problem.param) == (400, param)
    assert problem.message.endswith("ask demo/pydoc.")


def test_a_model_that_only_continues_texts_takes_what_asks_for_nothing() -> None:
    assert read(tools=[], response_format={"type": "text"}, reasoning_effort="none") == read()


def test_an_effort_that_there_is_not_is_told_those_there_are() -> None:
    problem = refusal(json.dumps({**ASK, "model": "demo/pydoc", "reasoning_effort": "huge"}).encode())
    assert (problem.param, problem.code) == ("reasoning_effort", "unsupported_value")
    assert "'none', 'minimal', 'low', 'medium', and 'high'" in problem.message


def test_the_answer_to_a_failing_cell_may_be_as_long_as_a_cell() -> None:
    failing = [{"role": "user", "content": prompt("pritn('a')")}]
    assert read(model="demo/pydoc", messages=failing).max_tokens == 8000
    assert read(model="demo/pydoc").max_tokens == 1000
    assert read(messages=failing).max_tokens == 200

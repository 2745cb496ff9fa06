from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from byom_magics.demo import MODELS
from byom_magics.demo.app import LARGEST_BODY, App, Request, Response
from byom_magics.demo.ngram import Text
from byom_magics.demo.tokens import split

APP = App(None)


def stay(_: float) -> bool:
    return False


def ask(
    *, app: App = APP, wait: Callable[[float], bool] = stay, model: str = "demo/5gram", text: str = "The", **fields: Any
) -> Response:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **fields}
    return app.respond(Request("POST", "/v1/chat/completions", json.dumps(body).encode()), wait)


def answered(**how: Any) -> dict[str, Any]:
    response = ask(**how)
    body = b"".join(response.body)
    assert response.status == 200, body
    assert response.headers == {"content-type": "application/json", "content-length": str(len(body))}
    return json.loads(body)  # type: ignore[no-any-return]


def streamed(**how: Any) -> list[dict[str, Any]]:
    response = ask(stream=True, **how)
    assert response.status == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    *events, last = list(response.body)
    assert last == b"data: [DONE]\n\n"
    for event in events:
        assert event.startswith(b"data: ")
        assert event.endswith(b"\n\n")
        assert event.count(b"\n") == 2
    return [json.loads(event[6:]) for event in events]


def said(chunks: list[dict[str, Any]]) -> list[str]:
    return [chunk["choices"][0]["delta"]["content"] for chunk in chunks[1:] if chunk["choices"][0]["delta"]]


def get(path: str, method: str = "GET") -> tuple[int, Any, Response]:
    response = APP.respond(Request(method, path), stay)
    body = b"".join(response.body)
    return response.status, json.loads(body) if body else None, response


@pytest.mark.parametrize("model", [model.id for model in MODELS])
def test_a_stream_says_who_speaks_then_token_by_token_then_why_it_ended(model: str) -> None:
    chunks = streamed(model=model, text="lambda", max_tokens=10, seed=1)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert chunks[-1]["choices"][0]["delta"] == {}
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in chunks[:-1])
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["object"]) for chunk in chunks}) == 1
    tokens = said(chunks)
    assert len(tokens) == 10
    assert split("".join(tokens)) == tokens


@pytest.mark.parametrize("model", [model.id for model in MODELS])
def test_in_one_piece_it_says_the_same_as_in_a_stream(model: str) -> None:
    whole = answered(model=model, text="lambda", max_tokens=40, seed=1)
    assert whole["choices"][0]["message"]["content"] == "".join(
        said(streamed(model=model, text="lambda", max_tokens=40, seed=1))
    )


@pytest.mark.parametrize("model", [model.id for model in MODELS])
def test_usage_is_what_the_tokeniser_counts(model: str) -> None:
    messages = [{"role": "system", "content": "Be brief, please."}, {"role": "user", "content": "The with statement"}]
    whole = answered(model=model, messages=messages, max_tokens=30, seed=2)
    prompt = len(split("Be brief, please.")) + len(split("The with statement"))
    answer = len(split(whole["choices"][0]["message"]["content"]))
    assert whole["usage"] == {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    options = {"include_usage": True}
    *_, usage = streamed(model=model, messages=messages, max_tokens=30, seed=2, stream_options=options)
    assert (usage["choices"], usage["usage"]) == ([], whole["usage"])


def test_a_stream_counts_only_when_asked_to() -> None:
    assert all("usage" not in chunk for chunk in streamed(max_tokens=3))
    assert all("usage" not in chunk for chunk in streamed(max_tokens=3, stream_options={"include_usage": False}))


def test_a_question_is_answered_with_the_reference_and_ends_of_itself() -> None:
    whole = answered(model="demo/pydoc", text="How does the with statement work?")
    content = whole["choices"][0]["message"]["content"]
    assert content.startswith("*Built-in demo: quotes the Python 3.")
    assert "## The `with` statement" in content
    assert "```python\n" in content
    assert whole["choices"][0]["finish_reason"] == "stop"


def test_only_the_last_question_is_answered() -> None:
    messages = [
        {"role": "system", "content": "Talk about yield."},
        {"role": "user", "content": "What is a lambda?"},
        {"role": "assistant", "content": "# Lambdas"},
        {"role": "user", "content": "And the while loop?"},
    ]
    content = answered(model="demo/pydoc", messages=messages)["choices"][0]["message"]["content"]
    assert "## The `while` statement" in content
    assert "ambda" not in content
    assert content == answered(model="demo/pydoc", text="And the while loop?")["choices"][0]["message"]["content"]


@pytest.mark.parametrize("model", ["demo/pydoc", "demo/5gram"])
def test_a_stop_text_across_tokens_ends_the_answer(model: str) -> None:
    free = "".join(said(streamed(model=model, text="lambda", max_tokens=40, temperature=0)))
    tokens = split(free)
    stop = tokens[11][-1] + tokens[12] + tokens[13][:1]
    chunks = streamed(model=model, text="lambda", max_tokens=40, temperature=0, stop=[stop, "never said"])
    assert "".join(said(chunks)) == free[: free.index(stop)]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_logprobs_come_with_every_token_and_lead_to_the_text() -> None:
    chunks = streamed(max_tokens=12, seed=5, logprobs=True, top_logprobs=3)
    contents = [chunk["choices"][0]["logprobs"]["content"] for chunk in chunks if chunk["choices"][0]["logprobs"]]
    assert [content[0]["token"] for content in contents] == said(chunks)
    for (entry,) in contents:
        assert entry["logprob"] <= 0
        assert len(entry["top_logprobs"]) == 3
        assert bytes(entry["bytes"]).decode() == entry["token"]
        assert entry["top_logprobs"][0]["logprob"] >= entry["logprob"]
    whole = answered(max_tokens=12, seed=5, logprobs=True, top_logprobs=3)
    assert whole["choices"][0]["logprobs"]["content"] == [content[0] for content in contents]


def test_without_top_logprobs_only_the_token_itself_is_told() -> None:
    (entry,) = answered(max_tokens=1, logprobs=True)["choices"][0]["logprobs"]["content"]
    assert entry["top_logprobs"] == []


def test_every_answer_has_an_id_of_its_own() -> None:
    assert len({answered(max_tokens=1, seed=1)["id"] for _ in range(5)}) == 5


def test_tokens_come_by_the_clock() -> None:
    now = 0.0
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        nonlocal now
        waits.append(seconds)
        now += seconds + 0.01  # every wait is a little late
        return False

    app = App(10, clock=lambda: now)
    assert len(said(streamed(app=app, wait=wait, max_tokens=20, seed=1))) == 20
    assert waits[0] == 0
    assert sum(waits) + 20 * 0.01 == pytest.approx(19 * 0.1 + 0.01)


def test_the_pace_of_a_request_wins_over_that_of_the_app() -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    app = App(10, clock=lambda: 0.0)
    streamed(app=app, wait=wait, max_tokens=3, seed=1, tokens_per_second=2)
    streamed(app=app, wait=wait, max_tokens=3, seed=1, tokens_per_second=0)
    streamed(app=app, wait=wait, max_tokens=3, seed=1)
    assert waits == pytest.approx([0, 0.5, 1, 0, 0, 0, 0, 0.1, 0.2])


def test_a_reader_that_has_gone_ends_the_answer_at_once() -> None:
    def gone() -> Iterator[bool]:
        yield from (False, False, True)
        raise AssertionError("nobody is asked again")

    answers = gone()
    pieces = list(ask(stream=True, wait=lambda _: next(answers), max_tokens=50, seed=1).body)
    assert len(pieces) == 3
    assert b"[DONE]" not in pieces[-1]


def test_a_reader_that_has_gone_also_ends_an_answer_in_one_piece() -> None:
    count = 0

    def wait(_: float) -> bool:
        nonlocal count
        count += 1
        return count == 3

    assert answered(wait=wait, max_tokens=500, temperature=0)["usage"]["completion_tokens"] == 2


def test_the_models_are_listed() -> None:
    status, body, _ = get("/v1/models")
    assert status == 200
    assert [model["id"] for model in body["data"]] == [model.id for model in MODELS]
    assert [model.get("context_length") for model in body["data"]] == [None, 1, 4]
    assert all(model["description"] for model in body["data"])


@pytest.mark.parametrize("path", ["/v1/models/demo/5gram", "/v1/models/demo%2F5gram", "/v1/models/demo/5gram/"])
def test_one_model_is_described(path: str) -> None:
    assert get(path)[1]["id"] == "demo/5gram"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("POST", "/v1", 404, "not_found"),
        ("GET", "/v1/modelsx", 404, "not_found"),
        ("GET", "/v1/models/gpt-5", 404, "model_not_found"),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_refused_in_the_shape_of_openai(method: str, path: str, status: int, code: str) -> None:
    got, body, response = get(path, method)
    assert (got, body["error"]["code"], body["error"]["type"]) == (status, code, "invalid_request_error")
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert ("allow" in response.headers) == (status == 405)


def test_a_wrong_method_is_told_the_right_ones() -> None:
    assert get("/v1/chat/completions")[2].headers["allow"] == "POST, OPTIONS"
    status, body, response = get("/v1/models", "OPTIONS")
    assert (status, body, response.headers) == (204, None, {"allow": "GET, HEAD, OPTIONS"})


def test_a_body_over_the_limit_is_refused() -> None:
    response = APP.respond(Request("POST", "/v1/chat/completions", b" " * (LARGEST_BODY + 1)), stay)
    assert response.status == 413


def test_a_refused_request_is_no_stream() -> None:
    response = ask(stream=True, temperature=5)
    assert response.status == 400
    assert json.loads(b"".join(response.body))["error"]["param"] == "temperature"


def test_nothing_is_learned_before_it_is_needed() -> None:
    learned: list[str] = []

    def text() -> Text:
        learned.append("text")
        return Text(["a b c"])

    app = App(None, text=text)
    app.respond(Request("GET", "/v1/models"), stay)
    ask(app=app, model="demo/pydoc")
    ask(app=app, temperature=9)
    assert learned == []
    assert answered(app=app, text="a", temperature=0)["choices"][0]["message"]["content"] == " b c"
    assert learned == ["text"]


def test_tokens_are_made_as_they_are_read() -> None:
    # The likeliest bigrams go round in a circle: made as a whole, this answer would never come.
    pieces = ask(stream=True, model="demo/bigram", temperature=0, max_tokens=10**12).body
    assert len([next(pieces) for _ in range(500)]) == 500


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def test_calls_of_tools_stream_as_openai_streams_them() -> None:
    chunks = streamed(model="demo/pydoc", text="The weather in Oslo and Rome?", tools=[WEATHER])
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    deltas = [call for chunk in chunks[1:-1] for call in chunk["choices"][0]["delta"]["tool_calls"]]
    for index, city in enumerate(("Oslo", "Rome")):
        first, *rest = [call for call in deltas if call["index"] == index]
        assert (first["type"], first["function"]) == ("function", {"name": "get_weather", "arguments": ""})
        assert first["id"].startswith("call_")
        assert all(call.keys() == {"index", "function"} for call in rest)
        assert json.loads("".join(call["function"]["arguments"] for call in rest)) == {"city": city}
        assert len(rest) > 3


def test_calls_in_one_piece_are_those_of_the_stream() -> None:
    question = {"model": "demo/pydoc", "text": "The weather in Oslo?", "tools": [WEATHER]}
    whole = answered(**question)["choices"][0]
    (call,) = whole["message"]["tool_calls"]
    assert (whole["message"]["content"], whole["finish_reason"]) == (None, "tool_calls")
    assert call["function"] == {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    assert call["id"] == streamed(**question)[1]["choices"][0]["delta"]["tool_calls"][0]["id"]


def test_reasoning_streams_before_the_answer_and_is_counted() -> None:
    options = {"include_usage": True}
    *chunks, usage = streamed(model="demo/pydoc", text="slices", reasoning_effort="high", stream_options=options)
    kinds = [next(iter(chunk["choices"][0]["delta"])) for chunk in chunks[1:-1]]
    thoughts = kinds.count("reasoning_content")
    assert thoughts > 20
    assert kinds[:thoughts] == ["reasoning_content"] * thoughts
    assert usage["usage"]["completion_tokens_details"] == {"reasoning_tokens": thoughts}
    assert usage["usage"]["completion_tokens"] == len(kinds)
    whole = answered(model="demo/pydoc", text="slices", reasoning_effort="high")
    assert whole["usage"] == usage["usage"]
    assert whole["choices"][0]["message"]["reasoning_content"].startswith("I look for")


def test_calls_of_tools_come_by_the_clock() -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    app = App(10, clock=lambda: 0.0)
    streamed(app=app, wait=wait, model="demo/pydoc", text="The weather in Oslo?", tools=[WEATHER])
    assert waits == pytest.approx([number / 10 for number in range(len(waits))])
    assert len(waits) > 5


def test_what_no_value_fits_is_refused_before_the_stream_begins() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": []}}}
    response = ask(model="demo/pydoc", stream=True, response_format=form)
    assert response.status == 400
    assert json.loads(b"".join(response.body))["error"]["code"] == "invalid_schema"


def test_the_list_tells_what_each_model_can_do() -> None:
    told = {model["id"]: set(model["supported_parameters"]) for model in get("/v1/models")[1]["data"]}
    assert told["demo/pydoc"] >= {"tools", "structured_outputs", "reasoning"}
    assert told["demo/5gram"].isdisjoint({"tools", "structured_outputs", "reasoning"})
    assert told["demo/5gram"] >= {"temperature", "seed", "logprobs"}
    named = {"tools": "tools", "structured_output": "structured_outputs", "reasoning": "reasoning"}
    for model in MODELS:
        assert {ability for ability, parameter in named.items() if parameter in told[model.id]} == set(model.can)

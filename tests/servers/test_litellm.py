"""LiteLLM's proxy: in three dialects, what its models refuse, and what it is not to be asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.errors import OptionError, ServerError, StatusError
from byom_magics.events import State
from byom_magics.messages import Image, Message, Text, Tool, ToolCall
from tests.servers.running import LITELLM_KEY, TINY, WORK, Server, on_linux, real_servers, soon

pytestmark = real_servers

DIALECTS = ["openai_chat", "openai_responses", "anthropic"]
LONG = "What does json.dumps do?"  # to which the tiny model has a thousand tokens to say
WEATHER = Tool(
    "get_weather",
    "Get the weather in a city",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
PICTURE = [Message("user", (Text("What is this?"), Image(PIXEL)))]


def register(server: Server, model: str, dialect: str, **further: Any) -> None:
    further = {"api_key": "env:LITELLM_KEY", **further}
    byom.register("it", preset="litellm", url=server.url, model=model, dialect=dialect, **further)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_model_behind_litellm_says_the_same_in_every_dialect(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    body = {"model": "tiny", "messages": [{"role": "user", "content": TINY}], "temperature": 0, "max_tokens": 60}
    choice = litellm.bare_answer(body, LITELLM_KEY)["choices"][0]
    with byom.stream("it", TINY, temperature=0, max_tokens=60) as events:
        pieces = [event for event in events if event.kind in ("text", "reasoning")]
    reply = events.reply
    assert len(pieces) > 3
    assert reply.text == (choice["message"].get("content") or "")
    assert reply.reasoning == (choice["message"].get("reasoning_content") or "")
    assert reply.state == {"length": State.LENGTH, "stop": State.COMPLETE}[choice["finish_reason"]]
    assert reply.usage.input_tokens
    assert reply.usage.output_tokens
    assert not reply.warnings


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_tool_that_is_asked_for_is_the_same_in_every_dialect(litellm: Server, dialect: str) -> None:
    register(litellm, "tools", dialect)
    reply = byom.ask("it", "What is the weather in Oslo?", tools=[WEATHER])
    assert [call.name for call in reply.tool_calls] == ["get_weather"]
    assert json.loads(reply.tool_calls[0].arguments) == {"city": "Berlin"}  # so the tiny model once said
    assert reply.tool_calls[0].id
    assert reply.state == State.TOOL_CALLS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_result_of_a_tool_is_taken_in_every_dialect(litellm: Server, dialect: str) -> None:
    register(litellm, "tools", dialect)
    asked = byom.ask("it", "What is the weather in Oslo?", tools=[WEATHER])
    register(litellm, "tiny", dialect)
    turns = [
        Message("user", "What is the weather in Oslo?"),
        Message("assistant", asked.text, tool_calls=asked.tool_calls),
        Message("tool", "Rain.", tool_call_id=asked.tool_calls[0].id, tool_name="get_weather"),
    ]
    reply = byom.ask("it", turns, tools=[WEATHER], temperature=0, max_tokens=30)
    assert reply.state in (State.COMPLETE, State.LENGTH)
    assert reply.usage.input_tokens


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_function_runs_in_every_dialect_and_a_model_that_asks_for_ever_is_stopped(
    litellm: Server, dialect: str
) -> None:
    register(litellm, "tools", dialect)
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Get the weather in a city."""
        asked.append(city)
        return f"Rain in {city}."

    reply = byom.ask("it", "What is the weather in Oslo?", tools=[get_weather], rounds=3)
    assert asked == ["Berlin", "Berlin"]  # the third time, nobody is asked any more
    assert [each.outcome for each in reply.tool_results] == ["done", "done", "left"]
    assert [each.text for each in reply.tool_results[:2]] == ["Rain in Berlin."] * 2
    assert reply.rounds == 3
    assert any("--rounds" in warning for warning in reply.warnings)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_image_that_a_tool_returned_is_sent_where_the_dialect_takes_it(litellm: Server, dialect: str) -> None:
    register(litellm, "tools", dialect)
    asked = byom.ask("it", "What is the weather in Oslo?", tools=[WEATHER])
    turns = [
        Message("user", "What is the weather in Oslo?"),
        Message("assistant", asked.text, tool_calls=asked.tool_calls),
        Message("tool", (Text("A map."), Image(PIXEL)), tool_call_id=asked.tool_calls[0].id, tool_name="get_weather"),
    ]
    reply = byom.ask("it", turns, tools=[WEATHER])
    assert [call.name for call in reply.tool_calls] == ["get_weather"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_arguments_that_are_no_json_go_back_in_every_dialect(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    turns = [
        Message("user", "What is the weather in Oslo?"),
        Message("assistant", ""),
        Message("user", "Well?"),
        Message("assistant", "", tool_calls=(ToolCall("call_1", "get_weather", '{"city": "Os'),)),
        Message("tool", "", tool_call_id="call_1", tool_name="get_weather"),
    ]
    assert byom.ask("it", turns, tools=[WEATHER], temperature=0, max_tokens=10).usage.input_tokens


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses"])
def test_a_number_of_tokens_for_the_reasoning_is_a_level_there(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    reply = byom.ask("it", TINY, effort=2000, temperature=0, max_tokens=10)
    assert reply.state == State.LENGTH
    assert reply.reasoning
    assert reply.warnings == (
        "sent with the effort 'low' for 2,000 tokens of reasoning: the service takes levels and no number",
    )


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses"])
def test_a_server_that_tells_no_logprobs_answers_all_the_same(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    plain = byom.ask("it", TINY, temperature=0, max_tokens=10)
    reply = byom.ask("it", TINY, temperature=0, max_tokens=10, logprobs=3)
    assert (reply.text, reply.reasoning, reply.state) == (plain.text, plain.reasoning, plain.state)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_picture_for_a_model_that_reads_text_only_is_refused(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    with pytest.raises(StatusError) as caught:
        byom.ask("it", PICTURE)
    assert caught.value.status == 404  # newer ones pass the status on, and no word of why
    register(litellm, "tiny", dialect, capabilities={"attachments": False})
    with pytest.raises(OptionError, match="attachments"):
        byom.ask("it", PICTURE)


@on_linux
@pytest.mark.parametrize("dialect", DIALECTS)
def test_leaving_the_block_hangs_up_in_every_dialect(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    before = litellm.connections()
    with byom.stream("it", LONG, temperature=0, max_tokens=1500) as events:
        for event in events:
            if event.kind in ("text", "reasoning"):
                break
    assert events.reply.state == State.CANCELLED
    assert soon(lambda: not litellm.connections() - before)


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])  # its Responses API streams no mock
@pytest.mark.parametrize(
    ("model", "status", "words"),
    [
        ("mock-limit", 429, "RateLimitError"),
        ("mock-error", 500, "InternalServerError"),
        ("mock-context", 400, "ContextWindowExceededError"),
        ("no-such-model", 400, "no-such-model"),
    ],
)
def test_what_litellm_refuses_is_an_error_in_its_own_words(
    litellm: Server, model: str, status: int, words: str, dialect: str
) -> None:
    register(litellm, model, dialect)
    with pytest.raises(ServerError) as caught:
        byom.ask("it", "hi")
    assert words in str(caught.value)
    assert isinstance(caught.value, StatusError)
    assert caught.value.status == status
    reply = caught.value.reply
    assert reply is not None
    assert reply.text == ""
    assert reply.state == State.ERROR


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_wrong_key_is_an_error_that_does_not_repeat_it(
    litellm: Server, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    monkeypatch.setenv("LITELLM_KEY", "sk-canary-5417")
    register(litellm, "mock", dialect)
    with pytest.raises(StatusError) as caught:
        byom.ask("it", "hi")
    assert caught.value.status in (400, 401)  # 400 "no connected db": it looks keys up in a database that it has not
    diagnosis = byom.doctor("it")
    assert not diagnosis.ok
    for said in (str(caught.value), repr(caught.value.reply), repr(diagnosis)):
        assert "canary-5417" not in said


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_doctor_examines_every_dialect(litellm: Server, dialect: str) -> None:
    register(litellm, "tiny", dialect)
    diagnosis = byom.doctor("it")
    verdicts = {step.name: step.verdict for step in diagnosis.steps}
    assert diagnosis.ok, diagnosis.worst
    names = ("key", "model list", "model served", "answer", "usage")
    assert {name: verdicts[name] for name in names} == dict.fromkeys(names, "ok")


def test_discovery_does_not_make_it_prompt_all_its_models(litellm: Server) -> None:
    log = WORK / "run" / "litellm.log"
    before = len(log.read_text())
    assert byom.discover(litellm.url, api_key="env:LITELLM_KEY")[0].server == "litellm"
    fresh = log.read_text()[before:]
    assert "GET /v1/models" in fresh
    assert "GET /health " not in fresh

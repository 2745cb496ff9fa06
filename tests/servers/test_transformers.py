"""What is the own of `transformers serve`: the Responses API, and fields that it does not know."""

from __future__ import annotations

import json

import pytest

import byom_magics as byom
from byom_magics.errors import StatusError
from byom_magics.events import State
from byom_magics.messages import Tool
from tests.servers.running import COUNT, TINY, Server, on_linux, real_servers, soon

pytestmark = real_servers

WEATHER = Tool(
    "get_weather",
    "Get the weather in a city",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


def register(server: Server, model: str = "hf", dialect: str = "openai_responses") -> None:
    byom.register("it", preset="transformers", url=server.url, model=model, dialect=dialect)


def test_its_responses_api_says_what_its_chat_completions_say(transformers: Server) -> None:
    body = {"model": "hf", "messages": [{"role": "user", "content": TINY}], "temperature": 0, "max_tokens": 60}
    whole = transformers.bare_answer(body)["choices"][0]["message"]["content"]
    register(transformers)
    with byom.stream("it", TINY, temperature=0, max_tokens=60) as events:
        pieces = [event for event in events if event.kind == "text"]
    assert len(pieces) > 3
    assert events.reply.text == whole
    assert events.reply.state == State.COMPLETE  # its own word, also where max_output_tokens cut the answer
    assert events.reply.usage.output_tokens


def test_the_doctor_examines_its_responses_api(transformers: Server) -> None:
    register(transformers)
    diagnosis = byom.doctor("it")
    assert diagnosis.ok, diagnosis.worst
    assert {step.name: step.verdict for step in diagnosis.steps}["usage"] == "ok"


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses"])
def test_tools_are_taken_and_a_call_in_plain_text_stays_text(transformers: Server, dialect: str) -> None:
    register(transformers, dialect=dialect)
    reply = byom.ask("it", "What is the weather in Oslo?", tools=[WEATHER], temperature=0, max_tokens=60)
    assert reply.state in (State.COMPLETE, State.TOOL_CALLS)
    calls = [call.name for call in reply.tool_calls]
    assert calls == ["get_weather"] or '"name": "get_weather"' in reply.text


@on_linux
def test_leaving_the_block_hangs_up_on_its_responses_api(transformers: Server) -> None:
    register(transformers)
    before = transformers.connections()
    endless = json.dumps({"min_new_tokens": 2000, "max_new_tokens": 2000})
    with byom.stream("it", COUNT, temperature=1, extra_body={"generation_config": endless}) as events:
        for event in events:
            if event.kind == "text":
                break
    assert events.reply.state == State.CANCELLED
    assert soon(lambda: not transformers.connections() - before)


def test_what_its_responses_api_refuses_is_an_error_in_its_own_words(transformers: Server) -> None:
    register(transformers, "no-such-model")
    with pytest.raises(StatusError, match="Server is pinned to 'hf'") as caught:
        byom.ask("it", "hi")
    assert caught.value.status == 400
    assert "no model 'no-such-model'" in (caught.value.hint or "")

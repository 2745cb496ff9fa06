"""
A question, a call of a tool with the thought that led to it, and its result: what goes back, in every dialect.

The model's answer is played to the dialect's own reader, so that what it signs is what a service would have signed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.messages import Call, Message, Tool
from byom_magics.testing import Case, play
from byom_magics.wire.dialects import known
from tests.wire.dialects import ollama_lines, responses_answers, test_anthropic, test_gemini, test_openai_chat_contract

THOUGHT = "I had better look it up."
SEALED = "sealed-thought-of-this-turn"
ARGUMENTS = '{"city": "Oslo"}'
WEATHER = Tool("weather", "Says the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
QUESTION = Message("user", "How is the weather in Oslo?")


@dataclass(frozen=True)
class Loop:
    """
    An answer that asks for a tool, and what a service wants of it with the result.

    Attributes:
        dialect: The dialect.
        body: The answer.
        in_loop: What of the thought goes back while the tool is at work.
        later: What of it goes back once the next question is asked.
    """

    dialect: str
    body: bytes
    in_loop: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


def chat(**thought: Any) -> bytes:
    made = test_openai_chat_contract
    asked = made.call(0, "weather", ARGUMENTS, id="call_1")
    return made.chunk(thought) + made.chunk(asked) + made.chunk(finish="tool_calls") + made.DONE


def responses(sealed: str | None) -> bytes:
    made = responses_answers
    thought, asked = made.reasoning(0, THOUGHT, sealed=sealed), made.call(1, "weather", ARGUMENTS)
    said = made.delta(THOUGHT, kind="reasoning_summary_text")
    return made.stream(made.begun(), said, made.finished(thought), made.finished(asked, 1), made.done())


def anthropic(signature: str | None) -> bytes:
    made = test_anthropic
    signed = [made.delta(0, "signature_delta", signature=signature)] if signature else []
    return made.stream(
        made.begun(),
        made.block(0, "thinking", thinking=""),
        made.delta(0, "thinking_delta", thinking=THOUGHT),
        *signed,
        made.stopped(0),
        made.block(1, "tool_use", id="toolu_1", name="weather", input={}),
        made.delta(1, "input_json_delta", partial_json=ARGUMENTS),
        made.stopped(1),
        made.ended("tool_use"),
        made.OVER,
    )


def gemini(**signed: Any) -> bytes:
    made = test_gemini
    asked = made.call("weather", {"city": "Oslo"}, **signed)
    return made.event({"text": THOUGHT, "thought": True}) + made.event(asked, finish="STOP")


OLLAMA = ollama_lines.lines(
    ollama_lines.line(thinking=THOUGHT),
    ollama_lines.line(tool_calls=[ollama_lines.call("weather", {"city": "Oslo"})]),
    ollama_lines.last(),
)
DETAILS = [{"type": "reasoning.encrypted", "data": SEALED, "index": 0}]
LOOPS = {
    "chat: a plain thought": Loop("openai_chat", chat(reasoning=THOUGHT)),
    "chat: DeepSeek's": Loop("openai_chat", chat(reasoning_content=THOUGHT), frozenset({THOUGHT})),
    "chat: OpenRouter's, sealed": Loop(
        "openai_chat",
        chat(reasoning=THOUGHT, reasoning_details=DETAILS),
        frozenset({SEALED}),
        frozenset({SEALED}),
    ),
    "chat: between tags": Loop("openai_chat", chat(content=f"<think>{THOUGHT}</think>")),
    "responses: sealed": Loop(
        "openai_responses", responses(SEALED), frozenset({SEALED, THOUGHT}), frozenset({SEALED, THOUGHT})
    ),
    "responses: plain": Loop("openai_responses", responses(None)),
    "anthropic: signed": Loop(
        "anthropic", anthropic(SEALED), frozenset({SEALED, THOUGHT}), frozenset({SEALED, THOUGHT})
    ),
    "anthropic: unsigned": Loop("anthropic", anthropic(None)),
    "gemini: signed": Loop("gemini", gemini(thoughtSignature=SEALED), frozenset({SEALED}), frozenset({SEALED})),
    "gemini: unsigned": Loop("gemini", gemini()),
    "ollama": Loop("ollama", OLLAMA, frozenset({THOUGHT})),
}
each_loop = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)


def asked(loop: Loop) -> tuple[Message, Message]:
    """The model's message, and the tool's."""
    outcome = play(known.find(loop.dialect), Case("asks", loop.body))
    assert outcome.reasoning == THOUGHT
    (call,) = outcome.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Oslo"})
    said = Message("assistant", outcome.text, outcome.tool_calls, signatures=outcome.signatures)
    return said, Message("tool", "Rain.", tool_call_id=call.id, tool_name=call.name)


def written(loop: Loop, *messages: Message) -> str:
    spec = ModelSpec("m", "m", Endpoint("http://a.test/v1"), dialect=loop.dialect)
    request = known.find(loop.dialect).request(spec, Call(messages, tools=(WEATHER,)))
    return json.dumps(request.body, ensure_ascii=False)


@each_loop
def test_the_call_and_its_result_go_back_in_order(loop: Loop) -> None:
    body = written(loop, QUESTION, *asked(loop))
    places = [body.rindex(mark) for mark in (QUESTION.text, "Oslo", "Rain.")]
    assert places == sorted(places)


@each_loop
def test_a_thought_goes_back_only_where_the_service_wants_it(loop: Loop) -> None:
    body = written(loop, QUESTION, *asked(loop))
    assert {mark for mark in (THOUGHT, SEALED) if mark in body} == loop.in_loop
    later = written(loop, QUESTION, *asked(loop), Message("assistant", "It rains."), Message("user", "And tomorrow?"))
    assert {mark for mark in (THOUGHT, SEALED) if mark in later} == loop.later


@each_loop
def test_another_service_gets_the_call_without_the_thought(loop: Loop) -> None:
    messages = (QUESTION, *asked(loop))
    for dialect in known.BUILT_IN:
        if dialect != loop.dialect:
            body = written(Loop(dialect, b""), *messages)
            assert "Rain." in body
            assert THOUGHT not in body
            assert SEALED not in body

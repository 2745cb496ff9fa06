"""What is MLX's own: where an answer ends, and how it says no."""

from __future__ import annotations

import pytest

import byom_magics as byom
from byom_magics.errors import StatusError
from byom_magics.events import State
from byom_magics.messages import Image, Message, Text, Tool
from tests.servers.running import TINY, Server, real_servers

pytestmark = real_servers

WEATHER = Tool(
    "get_weather",
    "Get the weather in a city",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


def test_an_answer_of_mlx_that_is_cut_at_max_tokens_has_the_state_length(mlx: Server) -> None:
    byom.register("tiny", preset="mlx", url=mlx.url, model="hf")
    reply = byom.ask("tiny", TINY, temperature=0, max_tokens=3)
    assert reply.state == State.LENGTH
    assert reply.usage.output_tokens == 3


def test_a_picture_is_refused_with_404_and_the_next_step_is_not_another_path(mlx: Server) -> None:
    byom.register("tiny", preset="mlx", url=mlx.url, model="hf")
    with pytest.raises(StatusError) as caught:
        byom.ask("tiny", [Message("user", (Text("What is this?"), Image(b"\x89PNG\r\n\x1a\n")))])
    assert caught.value.status == 404
    assert "without the picture" in (caught.value.hint or "")


def test_what_mlx_reasons_is_no_part_of_the_answer_and_is_never_sent_back(mlx: Server) -> None:
    byom.register("tiny", preset="mlx", url=mlx.url, model="hf")
    first = byom.ask("tiny", TINY, temperature=0, max_tokens=200)
    assert first.reasoning
    assert "<think>" not in first.text
    assert first.reasoning_s is not None
    question, then = Message("user", TINY), Message("user", "And tuples?")
    plain = (question, Message("assistant", first.text), then)
    signed = (question, Message("assistant", first.text, signatures=first.signatures), then)
    counts = [byom.ask("tiny", turns, temperature=0, max_tokens=5).usage.input_tokens for turns in (plain, signed)]
    assert counts[0] == counts[1]


def test_a_call_that_mlx_has_no_parser_for_stays_text(mlx: Server) -> None:
    byom.register("tiny", preset="mlx", url=mlx.url, model="hf")
    unthinking = {"chat_template_kwargs": {"enable_thinking": False}}
    reply = byom.ask("tiny", "What is the weather in Oslo?", tools=[WEATHER], temperature=0, extra_body=unthinking)
    assert reply.tool_calls == ()
    assert '"name": "get_weather"' in reply.text

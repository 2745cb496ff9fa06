"""Servers for examinations: a list of models, answers, and calls of tools, each right or wrong as a test needs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.wire.answers import DONE, chunk, chunked, sized
from tests.wire.raw_server import Answer, Peer, RawServer

JSON = "application/json"


def listed(*names: str) -> bytes:
    """A list of models."""
    entries = [{"id": name, "object": "model"} for name in names]
    return sized(json.dumps({"object": "list", "data": entries}).encode(), "200 OK", JSON)


def answered(*pieces: str, usage: bool = True) -> bytes:
    """A streamed answer, which counts its tokens."""
    counts = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    body = [*(chunk(piece) for piece in pieces), chunk(finish="stop"), *([chunk(usage=counts)] if usage else [])]
    return chunked(*body, DONE)


def tool_called(name: str = "get_weather", arguments: str = '{"city": "Oslo"}') -> bytes:
    """A streamed answer that asks for a tool."""
    call = {"index": 0, "id": "call-1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return chunked(chunk(delta={"tool_calls": [call]}), chunk(finish="tool_calls"), DONE)


LIST = [listed("m", "other")]
ANSWER = [answered("1, 2, ", "3, 4, ", "5")]
TOOLS = [tool_called()]


def model_server(list_: Answer = LIST, answer: Answer = ANSWER, tools: Answer = TOOLS, **more: Any) -> RawServer:
    """A server that answers each kind of question in its own way."""

    def respond(peer: Peer) -> None:
        request = [each for each in peer.server.requests if each.peer is peer][-1]
        steps: Iterable[Any] = list_
        if request.line.startswith("POST"):
            steps = tools if "tools" in request.json else answer
        for step in steps:
            if isinstance(step, bytes):
                peer.send(step)
            else:
                step(peer)

    return RawServer([respond], **more)


def respond_always(answer: bytes) -> RawServer:
    """A server that says the same to everything."""
    return model_server([answer], [answer], [answer])

"""Chat completions keep the contract of dialects, in the shapes in which the services differ."""

from __future__ import annotations

import json
from typing import Any

from byom_magics.events import ToolCall, Usage
from byom_magics.testing import Case, DialectContract, Listing
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.openai_chat import DIALECT
from tests.wire.dialects.dots import GIF, address

DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, Any] | None = None, *, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta or {}, "logprobs": None, "finish_reason": finish}
    said = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m-2026", "choices": [choice], **more}
    return framed(said)


def framed(said: object) -> bytes:
    return b"data: %s\n\n" % json.dumps(said, ensure_ascii=False).encode()


def call(index: int | None, name: str | None = None, arguments: str = "", **more: Any) -> dict[str, Any]:
    piece: dict[str, Any] = {"type": "function", "function": {"name": name, "arguments": arguments}, **more}
    if index is not None:
        piece["index"] = index
    return {"tool_calls": [piece]}


def token(text: str, number: float, *others: dict[str, Any]) -> bytes:
    told = {"content": [{"token": text, "logprob": number, "top_logprobs": list(others)}], "refusal": None}
    return framed({"id": "1", "choices": [{"index": 0, "delta": {"content": text}, "logprobs": told}]})


COUNTED = {
    "prompt_tokens": 20,
    "completion_tokens": 30,
    "total_tokens": 50,
    "cost": 0.01,
    "prompt_tokens_details": {"cached_tokens": 16},
    "completion_tokens_details": {"reasoning_tokens": 25},
}

CASES = (
    Case(
        "text and counts, as OpenAI sends them",
        chunk({"role": "assistant", "content": ""})
        + chunk({"content": "Hello "})
        + chunk({"content": "wörld "})
        + chunk({"content": "👋"})
        + chunk(finish="stop")
        + framed({"id": "chatcmpl-1", "choices": [], "usage": COUNTED})
        + DONE,
        text="Hello wörld 👋",
        usage=Usage(20, 30, 50, 16, 25),
        finish_reason="stop",
        served_model="m-2026",
    ),
    Case(
        "reasoning in a field, and no end mark",
        chunk({"reasoning_content": "Let me "})
        + chunk({"reasoning": "see."})
        + chunk({"content": "42"}, finish="stop"),
        text="42",
        reasoning="Let me see.",
        finish_reason="stop",
    ),
    Case(
        "reasoning between tags",
        chunk({"content": "<thi"}) + chunk({"content": "nk>Hm.</think>\n\nYes."}) + chunk(finish="stop") + DONE,
        text="Yes.",
        reasoning="Hm.",
        finish_reason="stop",
    ),
    Case(
        "reasoning that nothing opened",
        chunk({"content": "Hm."}) + chunk({"content": "</think>Yes."}) + chunk(finish="stop") + DONE,
        text="Yes.",
        reasoning="Hm.",
        finish_reason="stop",
    ),
    Case(
        "two calls of tools, in pieces",
        chunk(call(0, "look", id="call_a"))
        + chunk(call(0, None, '{"at": "K'))
        + chunk(call(0, None, 'öln"}'))
        + chunk(call(1, "turn", "{}", id="call_b"))
        + chunk(finish="tool_calls")
        + DONE,
        tool_calls=(ToolCall("call_a", "look", '{"at": "Köln"}'), ToolCall("call_b", "turn", "{}")),
        finish_reason="tool_calls",
        state="tool_calls",
    ),
    Case(
        "calls without an index, signed, as Gemini sends them",
        chunk(call(None, "look", "{}", id="a", extra_content={"google": {"thought_signature": "a long signature"}}))
        + chunk(call(None, "turn", "{}", id="b"), finish="stop")
        + DONE,
        tool_calls=(ToolCall("a", "look", "{}"), ToolCall("b", "turn", "{}")),
        finish_reason="stop",
        state="tool_calls",
        signatures=1,
    ),
    Case(
        "the shape of a schema",
        chunk({"content": '{"a":'}) + chunk({"content": " 1}"}) + chunk(finish="stop") + DONE,
        text='{"a": 1}',
        finish_reason="stop",
        schema=True,
    ),
    Case(
        "images, as OpenRouter sends them",
        chunk({"content": "Here:"})
        + chunk({"content": "", "images": [{"type": "image_url", "image_url": {"url": address()}}]})
        + chunk({"images": [{"type": "image_url", "image_url": {"url": address(GIF, "image/gif")}, "index": 1}]})
        + chunk(finish="stop")
        + DONE,
        text="Here:",
        images=2,
        finish_reason="stop",
    ),
    Case(
        "an image beside text",
        chunk({"role": "assistant", "content": "Here:"})
        + chunk({"content": " it is.", "images": [{"type": "image_url", "image_url": {"url": address()}}]})
        + chunk(finish="stop")
        + DONE,
        text="Here: it is.",
        images=1,
        finish_reason="stop",
    ),
    Case(
        "an image among the parts, and one that is elsewhere",
        chunk({"content": [{"type": "text", "text": "Here:"}, {"type": "image_url", "image_url": {"url": address()}}]})
        + chunk({"content": [{"type": "image_url", "image_url": "https://images.test/1.png"}]})
        + chunk(finish="stop")
        + DONE,
        text="Here:",
        images=1,
        finish_reason="stop",
        words=("https://images.test/1.png",),
    ),
    Case(
        "tokens with their alternatives",
        token("Yes", -0.1, {"token": "No", "logprob": -2.5, "bytes": None})
        + token(".", -0.2)
        + chunk(finish="stop")
        + DONE,
        text="Yes.",
        logprobs=2,
        finish_reason="stop",
    ),
    Case(
        "tokens in columns, in one piece",
        json.dumps(
            {
                "choices": [
                    {
                        "message": {"content": "Yes.", "images": [address()]},
                        "logprobs": {"tokens": ["Yes", "."], "token_logprobs": [-0.1, None]},
                        "finish_reason": "eos",
                    }
                ]
            }
        ).encode(),
        text="Yes.",
        logprobs=2,
        images=1,
        finish_reason="eos",
        streamed=False,
    ),
    Case(
        "an error in the middle",
        chunk({"content": "Hel"})
        + framed({"error": {"message": "It fell over.", "type": "server_error", "code": 500}}),
        text="Hel",
        state="error(in_band)",
        words=("It fell over.", "server_error"),
    ),
    Case("an error that is a text", framed({"error": "no memory"}), state="error(in_band)", words=("no memory",)),
    Case("broken off", chunk({"content": "Hel"}), text="Hel", state="incomplete(eof)"),
    Case("nothing", b"", state="incomplete(empty)"),
    Case(
        "a refusal before the stream",
        b'{"error": {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key"}}',
        status=401,
        state="error(http)",
        words=("Incorrect API key provided", "invalid_api_key"),
    ),
    Case(
        "in one piece",
        json.dumps(
            {
                "id": "1",
                "model": "m",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            }
        ).encode(),
        streamed=False,
        text="Yes.",
        usage=Usage(1, 2, 3),
        finish_reason="stop",
    ),
)


class TestContract(DialectContract):
    dialect = DIALECT
    cases = CASES
    finish_reasons = {  # noqa: RUF012 - never changed
        "stop": "complete",
        "eos": "complete",
        "length": "length",
        "model_length": "length",
        "max_tokens": "length",
        "content_filter": "content_filter",
        "tool_calls": "tool_calls",
        "function_call": "tool_calls",
        "error": "error(in_band)",
        "insufficient_system_resource": "error(in_band)",
    }
    listings = (
        Listing(
            "as OpenAI lists",
            b'{"object": "list", "data": [{"id": "m-1", "object": "model", "owned_by": "me"}, {"id": "m-2"}]}',
            (Listed("m-1"), Listed("m-2")),
        ),
    )

    def ending_with(self, finish_reason: str) -> bytes:
        return chunk({"content": "So"}) + chunk(finish=finish_reason) + DONE

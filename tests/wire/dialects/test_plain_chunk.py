"""The quick way of reading a chunk says the same as the long one, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.events import Event, TextDelta
from byom_magics.wire.dialects.openai_chat import Reader
from byom_magics.wire.dialects.plain_chunk import plain_text


def chunk(delta: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"id": "x", "choices": [{"index": 0, "delta": delta}], **more}).encode()


@pytest.mark.parametrize(
    "data",
    [
        chunk({"content": "Hi"}),
        chunk({"content": "Hi", "role": "assistant", "tool_calls": [], "refusal": None, "reasoning": ""}),
        chunk({"content": "Hi"}, usage=None, error=None, obfuscation="aB3", created=1),
        b'{"choices":[{"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]}',
    ],
)
def test_a_piece_of_text_is_read(data: bytes) -> None:
    assert plain_text(data) == "Hi"


@pytest.mark.parametrize(
    "data",
    [
        chunk({"content": "Hi", "reasoning_content": "Hm"}),
        chunk({"content": "Hi", "reasoning": "Hm"}),
        chunk({"content": "Hi", "refusal": "No"}),
        chunk({"content": "Hi", "tool_calls": [{"index": 0}]}),
        chunk({"content": "Hi", "function_call": {"name": "f"}}),
        chunk({"content": [{"type": "text", "text": "Hi"}]}),
        chunk({"content": "Hi", "images": [{"type": "image_url"}]}),
        chunk({"content": "Hi", "extra_content": {"google": {"thought_signature": "s"}}}),
        chunk({"content": "Hi", "reasoning_details": [{"type": "reasoning.encrypted", "data": "d"}]}),
        chunk({"content": ""}),
        chunk({"content": None}),
        chunk({}),
        chunk({"content": "Hi"}, usage={"total_tokens": 3}),
        chunk({"content": "Hi"}, x_groq={"usage": {}}),
        chunk({"content": "Hi"}, timings={"prompt_n": 1}),
        chunk({"content": "Hi"}, error={"message": "broken"}),
        b'{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}',
        b'{"choices":[{"delta":{"content":"Hi"},"logprobs":{"content":[]}}]}',
        b'{"choices":[{"delta":{"content":"Hi"},"usage":{"total_tokens":3}}]}',
        b'{"choices":[{"delta":{"content":"Hi"},"index":1}]}',
        b'{"choices":[{"delta":{"content":"Hi"}},{"index":1,"delta":{"content":"Ho"}}]}',
        b'{"choices":[]}',
        b'{"choices":[{"delta":{"content":"\\ud83d"}}]}',
        b'{"choices":[{"delta":{"content":"\xff"}}]}',
        b'{"choices":[{"delta":{"content":"Hi"}}],"deep":' + b"[" * 5000,
        b"[DONE]",
        b"",
        b"null",
    ],
)
def test_anything_else_is_left_to_the_long_way(data: bytes) -> None:
    assert plain_text(data) is None


VALUES = st.sampled_from([None, "", "text", 0, 1, [], {}, False, [{"index": 0}], {"total_tokens": 3}])
DELTAS = st.dictionaries(
    st.sampled_from(["content", "role", "reasoning", "reasoning_content", "refusal", "tool_calls", "function_call"]),
    VALUES,
)
CHOICES = st.builds(
    lambda delta, more: {"delta": delta, **more},
    DELTAS,
    st.dictionaries(st.sampled_from(["index", "logprobs", "finish_reason", "usage", "message", "text"]), VALUES),
)
CHUNKS = st.builds(
    lambda choices, more: {"choices": choices, **more},
    st.lists(CHOICES, max_size=2),
    st.dictionaries(st.sampled_from(["id", "error", "usage", "x_groq", "timings", "detail", "object"]), VALUES),
)


@given(CHUNKS)
def test_where_the_quick_way_reads_something_the_long_way_reads_the_same(given_chunk: dict[str, Any]) -> None:
    data = json.dumps(given_chunk).encode()
    text = plain_text(data)
    reader, out = Reader(), list[Event]()
    reader._opened = True
    reader._prose.tags._state = "passed"
    reader.read("message", data, out)
    if text is not None:
        assert out == [TextDelta(text)]
        assert (reader.finish_reason, reader.ended, reader.refusal) == (None, False, None)


def test_a_reader_takes_the_quick_way_only_between_whole_characters() -> None:
    reader, out = Reader(), list[Event]()
    reader.read("message", chunk({"content": "Hello, "}), out)
    reader.read("message", b'{"choices":[{"delta":{"content":"\\ud83d"}}]}', out)
    assert not reader.read_plain(chunk({"content": "x"}), out)

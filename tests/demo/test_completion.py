from __future__ import annotations

import json

from byom_magics.demo.completion import Completion, as_json, error, event
from byom_magics.demo.pieces import Argument, Asking, Piece, Thought
from byom_magics.demo.sampling import Token

HEAD = {"id": "chatcmpl-1", "created": 5, "model": "demo/bigram", "system_fingerprint": "fp"}
ANSWER = Completion("chatcmpl-1", 5, "demo/bigram", "fp", prompt_tokens=3, logprobs=False)
WITH_LOGPROBS = Completion("chatcmpl-1", 5, "demo/bigram", "fp", prompt_tokens=3, logprobs=True)
REASONED = Completion("chatcmpl-1", 5, "demo/pydoc", "fp", prompt_tokens=3, logprobs=False, reasons=True)
TOKEN = Token("é", -0.5, (Token("é", -0.5), Token(None, -1.0)))


def test_chunks_have_the_shapes_of_openai() -> None:
    head = {**HEAD, "object": "chat.completion.chunk"}
    choice = {"index": 0, "logprobs": None, "finish_reason": None}
    assert ANSWER.first_chunk() == {**head, "choices": [{**choice, "delta": {"role": "assistant", "content": ""}}]}
    assert ANSWER.chunk(TOKEN) == {**head, "choices": [{**choice, "delta": {"content": "é"}}]}
    assert ANSWER.last_chunk("length") == {**head, "choices": [{**choice, "delta": {}, "finish_reason": "length"}]}
    usage = {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10}
    assert ANSWER.usage_chunk(7) == {**head, "choices": [], "usage": usage}


def test_the_whole_answer_has_the_shape_of_openai() -> None:
    message = {"role": "assistant", "content": "éé", "refusal": None}
    assert ANSWER.whole([TOKEN, TOKEN], "stop") == {
        **HEAD,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


def test_reasoning_and_tools_have_the_shapes_of_openai_and_of_those_who_speak_like_it() -> None:
    def delta(piece: Piece) -> object:
        return ANSWER.chunk(piece)["choices"][0]["delta"]

    assert delta(Thought("Hm")) == {"reasoning_content": "Hm"}
    function = {"name": "f", "arguments": ""}
    assert delta(Asking(1, "call_1", "f")) == {
        "tool_calls": [{"index": 1, "id": "call_1", "type": "function", "function": function}]
    }
    assert delta(Argument(1, "{}")) == {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]}
    assert ANSWER.last_chunk("tool_calls")["choices"][0]["finish_reason"] == "tool_calls"


def test_a_whole_answer_holds_its_reasoning_and_each_call_with_its_own_arguments() -> None:
    pieces: list[Piece] = [Thought("H"), Thought("m")]
    for index, name in enumerate("fg"):
        pieces += [Asking(index, f"call_{index}", name), Argument(index, "{"), Argument(index, "}")]
    answer = REASONED.whole(pieces, "tool_calls")
    message = answer["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == (None, "Hm")
    assert message["tool_calls"] == [
        {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for index, name in enumerate("fg")
    ]
    assert answer["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 8,
        "total_tokens": 11,
        "completion_tokens_details": {"reasoning_tokens": 2},
    }


def test_tokens_of_reasoning_are_counted_where_it_was_asked_for() -> None:
    assert REASONED.usage_chunk(7, 4)["usage"]["completion_tokens_details"] == {"reasoning_tokens": 4}
    assert "completion_tokens_details" not in ANSWER.usage_chunk(7)["usage"]


def test_logprobs_have_the_shape_of_openai() -> None:
    shown = {"token": "é", "logprob": -0.5, "bytes": [195, 169]}
    end = {"token": "<|end|>", "logprob": -1.0, "bytes": None}
    content = [{**shown, "top_logprobs": [shown, end]}]
    assert WITH_LOGPROBS.chunk(TOKEN)["choices"][0]["logprobs"] == {"content": content, "refusal": None}
    assert WITH_LOGPROBS.whole([TOKEN], "stop")["choices"][0]["logprobs"]["content"] == content
    assert WITH_LOGPROBS.last_chunk("stop")["choices"][0]["logprobs"] is None


def test_an_error_has_the_shape_of_openai() -> None:
    assert error("What.", "kind", "param", "code") == {
        "error": {"message": "What.", "type": "kind", "param": "param", "code": "code"}
    }


def test_an_event_is_one_line_of_json_whatever_it_holds() -> None:
    value = {"text": "a\n\u2028\ud800é"}
    assert event(value) == b"data: " + as_json(value) + b"\n\n"
    assert as_json(value).count(b"\n") == 0
    assert json.loads(as_json(value)) == value

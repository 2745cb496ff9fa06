"""The reader of Ollama's own API, line by line."""

from __future__ import annotations

import json
from typing import Any

from byom_magics.events import ToolCall, Usage
from byom_magics.testing import Case, Outcome, play
from byom_magics.wire.dialects.ollama import DIALECT
from tests.wire.dialects.ollama_lines import call, last, line, lines


def read(*objects: dict[str, Any], escaped: bool = False) -> Outcome:
    return play(DIALECT, Case("", lines(*objects, escaped=escaped)))


def test_made_up_ids_are_the_same_each_time_and_differ_from_call_to_call() -> None:
    answer = (line(tool_calls=[call("f", {"a": 1}), call("f", {"a": 1})]), last())
    first = [each.id for each in read(*answer).tool_calls]
    assert first == [each.id for each in read(*answer).tool_calls]
    later = ({**answer[0], "created_at": "2026-08-08T20:22:00Z"}, last())
    assert len({*first, *(each.id for each in read(*later).tool_calls)}) == 4


def test_an_id_of_the_servers_own_is_kept() -> None:
    found = read(line(tool_calls=[call("f", '{"a":1}', id="call_x")]), last())
    assert found.tool_calls == (ToolCall("call_x", "f", '{"a":1}'),)


def test_a_thought_goes_back_only_where_a_tool_was_asked_for() -> None:
    assert not read(line(thinking="Hm."), line("Hi"), last()).signatures


def test_tags_of_models_that_think_in_the_text_are_read_and_surrogates_joined() -> None:
    pieces = [line(text) for text in ("<think>Hm", ".</think>", "\ud83d", "\ude00", "\ud83d")]
    found = read(*pieces, last(), escaped=True)
    assert (found.reasoning, found.text) == ("Hm.", "😀\ufffd")
    assert "1 lone surrogates" in found.words


def test_counts_of_zero_are_no_counts() -> None:
    found = read(line("Hi"), {**line(), "done": True, "done_reason": "stop", "prompt_eval_count": 0})
    assert found.usage == Usage()
    assert read(line("Hi"), {**line(), "done": True, "eval_count": 3}).usage == Usage(None, 3, None)


def test_log_probabilities_are_those_of_the_line() -> None:
    tokens = [{"token": "Hi", "logprob": -0.5, "top_logprobs": []}]
    found = [event for event in read({**line("Hi"), "logprobs": tokens}, last()).events if event.kind == "logprobs"]
    assert [event.tokens for event in found] == [tuple(tokens)]


def test_the_short_way_is_taken_for_further_text_only() -> None:
    reader, out = DIALECT.reader(), list[Any]()
    piece = json.dumps(line("Hi")).encode()
    assert not reader.read_plain(piece, out), "nothing has come yet"
    reader.read("message", piece, out)
    assert reader.read_plain(piece, out)
    for other in (line(""), line("Hi", thinking="Hm"), line("Hi", tool_calls=[call("f", {})]), last(), {"error": "x"}):
        assert not reader.read_plain(json.dumps(other).encode(), out)
    assert "".join(event.text for event in out if event.kind == "text") == "HiHi"

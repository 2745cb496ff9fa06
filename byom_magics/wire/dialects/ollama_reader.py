"""
Ollama's own API: the reader of its answers, one JSON object a line.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from byom_magics.events import Event, Opened, Signature, TokenLogprobs, ToolCallDelta, Usage, UsageReport
from byom_magics.wire.dialects.json_reader import JsonReader
from byom_magics.wire.dialects.prose import clean
from byom_magics.wire.dialects.tokens import tokens_of
from byom_magics.wire.dialects.values import as_json, count_of, list_of, mapping_of, text_of
from byom_magics.wire.refusal import Refusal, refusal_of

__all__ = ["NAME", "Reader"]

NAME = "ollama"


class _Message(msgspec.Struct, gc=False):
    content: str
    thinking: Literal[""] | None = None
    tool_calls: tuple[()] | None = None


class _Line(msgspec.Struct, gc=False):
    message: _Message
    done: bool = False
    error: None = None
    logprobs: tuple[()] | None = None
    image: Literal[""] | None = None


_decode = msgspec.json.Decoder(_Line).decode


class Reader(JsonReader):
    """Reads one answer: an object a line, the last of which says that it is done."""

    def __init__(self) -> None:
        super().__init__()
        self._opened = False
        self._calls = 0
        self._thoughts: list[str] = []

    def read_plain(self, data: bytes, out: list[Event]) -> bool:
        """Read one line quickly, if it is a piece of the answer and nothing else; False if nothing was read."""
        if not self._opened:
            return False
        try:
            line = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        text = line.message.content
        if line.done or not text:
            return False
        self._prose.answer(text, out)
        return True

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one line whose JSON was parsed already."""
        if chunk is None:
            return
        if not isinstance(chunk, dict):
            self.refusal = refusal_of(chunk) or Refusal(f"not an object: {as_json(chunk)[:100]}")
            return
        if chunk.get("error") or event == "error":
            self.refusal = refusal_of(chunk) or Refusal(as_json(chunk)[:500])
            return
        if not self._opened and text_of(chunk.get("model")):
            self._opened = True
            out.append(Opened(clean(chunk["model"])))
        self._read_message(mapping_of(chunk.get("message")), chunk, out)
        tokens = tokens_of(chunk.get("logprobs"))
        if tokens:
            out.append(TokenLogprobs(tokens))
        self._picture(chunk.get("image"), out)
        if chunk.get("done") is True and not self.ended:
            self._end(chunk, out)

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        """Read an answer that came in one piece; False if it is no answer (then it may be a refusal)."""
        if payload.get("error") or not (isinstance(payload.get("message"), dict) or payload.get("done") is True):
            return False
        self.read_chunk(dict(payload), "message", out)
        return True

    def _read_message(self, message: Mapping[str, Any], chunk: Mapping[str, Any], out: list[Event]) -> None:
        # A model that makes images is asked for them in another place; one that makes none answers there, too.
        thought = text_of(message.get("thinking")) or text_of(chunk.get("thinking"))
        text = text_of(message.get("content")) or text_of(chunk.get("response"))
        if thought:
            self.content = True
            self._thoughts.append(thought)
            self._prose.reasoning(thought, out)
        if text:
            self.content = True
            self._prose.answer(text, out)
        for given in list_of(message.get("tool_calls")):
            function = mapping_of(mapping_of(given).get("function"))
            name = text_of(function.get("name"))
            if name:
                self._call(name, function.get("arguments"), mapping_of(given).get("id"), chunk, out)

    def _call(self, name: str, arguments: object, identity: object, chunk: Mapping[str, Any], out: list[Event]) -> None:
        """Calls come whole, most without an id: one is made of what was said, when, and its number."""
        written = arguments if isinstance(arguments, str) else as_json({} if arguments is None else arguments)
        written = clean(written)
        if not text_of(identity):
            said = f"{self._calls} {chunk.get('created_at')} {name} {written}"
            identity = "call_" + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
        self.content = self.tools = True
        out.append(ToolCallDelta(self._calls, clean(str(identity)), clean(name), written))
        self._calls += 1

    def _end(self, chunk: Mapping[str, Any], out: list[Event]) -> None:
        if self._thoughts and self.tools:
            # The model goes on from its thought once it has the tool's result.
            out.append(Signature({NAME: clean("".join(self._thoughts))}))
        given, said = count_of(chunk.get("prompt_eval_count")), count_of(chunk.get("eval_count"))
        if given or said:
            total = None if given is None or said is None else given + said
            out.append(UsageReport(Usage(given, said, total)))
        reason = text_of(chunk.get("done_reason"))
        self.finish_reason = reason and clean(reason)
        self.ended = True

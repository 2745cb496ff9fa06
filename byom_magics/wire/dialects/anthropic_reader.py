"""
Anthropic's messages: the reader of their answers.

An answer is a row of blocks (text, thinking, calls of tools), each begun, continued and stopped by events of its own.
Servers that imitate the service mix the order, leave out events, or end two blocks at once.

https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from byom_magics.events import Event, Opened, Signature, ToolCallDelta, Usage, UsageReport
from byom_magics.plain import one_line
from byom_magics.wire.dialects.json_reader import JsonReader
from byom_magics.wire.dialects.prose import Prose, clean, oddities
from byom_magics.wire.dialects.values import as_json, count_of, list_of, mapping_of, text_of
from byom_magics.wire.refusal import Refusal, refusal_of

__all__ = ["NAME", "Reader"]

NAME = "anthropic"

_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


@dataclass
class _Block:
    """
    A block of the answer.

    Attributes:
        kind: As the server calls it: ``text``, ``thinking``, ``tool_use`` …
        call: Of a tool's call: its place among the calls.
        given: The arguments that came with the block's beginning.
        arguments: Whether pieces of arguments have come since.
        thought: The thinking, as it came.
        signature: Its signature.
    """

    kind: str
    call: int = -1
    given: Any = None
    arguments: bool = False
    thought: list[str] = field(default_factory=list)
    signature: str = ""


class Reader(JsonReader):
    """Reads one answer: a message, block by block."""

    def __init__(self) -> None:
        super().__init__()
        self._arguments = Prose()
        self._blocks: dict[object, _Block] = {}  # those that have not stopped
        self._calls = 0
        self._opened = False
        self._usage: dict[str, int] = {}
        self._thought_tokens: int | None = None
        self._explained = ""

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one event whose JSON was parsed already."""
        if not isinstance(chunk, Mapping):
            if event == "error":
                self.refusal = refusal_of(chunk) or Refusal("it gave no words")
            return
        kind = chunk.get("type")
        if kind == "content_block_delta":
            self._delta(chunk.get("index"), mapping_of(chunk.get("delta")), out)
        elif kind == "error" or event == "error" or (chunk.get("error") and not isinstance(kind, str)):
            self.refusal = refusal_of(chunk) or Refusal("it gave no words")
        elif kind == "content_block_start":
            self._start(chunk.get("index"), mapping_of(chunk.get("content_block")), out)
        elif kind == "content_block_stop":
            self._stop(chunk.get("index"), out)
        elif kind == "message_start":
            self._begin(mapping_of(chunk.get("message")), out)
        elif kind == "message_delta":
            self._end(mapping_of(chunk.get("delta")))
            self._count(mapping_of(chunk.get("usage")), out, last=True)
        elif kind == "message_stop":
            self.ended = True

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        """Read a message that came in one piece."""
        if payload.get("type") != "message" and not isinstance(payload.get("content"), list):
            return False
        self._begin(payload, out)
        self._end(payload)
        self._count(mapping_of(payload.get("usage")), out, last=True)
        return True

    def flush(self, out: list[Event]) -> None:
        """The stream is over: give out what was held back."""
        if self.ended or self.finish_reason is not None:  # what is cut off is no whole call, and not signed
            for index in list(self._blocks):
                self._stop(index, out)
        self._prose.flush(out)

    def warnings(self) -> tuple[str, ...]:
        """What was odd about the answer, and why the server refused to give it."""
        lone = self._prose.lone_surrogates + self._arguments.lone_surrogates
        explained = (f"The server explains: {self._explained}",) if self._explained else ()
        return oddities(self.replaced, lone) + explained

    # The message

    def _begin(self, message: Mapping[str, Any], out: list[Event]) -> None:
        if self._opened:
            return  # some proxies say it twice
        self._opened = True
        model, identity = text_of(message.get("model")), text_of(message.get("id"))
        if model or identity:
            out.append(Opened(model and clean(model), identity and clean(identity)))
        for place, block in enumerate(list_of(message.get("content"))):
            self._start(("whole", place), mapping_of(block), out)
            self._stop(("whole", place), out)
        self._end(message)
        self._count(mapping_of(message.get("usage")), out, last=False)

    def _end(self, message: Mapping[str, Any]) -> None:
        if self.finish_reason is None:
            reason = text_of(message.get("stop_reason"))
            self.finish_reason = reason and clean(reason)
        explanation = text_of(mapping_of(message.get("stop_details")).get("explanation"))
        if explanation:
            self._explained = one_line(explanation, 500)

    def _count(self, usage: Mapping[str, Any], out: list[Event], *, last: bool) -> None:
        """
        Counts are cumulative; one that is not said again holds.

        The first count of the output is of what the model had written when the message began: it says nothing.
        """
        for name in _COUNTS if last else (_COUNTS[0], *_COUNTS[2:]):
            count = count_of(usage.get(name))
            if count is not None:
                self._usage[name] = count
        thought = count_of(mapping_of(usage.get("output_tokens_details")).get("thinking_tokens"))
        self._thought_tokens = self._thought_tokens if thought is None else thought
        if not any(self._usage.values()):
            return  # LiteLLM's first count is of zeros
        fresh, output, read, written = (self._usage.get(name) for name in _COUNTS)
        # The service counts what it takes from its cache, and what it puts there, beside the input.
        given = None if fresh is None else fresh + (read or 0) + (written or 0)
        total = None if given is None or output is None else given + output
        report = UsageReport(Usage(given, output, total, read, self._thought_tokens, written))
        out.append(report)

    # Its blocks

    def _start(self, index: object, block: Mapping[str, Any], out: list[Event]) -> None:
        kind = text_of(block.get("type")) or ""
        held = _Block(kind)
        self._blocks[_key(index)] = held
        if kind == "text":
            self._say(block.get("text"), out)
        elif kind == "thinking":
            self._think(held, block.get("thinking"), out)
            held.signature = text_of(block.get("signature")) or ""
        elif kind == "redacted_thinking":
            data = text_of(block.get("data"))
            if data:
                out.append(Signature({NAME: {"type": kind, "data": clean(data)}}))
        elif kind == "tool_use":
            held.given = block.get("input")
            self._call(held, block, out)

    def _delta(self, index: object, delta: Mapping[str, Any], out: list[Event]) -> None:
        kind = delta.get("type")
        if kind == "text_delta":
            self._say(delta.get("text"), out)
            return
        block = self._blocks.get(_key(index))
        if kind == "thinking_delta":
            if block is None:
                block = self._blocks[_key(index)] = _Block("thinking")
            self._think(block, delta.get("thinking"), out)
        elif block is None:
            return
        elif kind == "signature_delta" and block.kind == "thinking":
            block.signature += text_of(delta.get("signature")) or ""
        elif kind == "input_json_delta" and block.kind == "tool_use":
            piece = text_of(delta.get("partial_json"))
            if piece:
                block.arguments = self.content = True
                out.append(ToolCallDelta(block.call, arguments=self._arguments.joined(piece)))

    def _stop(self, index: object, out: list[Event]) -> None:
        block = self._blocks.pop(_key(index), None)
        if block is None:
            return
        if block.kind == "tool_use" and not block.arguments:
            # A call without arguments has an empty piece of them, or none; some servers send them all at the start.
            whole = as_json(block.given) if isinstance(block.given, Mapping) else "{}"
            self.content = True
            out.append(ToolCallDelta(block.call, arguments=clean(whole)))
        elif block.kind == "thinking" and block.signature:
            thought = {
                "type": "thinking",
                "thinking": clean("".join(block.thought)),
                "signature": clean(block.signature),
            }
            out.append(Signature({NAME: thought}))

    def _call(self, held: _Block, block: Mapping[str, Any], out: list[Event]) -> None:
        held.call, self._calls = self._calls, self._calls + 1
        self.content = self.tools = True
        identity = clean(text_of(block.get("id")) or f"call_{held.call}")
        out.append(ToolCallDelta(held.call, identity, clean(text_of(block.get("name")) or "")))

    def _say(self, text: object, out: list[Event]) -> None:
        if isinstance(text, str) and text:
            self.content = True
            self._prose.answer(text, out)

    def _think(self, block: _Block, text: object, out: list[Event]) -> None:
        if isinstance(text, str) and text:
            self.content = True
            block.thought.append(text)
            self._prose.reasoning(text, out)


def _key(index: object) -> object:
    """Blocks are told apart by a number; whatever else a server sends for it is one block."""
    return index if isinstance(index, (int, tuple)) else None

"""
OpenAI's Responses API: the reader of its answers.

The service says most things three times: piece by piece, then as a whole when a part is done, then in the response at
the end. Servers that imitate it leave out one or the other, so each is read if what it says has not come before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from byom_magics.events import Event, Opened, Signature, TokenLogprobs, ToolCallDelta, Usage, UsageReport
from byom_magics.wire.dialects.chat_usage import cost_of
from byom_magics.wire.dialects.json_reader import JsonReader
from byom_magics.wire.dialects.prose import clean
from byom_magics.wire.dialects.tokens import tokens_of
from byom_magics.wire.dialects.values import as_json, count_of, list_of, mapping_of, text_of
from byom_magics.wire.refusal import Refusal, refusal_of

__all__ = ["SEALED", "Reader"]

SEALED = "responses"
"""Where a signature holds the item of reasoning; beside it stands its ``place`` in the message."""

# What an event of text brings: the kind of its item, the field that holds it, and what it is.
_TEXTS = {
    "response.output_text.delta": ("message", "delta", "text"),
    "response.output_text.done": ("message", "text", "text"),
    "response.refusal.delta": ("message", "delta", "refusal"),
    "response.refusal.done": ("message", "refusal", "refusal"),
    "response.reasoning_text.delta": ("reasoning", "delta", "reasoning"),
    "response.reasoning_text.done": ("reasoning", "text", "reasoning"),
    "response.reasoning.delta": ("reasoning", "delta", "reasoning"),
    "response.reasoning.done": ("reasoning", "text", "reasoning"),
    "response.reasoning_summary_text.delta": ("reasoning", "delta", "summary"),
    "response.reasoning_summary_text.done": ("reasoning", "text", "summary"),
    "response.function_call_arguments.delta": ("function_call", "delta", "arguments"),
    "response.function_call_arguments.done": ("function_call", "arguments", "arguments"),
}
_ENDS = {
    "response.completed": "completed",
    "response.done": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
    "response.cancelled": "cancelled",
}


class _TextDelta(msgspec.Struct, gc=False):
    type: Literal["response.output_text.delta"]
    delta: str
    item_id: str | None = None
    output_index: int | None = None
    logprobs: tuple[()] | None = None
    error: None = None


_decode = msgspec.json.Decoder(_TextDelta).decode


@dataclass
class _Item:
    """An item of the output, and what of it was given out."""

    kind: str
    given: set[str] = field(default_factory=set)
    call: int = -1
    call_id: str | None = None
    named: bool = False


class Reader(JsonReader):
    """Reads one answer: a response, item by item. Its finish reason is why it is incomplete, or else its status."""

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[tuple[str, object], _Item] = {}
        self._given: set[str] = set()  # what has come at all
        self._calls = 0
        self._place: tuple[int | None, str | None] | None = None  # where the last piece of text belonged
        self._opened = self._named = False

    def read(self, event: str, data: bytes, out: list[Event]) -> None:
        """Read one event of the stream; see `JsonReader`."""
        if event == "response.output_text.delta" and self.read_plain(data, out):
            self.content = True
            return
        super().read(event, data, out)

    def read_plain(self, data: bytes, out: list[Event]) -> bool:
        """Read one event quickly, if it is a further piece of the text that came last; False if nothing was read."""
        if self._place is None:
            return False
        try:
            piece = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if not piece.delta or (piece.output_index, piece.item_id) != self._place:
            return False
        self._prose.answer(piece.delta, out)
        return True

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one event whose JSON was parsed already."""
        if chunk is None or (event not in ("message", "error") and not isinstance(chunk, dict)):
            return  # a keep-alive of some kind
        if not isinstance(chunk, dict):
            self.refusal = refusal_of(chunk) or Refusal(f"not an object: {as_json(chunk)[:100]}")
            return
        given = chunk.get("type")
        kind = given if isinstance(given, str) else event
        response = chunk.get("response")
        if isinstance(response, dict):
            self._open(response, chunk, out)
        if kind in _TEXTS:
            self._read_text(kind, chunk, out)
        elif kind in ("response.output_item.added", "response.output_item.done"):
            self._read_item(chunk, out, done=kind.endswith("done"))
        elif kind in _ENDS:
            self._end(response if isinstance(response, dict) else {}, _ENDS[kind], out)
        elif kind == "response.reasoning_summary_part.added":
            if chunk.get("summary_index") and "summary" in self._item("reasoning", chunk).given:
                self.content = True
                self._prose.reasoning("\n\n", out)
        elif kind in ("error", "response.error") or chunk.get("error"):
            self.refusal = refusal_of(chunk) or Refusal(as_json(chunk)[:500])
        elif given is None:
            self.read_whole(chunk, out)

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        """Read an answer that came in one piece; False if it is no answer (then it may be a refusal)."""
        status = payload.get("status")
        if payload.get("object") != "response" and not isinstance(payload.get("output"), list):
            return False
        self._open(payload, {}, out)
        self._end(payload, status if isinstance(status, str) and status else "completed", out)
        return True

    def _open(self, response: Mapping[str, Any], chunk: Mapping[str, Any], out: list[Event]) -> None:
        model = _clean(response.get("model")) or _clean(chunk.get("model"))
        if not self._opened:
            self._opened, self._named = True, model is not None
            out.append(Opened(model, _clean(response.get("id"))))
        elif model and not self._named:
            self._named = True
            out.append(Opened(model))

    def _item(
        self, kind: str, chunk: Mapping[str, Any], item: Mapping[str, Any] | None = None, *, begins: bool = False
    ) -> _Item:
        """The item that an event is about: by its place, or where servers give none (or rotate ids), by its id."""
        item = {} if item is None else item
        names = [
            ("call", text_of(item.get("call_id"))),
            ("index", chunk.get("output_index")),
            ("id", text_of(chunk.get("item_id")) or text_of(item.get("id"))),
        ]
        keys = [(name, value) for name, value in names if isinstance(value, (str, int))]
        # What names no item is about the last one of its kind.
        known = (self._items.get(key) for key in (*keys, ("only" if keys else "last", kind)))
        found = next((each for each in known if each is not None and each.kind == kind), None)
        call_id = text_of(item.get("call_id"))
        # Some servers number every item zero.
        if found is None or begins or (call_id and found.call_id not in (None, call_id)):
            found = _Item(kind)
        found.call_id = call_id or found.call_id
        for key in (*(keys or [("only", kind)]), ("last", kind)):
            self._items[key] = found
        return found

    def _read_text(self, kind: str, chunk: Mapping[str, Any], out: list[Event]) -> None:
        of, name, what = _TEXTS[kind]
        text = chunk.get(name)
        item = self._item(of, chunk)
        whole = kind.endswith("done")
        if what == "arguments":
            if not (whole and "arguments" in item.given):
                self._call(item, chunk, text, out)
        elif isinstance(text, str) and text and not (whole and what in item.given):
            self._give(item, what, text, out)
            self._logprobs(chunk, out)
            index, identity = chunk.get("output_index"), chunk.get("item_id")
            if what == "text" and isinstance(index, (int, type(None))) and isinstance(identity, (str, type(None))):
                self._place = index, identity

    def _give(self, item: _Item, what: str, text: str, out: list[Event]) -> None:
        item.given.add(what)
        self._given.add(what)
        self.content = True
        if what in ("text", "refusal"):
            self._prose.answer(text, out)
        else:
            self._prose.reasoning(text, out)

    def _logprobs(self, holder: Mapping[str, Any], out: list[Event]) -> None:
        tokens = tokens_of(holder.get("logprobs"))
        if tokens:
            out.append(TokenLogprobs(tokens))

    def _call(self, item: _Item, named: Mapping[str, Any], arguments: object, out: list[Event]) -> None:
        """A piece of a tool call, the first of which names it."""
        if item.call < 0:
            item.call = self._calls
            self._calls += 1
        if arguments is None:
            arguments = ""
        elif not isinstance(arguments, str):
            arguments = as_json(arguments)
        identity = name = None
        if not item.named and text_of(named.get("name")):
            item.named = True
            name = _clean(named.get("name"))
            identity = _clean(named.get("call_id")) or _clean(named.get("id")) or f"call_{item.call}"
        if arguments:
            item.given.add("arguments")
        self._given.add("call")
        self.content = self.tools = True
        if arguments or name:
            out.append(ToolCallDelta(item.call, identity, name, self._prose.joined(arguments)))

    def _read_item(self, chunk: Mapping[str, Any], out: list[Event], *, done: bool) -> None:
        given = chunk.get("item")
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            return
        item = self._item(given["type"], chunk, given, begins=not done)
        if done:
            self._whole(item, given, out)
        elif given["type"] == "function_call":
            self._call(item, given, None, out)

    def _whole(self, item: _Item, given: Mapping[str, Any], out: list[Event]) -> None:
        """An item as it is in the end: what of it has not come yet is given out."""
        if item.kind == "function_call":
            arguments = None if "arguments" in item.given else given.get("arguments")
            if arguments or not item.named:
                self._call(item, given, arguments, out)
        elif item.kind == "message" and not item.given:
            content = given.get("content")
            for part in [{"text": content}] if isinstance(content, str) else _dicts(content):
                text = part.get("text") or part.get("refusal")
                if text and isinstance(text, str):
                    self._give(item, "text", text, out)
                    self._logprobs(part, out)
        elif item.kind == "image_generation_call":
            self._picture(given.get("result"), out)  # the stages of its making are not asked for
        elif item.kind == "reasoning":
            for name, what, between in (("content", "reasoning", ""), ("summary", "summary", "\n\n")):
                text = between.join(
                    part["text"] for part in _dicts(given.get(name)) if isinstance(part.get("text"), str)
                )
                if text and not item.given:
                    self._give(item, what, text, out)
            self._sign(item, given, out)

    def _sign(self, item: _Item, given: Mapping[str, Any], out: list[Event]) -> None:
        if not text_of(given.get("encrypted_content")) or "signature" in item.given:
            return
        item.given.add("signature")
        self._given.add("signature")
        kept = {name: given[name] for name in ("type", "id", "summary", "encrypted_content") if given.get(name)}
        # It has to go back to its place: before the text, or before a certain call.
        place = 1 + self._calls if self._calls or self._given & {"text", "refusal"} else 0
        out.append(Signature({SEALED: {"summary": [], **kept}, "place": place}))

    def _end(self, response: Mapping[str, Any], status: str, out: list[Event]) -> None:
        before = frozenset(self._given)
        for given in _dicts(response.get("output")):
            kind = given.get("type")
            if kind == "message" and not before & {"text", "refusal"}:
                self._whole(_Item(kind), given, out)
            elif kind == "reasoning":
                item = _Item(kind, set() if not before & {"reasoning", "summary"} else {"reasoning"})
                item.given |= before & {"signature"}
                self._whole(item, given, out)
            elif kind == "image_generation_call" or (kind == "function_call" and "call" not in before):
                self._whole(_Item(kind), given, out)
        usage = usage_of(response.get("usage"))
        if usage is not None:
            out.append(UsageReport(usage, cost_of(response["usage"])))
        self._finish(response, status)

    def _finish(self, response: Mapping[str, Any], status: str) -> None:
        if response.get("error") or status in ("failed", "cancelled"):
            error = response.get("error") or f"the response is {status}"
            self.refusal = refusal_of({"error": error})
            return
        if status in ("queued", "in_progress"):
            return
        own, reason = response.get("status"), mapping_of(response.get("incomplete_details")).get("reason")
        own = own if own in ("completed", "incomplete") else status
        self.finish_reason = _clean(reason) or _clean(own)
        self.ended = True


def usage_of(usage: object) -> Usage | None:
    """Tokens from a ``usage`` object; None if it only says zero, which some servers send for "not counted"."""
    if not isinstance(usage, dict):
        return None
    given, said, total = (count_of(usage.get(name)) for name in ("input_tokens", "output_tokens", "total_tokens"))
    if not (given or said or total):
        return None
    into, of = mapping_of(usage.get("input_tokens_details")), mapping_of(usage.get("output_tokens_details"))
    cached, written = count_of(into.get("cached_tokens")), count_of(into.get("cache_write_tokens"))
    return Usage(given, said, total, cached, count_of(of.get("reasoning_tokens")), written)


def _clean(value: object) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in list_of(value) if isinstance(each, dict)]

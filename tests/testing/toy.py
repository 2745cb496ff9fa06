"""A dialect as a plug-in's author would write one: small, whole, and with no more than the public names."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from byom_magics.errors import OptionError
from byom_magics.events import (
    Event,
    ReasoningDelta,
    Signature,
    TextDelta,
    TokenLogprobs,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.testing import Case, Listing
from byom_magics.wire.dialects.dialect import Listed, Request
from byom_magics.wire.dialects.made_images import MadeImages
from byom_magics.wire.dialects.tokens import tokens_of
from byom_magics.wire.dialects.values import as_json, count_of, mapping_of, text_of
from byom_magics.wire.payload import parse
from byom_magics.wire.refusal import Refusal, refusal_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call, Message


class ToyReader:
    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.ended = False
        self.refusal: Refusal | None = None
        self.replaced = 0
        self.content = False
        self.tools = False
        self.images = MadeImages()

    def read(self, event: str, data: bytes, out: list[Event]) -> None:
        chunk, replaced = parse(data)
        self.replaced += replaced
        self.read_chunk(chunk, event, out)

    def read_plain(self, data: bytes, out: list[Event]) -> bool:
        return False

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        said = mapping_of(chunk)
        if said.get("error"):
            self.refusal = refusal_of(said)
            return
        for name, kind in (("say", TextDelta), ("think", ReasoningDelta)):
            text = self.text(said.get(name))
            if text:
                self.content = True
                out.append(kind(text))
        call = mapping_of(said.get("call"))
        name = self.text(call.get("name"))
        if name:
            self.content = self.tools = True
            index = count_of(call.get("index")) or 0
            out.append(ToolCallDelta(index, f"call_{index}", name, self.text(as_json(call.get("arguments")))))
        if self.images.take(said.get("drawing"), out):
            self.content = True
        tokens = tokens_of(said.get("tokens"))
        if tokens:
            out.append(TokenLogprobs(tokens))
        signature = self.text(said.get("signature"))
        if signature:
            out.append(Signature({"toy": signature}))
        usage = mapping_of(said.get("usage"))
        counts = [count_of(usage.get(name)) for name in ("in", "out", "cached", "thought")]
        if any(counts):
            out.append(UsageReport(Usage(counts[0], counts[1], None, counts[2], counts[3])))
        self.finish_reason = self.finish_reason or text_of(said.get("end"))
        self.ended = self.ended or bool(said.get("over"))

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        self.read_chunk(payload, "message", out)
        return self.content

    def flush(self, out: list[Event]) -> None:
        pass

    def warnings(self) -> tuple[str, ...]:
        return ((f"{self.replaced} replaced",) if self.replaced else ()) + self.images.warnings()

    @staticmethod
    def text(value: object) -> str:
        return (text_of(value) or "").encode("utf-8", "replace").decode()


class ToyDialect:
    name = "toy"
    framing: Literal["sse", "ndjson"] = "sse"
    key_header = "x-toy-key"
    key_prefix = ""
    headers: Mapping[str, str] = MappingProxyType({"x-toy": "1"})
    fixed: frozenset[str] = frozenset({"talk"})
    models_path = "/toys"

    def request(self, spec: ModelSpec, call: Call) -> Request:
        sampling = call.sampling
        if sampling.seed is not None:
            raise OptionError("The toy has no seed.", model=spec.key, hint="leave the seed away")
        if call.effort not in (None, "none", "low", "medium", "high"):
            raise OptionError("The toy knows no such effort.", model=spec.key, hint="low, medium or high")
        body: dict[str, Any] = {
            "talk": [self.said(message) for message in call.messages],
            "heat": spec.temperature if sampling.temperature is None else sampling.temperature,
            "top": spec.top_p if sampling.top_p is None else sampling.top_p,
            "most": spec.max_tokens if sampling.max_tokens is None else sampling.max_tokens,
            "until": list(sampling.stop),
            "tools": [[tool.name, tool.description, json.loads(json.dumps(tool.parameters))] for tool in call.tools],
            "choice": call.tool_choice,
            "shape": json.loads(json.dumps(call.schema.schema)) if call.schema else None,
            "effort": call.effort,
            "guesses": call.logprobs,
            "draw": call.makes_images,
        }
        return Request(f"/toys/{quote(spec.model, safe='')}/play", body)

    def said(self, message: Message) -> dict[str, Any]:
        return {
            "role": message.role,
            "texts": [part for part in message.text.split("\n") if part],
            "images": [image.base64 for image in message.images],
            "calls": [[call.name, call.arguments] for call in message.tool_calls],
            "signatures": [dict(each) for each in message.signatures if "toy" in each],
        }

    def reader(self) -> ToyReader:
        return ToyReader()

    def models(self, payload: object) -> list[Listed]:
        toys = mapping_of(payload).get("toys")
        names = [text_of(toy) for toy in toys] if isinstance(toys, list) else []
        return [Listed(name) for name in names if name]

    def next_page(self, payload: object) -> str | None:
        page = text_of(mapping_of(payload).get("next"))
        return f"page={quote(page.encode('utf-8', 'replace'), safe='')}" if page else None


def streamed(*chunks: Mapping[str, Any]) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks)


CALL = {"index": 0, "name": "look", "arguments": {"at": "it"}}
DOT = base64.b64encode(b"GIF89a, a dot").decode()
COUNTED = {"in": 5, "out": 3, "cached": 2, "thought": 1}
CASES = (
    Case(
        "everything",
        streamed({"think": "hm"}, {"say": "Hello "}, {"say": "world"}, {"end": "done", "usage": COUNTED}),
        text="Hello world",
        reasoning="hm",
        usage=Usage(5, 3, None, 2, 1),
        finish_reason="done",
    ),
    Case(
        "a tool",
        streamed({"call": CALL, "signature": "a long signature"}, {"over": True}),
        tool_calls=(ToolCall("", "look", '{"at": "it"}'),),
        signatures=1,
        state="tool_calls",
    ),
    Case(
        "a drawing",
        streamed({"say": "Look:"}, {"drawing": DOT}, {"end": "done"}),
        text="Look:",
        images=1,
        finish_reason="done",
    ),
    Case(
        "with guesses",
        streamed(
            {"say": "Hi", "tokens": [{"token": "Hi", "logprob": -1, "top_logprobs": [{"token": "Ho"}]}]}, {"over": True}
        ),
        text="Hi",
        logprobs=1,
    ),
    Case("broken off", streamed({"say": "Hel"}), text="Hel", state="incomplete(eof)"),
    Case("nothing", b"", state="incomplete(empty)"),
    Case("an error", streamed({"say": "Hel"}, {"error": "ouch"}), text="Hel", state="error(in_band)", words=("ouch",)),
    Case("a refusal", b'{"error": "no such toy"}', state="error(http)", status=404, words=("no such toy",)),
    Case("at once", b'{"say": "Hi", "end": "done"}', text="Hi", finish_reason="done", streamed=False),
    Case("a shape", streamed({"say": '{"a": 1}'}, {"end": "done"}), text='{"a": 1}', finish_reason="done", schema=True),
)
LISTINGS = (
    Listing("toys", b'{"toys": ["car", "doll"], "next": "2 b"}', (Listed("car"), Listed("doll")), "page=2%20b"),
    Listing("no toys", b'{"toys": []}'),
)
REASONS = {"done": "complete", "length": "length", "safety": "content_filter", "tool_use": "tool_calls"}


def ending(word: str) -> bytes:
    return streamed({"say": "well"}, {"end": word})

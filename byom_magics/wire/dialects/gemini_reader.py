"""
Gemini's own API: the reader of its answers.

Each event is a whole answer's frame with the next parts of it. Nothing marks the end: after the event with the finish
reason the connection ends.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from byom_magics.events import (
    Event,
    Opened,
    ReasoningDelta,
    Signature,
    TextDelta,
    TokenLogprobs,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.plain import one_line
from byom_magics.wire.dialects.json_reader import JsonReader
from byom_magics.wire.dialects.prose import clean
from byom_magics.wire.dialects.tokens import tokens_of_candidates
from byom_magics.wire.dialects.values import as_json, count_of, list_of, mapping_of, text_of
from byom_magics.wire.refusal import Refusal, refusal_of

__all__ = ["MADE_UP_ID", "NAME", "Reader"]

NAME = "gemini"

MADE_UP_ID = "byom_call_"
"""How the ids begin that calls are given where the service gave none; it does not get them back."""


class Reader(JsonReader):
    """Reads one answer. Its finish reason may also be why it did not begin; an end mark is sent by proxies only."""

    def __init__(self) -> None:
        super().__init__()
        self._written = 0  # characters of the answer so far
        self._calls = 0
        self._media = 0
        self._opened = False
        self._usage: Usage | None = None
        self._explained = ""

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one event whose JSON was parsed already."""
        if isinstance(chunk, list):
            # Errors come in a list; so does the whole stream where a proxy loses the query that asks for events.
            for each in chunk:
                if isinstance(each, Mapping) and self.refusal is None:
                    self._read(each, event, out)
        elif isinstance(chunk, Mapping):
            self._read(chunk, event, out)
        elif event == "error":
            self.refusal = refusal_of(chunk) or Refusal("it gave no words")

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        """Read an answer that came in one piece."""
        if payload.get("error") or not (payload.get("candidates") or payload.get("promptFeedback")):
            return False
        self._read(payload, "message", out)
        return True

    def warnings(self) -> tuple[str, ...]:
        """What was odd about the answer, and what the server says about its end."""
        found = list(super().warnings())
        if self._media:
            parts = "1 part that is" if self._media == 1 else f"{self._media} parts that are"
            found.append(f"{parts} neither text nor image came with the answer, and not shown")
        if self._explained:
            found.append(f"The server explains: {self._explained}")
        return tuple(found)

    def _read(self, chunk: Mapping[str, Any], event: str, out: list[Event]) -> None:
        if chunk.get("error") or event == "error":
            self.refusal = refusal_of(chunk) or Refusal("it gave no words")
            return
        if not self._opened:
            self._open(chunk, out)
        for candidate in list_of(chunk.get("candidates")):
            if isinstance(candidate, Mapping) and not candidate.get("index"):
                self._candidate(candidate, out)
                break
        feedback = mapping_of(chunk.get("promptFeedback"))
        self._finish(feedback.get("blockReason"), feedback.get("blockReasonMessage"))
        self._count(mapping_of(chunk.get("usageMetadata")), out)

    def _open(self, chunk: Mapping[str, Any], out: list[Event]) -> None:
        model, identity = text_of(chunk.get("modelVersion")), text_of(chunk.get("responseId"))
        if model or identity:
            self._opened = True
            out.append(Opened(model and clean(model), identity and clean(identity)))

    def _candidate(self, candidate: Mapping[str, Any], out: list[Event]) -> None:
        for part in list_of(mapping_of(candidate.get("content")).get("parts")):
            if isinstance(part, Mapping):
                self._part(part, out)
        tokens = tokens_of_candidates(mapping_of(candidate.get("logprobsResult")))
        if tokens:
            out.append(TokenLogprobs(tokens))
        self._finish(candidate.get("finishReason"), candidate.get("finishMessage"))

    def _finish(self, reason: object, message: object) -> None:
        word = text_of(reason)
        if word and self.finish_reason is None and not word.endswith("_UNSPECIFIED"):  # so it is spelt that none is set
            self.finish_reason = clean(word)
        said = text_of(message)
        if said:
            self._explained = one_line(said, 500)

    # The parts

    def _part(self, part: Mapping[str, Any], out: list[Event]) -> None:
        signed: dict[str, Any] = {}
        text = part.get("text")
        if part.get("functionCall"):
            signed = self._call(mapping_of(part["functionCall"]), out)
        elif isinstance(text, str) and part.get("thought") is True:
            signed = self._think(text, out)
        elif isinstance(text, str):
            signed = self._say(text, out)
        elif part.get("inlineData") or part.get("fileData"):
            signed = self._show(part, out)
        signature = text_of(part.get("thoughtSignature"))
        if signature:
            out.append(Signature({NAME: {**signed, "thoughtSignature": clean(signature)}}))

    def _say(self, text: str, out: list[Event]) -> dict[str, Any]:
        """A piece of the answer; a signature of it belongs to just these characters."""
        start = self._written
        said = self._prose.joined(text)
        if said:
            self.content = True
            self._written += len(said)
            out.append(TextDelta(said))
        return {"text": [start, self._written]}

    def _show(self, part: Mapping[str, Any], out: list[Event]) -> dict[str, Any]:
        """An image; those that the model made while it thought are sketches of those that follow."""
        self.content = True
        if part.get("thought") is True:
            return {"sketch": True}
        data, place = mapping_of(part.get("inlineData")), mapping_of(part.get("fileData"))
        kind = text_of(data.get("mimeType")) or text_of(place.get("mimeType")) or "image"
        if not (kind.startswith("image") and self._images.take(data.get("data") or place.get("fileUri"), out)):
            self._media += 1
        return {"image": max(0, self._images.count - 1)}

    def _think(self, text: str, out: list[Event]) -> dict[str, Any]:
        thought = self._prose.joined(text)
        if thought:
            self.content = True
            out.append(ReasoningDelta(thought))
        return {"thought": thought}

    def _call(self, call: Mapping[str, Any], out: list[Event]) -> dict[str, Any]:
        name = text_of(call.get("name"))
        if name is None:
            return {}
        index, self._calls = self._calls, self._calls + 1
        self.content = self.tools = True
        identity = clean(text_of(call.get("id")) or f"{MADE_UP_ID}{index}")
        arguments = call.get("args")
        written = clean(as_json(arguments if isinstance(arguments, Mapping) else {}))
        out.append(ToolCallDelta(index, identity, clean(name), written))
        return {"call": index}

    def _count(self, metadata: Mapping[str, Any], out: list[Event]) -> None:
        """Counts are cumulative, and come with every event: they are given out when they have changed."""
        names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "cachedContentTokenCount")
        given, written, total, cached = (count_of(metadata.get(name)) for name in names)
        thought, of_tools = (count_of(metadata.get(name)) for name in ("thoughtsTokenCount", "toolUsePromptTokenCount"))
        if given is None and total is None:
            return
        if given is not None:
            given += of_tools or 0
        output = written
        # Thoughts are counted beside the candidates; where the total leaves no room for them, they are among these.
        if thought and not (total is not None and total == (given or 0) + (written or 0)):
            output = (written or 0) + thought
        usage = Usage(given, output, total, cached, thought)
        if usage != self._usage:
            self._usage = usage
            out.append(UsageReport(usage))

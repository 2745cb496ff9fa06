"""The reader of chat completions, as some forty services stream them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from byom_magics.events import (
    Event,
    Opened,
    Signature,
    TokenLogprobs,
    ToolCallDelta,
    UsageReport,
)
from byom_magics.wire.dialects.chat_usage import cost_of, usage_of, usage_of_timings
from byom_magics.wire.dialects.json_reader import JsonReader
from byom_magics.wire.dialects.plain_chunk import plain_text
from byom_magics.wire.dialects.prose import clean
from byom_magics.wire.dialects.tokens import tokens_of, tokens_of_columns
from byom_magics.wire.dialects.values import as_json, count_of, text_of
from byom_magics.wire.refusal import Refusal, refusal_of

__all__ = ["Reader"]

# After an event that is more than text, so many are read the long way: a server may send nothing else.
_DETOUR = 7


class Reader(JsonReader):
    """Reads one answer. Of finish reasons the first one counts: later ones are echoes."""

    def __init__(self) -> None:
        super().__init__()
        self._joined = self._prose.joined
        self._feed = self._prose.tags.feed
        self._opened = False
        self._detour = 0
        self._tool_ids: list[str | None] = []  # of the tool calls begun, in order
        self._thoughts: list[str] = []
        self._details: list[dict[str, Any]] = []

    def read_plain(self, data: bytes, out: list[Event]) -> bool:
        """
        Read one server-sent event quickly, if it is a piece of text and nothing else, as most are.

        Returns:
            Whether it was; if not, nothing was read, and `read` has to.
        """
        if self._detour:
            self._detour -= 1
            return False
        text = plain_text(data)
        if not (text and self._opened) or self._prose.high_surrogate:
            self._detour = _DETOUR
            return False
        self._feed(text, out)
        return True

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        """Read one chunk, or a whole completion that came in one piece."""
        if chunk is None or (event not in ("message", "error") and not isinstance(chunk, dict)):
            return  # a keep-alive of some kind
        if not isinstance(chunk, dict):
            self.refusal = refusal_of(chunk) or Refusal(f"not an object: {str(chunk)[:100]}")
            return
        choices = chunk.get("choices")
        if (event == "error" or not choices or chunk.get("error")) and self._refuses(chunk, event):
            return
        if not self._opened:
            self._open(chunk, out)
        if choices and isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and not choice.get("index"):
                    self._read_choice(choice, out)
                    break
        usage = chunk.get("usage")
        if usage or "x_groq" in chunk or "timings" in chunk:
            self._read_usage(chunk, usage, out)

    def read_whole(self, payload: Mapping[str, Any], out: list[Event]) -> bool:
        """Read a completion that came in one piece; False if there is no answer in it."""
        if not payload.get("choices") or payload.get("error"):
            return False
        self.read_chunk(payload, "message", out)
        return self.content or self.finish_reason is not None

    def flush(self, out: list[Event]) -> None:
        """The stream is over: give out what was held back."""
        super().flush(out)
        if self.tools and self._thoughts:
            out.append(Signature({"reasoning_content": "".join(self._thoughts)}))
            self._thoughts = []
        if self._details:
            out.append(Signature({"reasoning_details": self._details}))
            self._details = []

    def _refuses(self, chunk: dict[str, Any], event: str) -> bool:
        error = chunk.get("error")
        flat = "choices" not in chunk and (
            chunk.get("object") == "error"
            or chunk.get("type") == "error"
            or bool(chunk.get("detail") or chunk.get("errors"))
        )
        bare = "choices" not in chunk and bool(chunk.get("message")) and not chunk.get("id")
        if not (error or flat or bare or event == "error"):
            return False
        self.refusal = refusal_of(chunk) or Refusal(as_json(chunk)[:500])
        return True

    def _open(self, chunk: dict[str, Any], out: list[Event]) -> None:
        model, fingerprint, identity = chunk.get("model"), chunk.get("system_fingerprint"), chunk.get("id")
        if model or fingerprint or identity:  # Azure's first chunk has none of them
            self._opened = True
            out.append(Opened(_text(model), _text(identity), _text(fingerprint)))

    def _read_choice(self, choice: dict[str, Any], out: list[Event]) -> None:
        delta = choice.get("delta")
        if delta is None:
            delta = choice.get("message")
        if isinstance(delta, dict):
            self._read_delta(delta, out)
        elif choice.get("text"):
            self._read_text(choice["text"], out)
        logprobs = choice.get("logprobs")
        if logprobs and isinstance(logprobs, dict):
            tokens = tokens_of(logprobs.get("content")) or tokens_of_columns(logprobs)
            if tokens:
                out.append(TokenLogprobs(tokens))
        finish = choice.get("finish_reason")
        if finish and self.finish_reason is None:
            self.finish_reason = clean(finish if isinstance(finish, str) else as_json(finish)[:100])
        if choice.get("usage"):  # Moonshot's place for it
            self._read_usage(choice, choice["usage"], out)

    def _read_delta(self, delta: dict[str, Any], out: list[Event]) -> None:
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            self.content = True
            self._prose.reasoning(reasoning, out)
            if "reasoning_content" in delta:
                self._thoughts.append(reasoning)
        content = delta.get("content")
        if content:
            if isinstance(content, str):
                self._read_text(content, out)
            else:
                self._read_parts(content, out)
        calls = delta.get("tool_calls")
        if calls:
            self._read_tool_calls(calls, out)
        if len(delta) > 1 or not (content or calls or reasoning):  # most have one field, and one of these
            self._read_rare(delta, out)

    def _read_rare(self, delta: dict[str, Any], out: list[Event]) -> None:
        """What few deltas have."""
        if delta.get("refusal"):
            self._read_text(delta["refusal"], out)
        if delta.get("function_call") and not delta.get("tool_calls"):
            self._read_tool_calls([{"index": 0, "function": delta["function_call"]}], out)
        if delta.get("images"):  # OpenRouter's place for them, and of all who follow it
            self._read_images(delta["images"], out)
        if "reasoning_details" in delta:
            self._collect(delta["reasoning_details"])
        if "extra_content" in delta and isinstance(delta["extra_content"], dict):  # Gemini signs texts, too
            out.append(Signature({"extra_content": delta["extra_content"]}))

    def _read_text(self, text: object, out: list[Event]) -> None:
        if isinstance(text, str) and text:
            self.content = True
            self._feed(self._joined(text), out)

    def _read_parts(self, parts: object, out: list[Event]) -> None:
        """Mistral's content: a list of text and thinking parts. Others have parts that are images."""
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, str):
                self._read_text(part, out)
            elif isinstance(part, dict) and part.get("thinking"):
                self.content = True
                thinking = part["thinking"]
                for piece in thinking if isinstance(thinking, list) else [thinking]:
                    text = piece.get("text") if isinstance(piece, dict) else piece
                    if isinstance(text, str) and text:
                        self._prose.reasoning(text, out)
            elif isinstance(part, dict) and part.get("image_url"):
                self._read_images([part], out)
            elif isinstance(part, dict):
                self._read_text(part.get("text"), out)

    def _read_images(self, images: object, out: list[Event]) -> None:
        for each in images if isinstance(images, list) else [images]:
            image = each.get("image_url") if isinstance(each, dict) else each
            self._picture(image.get("url") if isinstance(image, dict) else image, out)

    def _read_tool_calls(self, pieces: object, out: list[Event]) -> None:
        for piece in pieces if isinstance(pieces, list) else [pieces]:
            if not isinstance(piece, dict):
                continue
            function = piece.get("function")
            function = function if isinstance(function, dict) else {}
            identity, name = _text(piece.get("id")), _text(function.get("name"))
            arguments = function.get("arguments")
            if arguments is None:
                arguments = ""
            elif not isinstance(arguments, str):
                arguments = as_json(arguments)
            self.content = self.tools = True
            index = self._tool_index(piece.get("index"), identity, name)
            out.append(ToolCallDelta(index, identity, name, self._joined(arguments) if arguments else ""))
            if "extra_content" in piece and isinstance(piece["extra_content"], dict):
                out.append(Signature({"extra_content": piece["extra_content"], "tool_call": index, "id": identity}))

    def _tool_index(self, index: object, identity: str | None, name: str | None) -> int:
        """Gemini and older Mistral models send whole calls with no index: each one that has a name is a new one."""
        if type(index) is int and 0 <= index < len(self._tool_ids):  # nearly every piece goes on with a call
            return index
        given = count_of(index)
        if given is not None:
            while len(self._tool_ids) <= min(given, 1000):
                self._tool_ids.append(None)
            return given
        if identity and identity in self._tool_ids:
            return self._tool_ids.index(identity)
        if name or not self._tool_ids:
            self._tool_ids.append(identity)
        return len(self._tool_ids) - 1

    def _collect(self, pieces: object) -> None:
        """OpenRouter's details of reasoning: pieces of one text are put together, all else is kept as it came."""
        for piece in pieces if isinstance(pieces, list) else [pieces]:
            if not isinstance(piece, dict):
                continue
            last = self._details[-1] if self._details else {}
            name = next((name for name in ("text", "summary") if isinstance(piece.get(name), str)), None)
            same = all(last.get(each) == piece.get(each) for each in ("type", "index"))
            if same and name and isinstance(last.get(name), str):
                given = {key: value for key, value in piece.items() if value is not None}
                self._details[-1] = {**last, **given, name: last[name] + piece[name]}
            elif same and name is None and last and "data" not in piece:
                self._details[-1] = {**last, **{key: value for key, value in piece.items() if value is not None}}
            else:
                self._details.append(piece)

    def _read_usage(self, chunk: dict[str, Any], usage: object, out: list[Event]) -> None:
        groq = chunk.get("x_groq")
        if not usage and isinstance(groq, dict):
            usage = groq.get("usage")
        found = usage_of(usage) if isinstance(usage, dict) else None
        timings = chunk.get("timings")
        if found is None and isinstance(timings, dict):
            found = usage_of_timings(timings)
        if found is not None:
            out.append(UsageReport(found, cost_of(usage) if isinstance(usage, dict) else None))


def _text(value: object) -> str | None:
    if value is None:  # nearly every piece of a tool call has neither id nor name
        return None
    text = text_of(value)
    return text and clean(text)

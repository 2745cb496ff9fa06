"""
OpenAI's chat completions, as some forty services speak it: a pure builder of requests and reader of answers.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.events import (
    Cost,
    Event,
    Opened,
    ReasoningDelta,
    TokenLogprobs,
    ToolCallDelta,
    Usage,
    UsageReport,
)
from byom_magics.wire.dialects.plain_chunk import plain_text
from byom_magics.wire.dialects.think import ThinkTags
from byom_magics.wire.payload import parse
from byom_magics.wire.refusal import Refusal, refusal_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call

__all__ = ["Reader", "request_body"]

# The xAI API counts money in ticks of 10⁻¹⁰ US dollars.
_USD_PER_TICK = 1e-10
# After an event that is more than text, so many are read the long way: a server may send nothing else.
_DETOUR = 7
_FIXED = ("messages", "model", "stream")


def request_body(spec: ModelSpec, call: Call) -> bytes:
    """
    The body of the request, as JSON.

    The call's sampling stands over the model's own defaults; ``extra_body`` of either stands over both, except for
    ``messages``, ``model`` and ``stream``.

    Raises:
        OptionError: A value cannot be written as JSON.
    """
    sampling = call.sampling
    body: dict[str, Any] = {
        "model": spec.model,
        "messages": [{"role": message.role, "content": message.content} for message in call.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    options = {
        "temperature": spec.temperature if sampling.temperature is None else sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": spec.max_tokens if sampling.max_tokens is None else sampling.max_tokens,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
    }
    body.update({name: value for name, value in options.items() if value is not None})
    extra = {**spec.extra_body, **sampling.extra_body}
    body.update({name: value for name, value in extra.items() if name not in _FIXED})
    if extra.get("max_completion_tokens") is not None and "max_tokens" not in extra:
        body.pop("max_tokens", None)  # the two exclude each other
    # A null leaves the field out: that is how a person switches off what we would send.
    body = {name: value for name, value in body.items() if value is not None}
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as problem:
        what = f"The request cannot be written as JSON: {problem}"
        hint = "check the values given with -o or extra_body"
        raise OptionError(what, model=spec.key, hint=hint) from None


class Reader:
    """
    Reads one answer, event by event, or as one JSON object.

    Attributes:
        finish_reason: The first one that the server sent (later ones are echoes), or None.
        ended: Whether the end mark was seen.
        refusal: What the server said instead of going on, or None.
        replaced: How many characters were not UTF-8.
        content: Whether content has come since the caller last set this to False.
        tools: Whether the model asked for tools.
        lone_surrogates: How many halves of surrogate pairs were replaced.
    """

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.ended = False
        self.refusal: Refusal | None = None
        self.replaced = 0
        self.content = False
        self.tools = False
        self.lone_surrogates = 0
        self._think = ThinkTags()
        self._high_surrogate = ""
        self._opened = False
        self._detour = 0
        self._tool_ids: list[str | None] = []  # of the tool calls begun, in order

    def read(self, event: str, data: bytes, out: list[Event]) -> None:
        """
        Read one server-sent event, and append what it means to ``out``.

        Raises:
            MalformedPayloadError: The data is not JSON.
        """
        if data[:1] != b"{":
            if data.strip().strip(b'"') == b"[DONE]":
                self.ended = True
                return
            if not data.strip():
                return  # some servers keep the connection alive with empty data
        chunk, replaced = parse(data)
        self.replaced += replaced
        self.read_chunk(chunk, event, out)

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
        if not (text and self._opened) or self._high_surrogate:
            self._detour = _DETOUR
            return False
        self._think.feed(text, out)
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

    def flush(self, out: list[Event]) -> None:
        """The stream is over: give out what was held back."""
        if self._high_surrogate:
            self._high_surrogate = ""
            self.lone_surrogates += 1
            self._think.feed("\ufffd", out)
        self._think.flush(out)

    def warnings(self) -> tuple[str, ...]:
        """What was odd about the answer's bytes."""
        found = []
        if self.replaced:
            found.append(f"{self.replaced} characters were not valid UTF-8 and are shown as \ufffd")
        if self.lone_surrogates:
            found.append(f"{self.lone_surrogates} lone surrogates are shown as \ufffd")
        return tuple(found)

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
        self.refusal = refusal_of(chunk) or Refusal(json.dumps(chunk, ensure_ascii=False)[:500])
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
        if logprobs and isinstance(logprobs, dict) and isinstance(logprobs.get("content"), list):
            out.append(TokenLogprobs(tuple(each for each in logprobs["content"] if isinstance(each, dict))))
        finish = choice.get("finish_reason")
        if finish and self.finish_reason is None:
            self.finish_reason = str(finish)
        if choice.get("usage"):  # Moonshot's place for it
            self._read_usage(choice, choice["usage"], out)

    def _read_delta(self, delta: dict[str, Any], out: list[Event]) -> None:
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            self._think.leave(out)
            self.content = True
            out.append(ReasoningDelta(self._joined(reasoning)))
        content = delta.get("content")
        if content:
            if isinstance(content, str):
                self._read_text(content, out)
            else:
                self._read_parts(content, out)
        if delta.get("refusal"):
            self._read_text(delta["refusal"], out)
        if delta.get("tool_calls"):
            self._read_tool_calls(delta["tool_calls"], out)
        elif delta.get("function_call"):
            self._read_tool_calls([{"index": 0, "function": delta["function_call"]}], out)

    def _read_text(self, text: object, out: list[Event]) -> None:
        if isinstance(text, str) and text:
            self.content = True
            self._think.feed(self._joined(text), out)

    def _read_parts(self, parts: object, out: list[Event]) -> None:
        """Mistral's content: a list of text and thinking parts."""
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, str):
                self._read_text(part, out)
            elif isinstance(part, dict) and part.get("thinking"):
                self._think.leave(out)
                self.content = True
                thinking = part["thinking"]
                pieces = thinking if isinstance(thinking, list) else [thinking]
                texts = (piece.get("text") if isinstance(piece, dict) else piece for piece in pieces)
                out.extend(ReasoningDelta(self._joined(text)) for text in texts if isinstance(text, str) and text)
            elif isinstance(part, dict):
                self._read_text(part.get("text"), out)

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
                arguments = json.dumps(arguments, ensure_ascii=False)
            self.content = self.tools = True
            index = self._tool_index(piece.get("index"), identity, name)
            out.append(ToolCallDelta(index, identity, name, self._joined(arguments) if arguments else ""))

    def _tool_index(self, index: object, identity: str | None, name: str | None) -> int:
        """Gemini and older Mistral models send whole calls with no index: each one that has a name is a new one."""
        if isinstance(index, int) and index >= 0:
            while len(self._tool_ids) <= min(index, 1000):
                self._tool_ids.append(None)
            return index
        if identity and identity in self._tool_ids:
            return self._tool_ids.index(identity)
        if name or not self._tool_ids:
            self._tool_ids.append(identity)
        return len(self._tool_ids) - 1

    def _joined(self, text: str) -> str:
        """Surrogate pairs that the server's escapes cut in two are joined again; lone ones are replaced."""
        if not self._high_surrogate and (text.isascii() or not _has_surrogate(text)):
            return text
        text = self._high_surrogate + text
        self._high_surrogate = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high_surrogate = text[:-1], text[-1]
        clean = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self.lone_surrogates += clean.count("\ufffd") - text.count("\ufffd")
        return clean

    def _read_usage(self, chunk: dict[str, Any], usage: object, out: list[Event]) -> None:
        groq = chunk.get("x_groq")
        if not usage and isinstance(groq, dict):
            usage = groq.get("usage")
        found = usage_of(usage) if isinstance(usage, dict) else None
        timings = chunk.get("timings")
        if found is None and isinstance(timings, dict):
            found = _usage_of_timings(timings)
        if found is not None:
            out.append(UsageReport(found, cost_of(usage) if isinstance(usage, dict) else None))


def usage_of(usage: Mapping[str, Any]) -> Usage | None:
    """
    Tokens from a ``usage`` object; None if it only says zero, which some servers send for "not counted".

    Cached tokens: OpenAI's details, DeepSeek's ``prompt_cache_hit_tokens``. Reasoning tokens: OpenAI's details,
    Perplexity's own field; xAI leaves them out of ``completion_tokens`` but not out of the total.
    """
    given = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    total = _count(usage.get("total_tokens"))
    if not any(given) and not total:
        return None
    prompt, completion = given
    cached = _count(_detail(usage, "prompt_tokens_details", "cached_tokens"))
    if cached is None:
        cached = _count(usage.get("prompt_cache_hit_tokens"))
    reasoning = _count(_detail(usage, "completion_tokens_details", "reasoning_tokens"))
    if reasoning is None:
        reasoning = _count(usage.get("reasoning_tokens"))
    if prompt is not None and completion is not None and reasoning and total == prompt + completion + reasoning:
        completion += reasoning
    return Usage(prompt, completion, total, cached, reasoning)


def cost_of(usage: Mapping[str, Any]) -> Cost | None:
    """What the server says that the call cost, in US dollars: OpenRouter, Perplexity, xAI."""
    cost = usage.get("cost")
    if isinstance(cost, dict):
        cost = cost.get("total_cost")
    if cost is None and usage.get("cost_in_usd_ticks") is not None:
        ticks = usage["cost_in_usd_ticks"]
        cost = ticks * _USD_PER_TICK if isinstance(ticks, (int, float)) else None
    return Cost(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) and cost >= 0 else None


def _usage_of_timings(timings: Mapping[str, Any]) -> Usage | None:
    """llama.cpp's own counts, for when it was not asked for usage: prompt tokens are those not taken from cache."""
    fresh, cached, output = (_count(timings.get(name)) for name in ("prompt_n", "cache_n", "predicted_n"))
    if fresh is None and output is None:
        return None
    prompt = None if fresh is None else fresh + (cached or 0)
    total = None if prompt is None or output is None else prompt + output
    return Usage(prompt, output, total, cached)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _detail(usage: Mapping[str, Any], group: str, name: str) -> object:
    details = usage.get(group)
    return details.get(name) if isinstance(details, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False

"""What goes over the wire: completions, chunks and errors in OpenAI's shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byom_magics.demo.pieces import Argument, Asking, Thought
from byom_magics.demo.sampling import Token

if TYPE_CHECKING:
    from byom_magics.demo.pieces import Piece
    from byom_magics.demo.stopping import FinishReason

__all__ = ["DONE", "Completion", "as_json", "error", "event"]

DONE = b"data: [DONE]\n\n"
_NO_PROBABILITY_IN_JSON = -9999.0
_END_SHOWN_AS = "<|end|>"


@dataclass(frozen=True)
class Completion:
    """
    One answer on its way: what all its chunks have in common.

    Attributes:
        id: Its own id.
        created: When it was begun, in seconds since 1970.
        model: The model that answers.
        fingerprint: Says which text and rules the model is made of: equal ones with equal seeds answer equally.
        prompt_tokens: How long the messages are.
        logprobs: Whether log-probabilities are sent.
        reasons: Whether tokens of reasoning are counted by themselves.
    """

    id: str
    created: int
    model: str
    fingerprint: str
    prompt_tokens: int
    logprobs: bool
    reasons: bool = False

    def first_chunk(self) -> dict[str, Any]:
        """The chunk before any text: who speaks."""
        return self._chunk({"role": "assistant", "content": ""}, None)

    def chunk(self, piece: Piece) -> dict[str, Any]:
        """The chunk of one piece."""
        if isinstance(piece, Token):
            return self._chunk({"content": piece.text}, None, [piece])
        if isinstance(piece, Thought):
            return self._chunk({"reasoning_content": piece.text}, None)
        if isinstance(piece, Asking):
            return self._chunk({"tool_calls": [{"index": piece.index, **_call(piece, "")}]}, None)
        return self._chunk({"tool_calls": [{"index": piece.index, "function": {"arguments": piece.text}}]}, None)

    def last_chunk(self, reason: FinishReason) -> dict[str, Any]:
        """The chunk after all text: why it ended."""
        return self._chunk({}, reason)

    def usage_chunk(self, pieces: int, thoughts: int = 0) -> dict[str, Any]:
        """The chunk that counts: all pieces, and how many of them are reasoning."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(pieces, thoughts)}

    def whole(self, pieces: Sequence[Piece], reason: FinishReason) -> dict[str, Any]:
        """The answer in one piece."""
        tokens = [piece for piece in pieces if isinstance(piece, Token)]
        thoughts = [piece.text for piece in pieces if isinstance(piece, Thought)]
        calls = [
            _call(asked, "".join(one.text for one in pieces if isinstance(one, Argument) and one.index == asked.index))
            for asked in pieces
            if isinstance(asked, Asking)
        ]
        content = "".join(token.text or "" for token in tokens)
        message: dict[str, Any] = {"role": "assistant", "content": content or (None if calls else ""), "refusal": None}
        if thoughts:
            message["reasoning_content"] = "".join(thoughts)
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "logprobs": self._logprobs(tokens), "finish_reason": reason}
        usage = self._usage(len(pieces), len(thoughts))
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage}

    def _chunk(
        self, delta: dict[str, Any], reason: FinishReason | None, tokens: Sequence[Token] = ()
    ) -> dict[str, Any]:
        logprobs = self._logprobs(tokens) if tokens else None
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }

    def _usage(self, pieces: int, thoughts: int) -> dict[str, Any]:
        usage: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": pieces,
            "total_tokens": self.prompt_tokens + pieces,
        }
        if self.reasons:
            usage["completion_tokens_details"] = {"reasoning_tokens": thoughts}
        return usage

    def _logprobs(self, tokens: Sequence[Token]) -> dict[str, Any] | None:
        if not self.logprobs:
            return None
        content = [
            {**_logprob(token), "top_logprobs": [_logprob(one) for one in token.alternatives]} for token in tokens
        ]
        return {"content": content, "refusal": None}


def _call(asked: Asking, arguments: str) -> dict[str, Any]:
    return {"id": asked.id, "type": "function", "function": {"name": asked.name, "arguments": arguments}}


def _logprob(token: Token) -> dict[str, Any]:
    shown = _END_SHOWN_AS if token.text is None else token.text
    number = _NO_PROBABILITY_IN_JSON if token.logprob is None else token.logprob
    return {"token": shown, "logprob": number, "bytes": None if token.text is None else list(shown.encode())}


def error(message: str, kind: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def as_json(value: dict[str, Any]) -> bytes:
    """A value as the bytes of a body."""
    return json.dumps(value, separators=(",", ":")).encode()


def event(value: dict[str, Any]) -> bytes:
    """A value as a server-sent event."""
    return b"data: " + as_json(value) + b"\n\n"

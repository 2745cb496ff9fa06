"""What goes over the wire: completions, chunks and errors in OpenAI's shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byom_magics.demo.sampling import Token
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
    """

    id: str
    created: int
    model: str
    fingerprint: str
    prompt_tokens: int
    logprobs: bool

    def first_chunk(self) -> dict[str, Any]:
        """The chunk before any text: who speaks."""
        return self._chunk({"role": "assistant", "content": ""}, None)

    def chunk(self, token: Token) -> dict[str, Any]:
        """The chunk of one token."""
        return self._chunk({"content": token.text}, None, [token])

    def last_chunk(self, reason: FinishReason) -> dict[str, Any]:
        """The chunk after all text: why it ended."""
        return self._chunk({}, reason)

    def usage_chunk(self, completion_tokens: int) -> dict[str, Any]:
        """The chunk that counts."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(completion_tokens)}

    def whole(self, tokens: Sequence[Token], reason: FinishReason) -> dict[str, Any]:
        """The answer in one piece."""
        message = {"role": "assistant", "content": "".join(token.text or "" for token in tokens), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": self._logprobs(tokens), "finish_reason": reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage(len(tokens))}

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

    def _usage(self, completion_tokens: int) -> dict[str, int]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": self.prompt_tokens + completion_tokens,
        }

    def _logprobs(self, tokens: Sequence[Token]) -> dict[str, Any] | None:
        if not self.logprobs:
            return None
        content = [
            {**_logprob(token), "top_logprobs": [_logprob(one) for one in token.alternatives]} for token in tokens
        ]
        return {"content": content, "refusal": None}


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

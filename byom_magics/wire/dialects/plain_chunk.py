"""The one form that nearly all chunks have, read in a fraction of the time: a piece of text, and nothing else."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["plain_text"]

_Nothing = Literal[""] | None


class _Delta(msgspec.Struct, gc=False):
    content: str
    reasoning_content: _Nothing = None
    reasoning: _Nothing = None
    refusal: _Nothing = None
    tool_calls: tuple[()] | None = None
    function_call: None = None
    images: tuple[()] | None = None
    extra_content: None = None
    reasoning_details: tuple[()] | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta
    index: Literal[0] | None = 0
    logprobs: None = None
    finish_reason: _Nothing = None
    usage: None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: tuple[_Choice]
    error: None = None
    usage: None = None
    x_groq: None = None
    timings: None = None


_decode = msgspec.json.Decoder(_Chunk).decode


def plain_text(data: bytes) -> str | None:
    """
    Give the text of a chunk in which nothing else is said that the reader of chunks would heed.

    Returns:
        The text, or None for any other chunk, for text that is empty, and for what is not strictly JSON.
    """
    try:
        return _decode(data).choices[0].delta.content or None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None

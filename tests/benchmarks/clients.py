"""The three ways to read an answer that are measured side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

import byom_magics as byom
from byom_magics.events import Ended, State, TextDelta

__all__ = ["Clients", "Reading", "opened"]

_QUESTION = "How does the with statement work?"
_BODY = {"model": "m", "messages": [{"role": "user", "content": _QUESTION}], "stream": True}


@dataclass(frozen=True)
class Reading:
    """One answer read to its end: seconds to the first piece of it, seconds in all, and how many pieces it had."""

    first_s: float
    seconds: float
    pieces: int


class Clients:
    """
    One client of each kind, with warm connections of its own.

    Args:
        bare: A client that only reads.
        url: The base URL that the others are to ask.
    """

    def __init__(self, bare: httpx.Client, url: str) -> None:
        self._bare = bare
        self._url = url
        self._sdk: Callable[[], Iterator[object]] | None = None
        byom.register("bench", url=url, model="m")

    def bare(self) -> Reading:
        """httpx alone: the chunks as they are framed, unread."""
        began = time.perf_counter()
        with self._bare.stream("POST", f"{self._url}/chat/completions", json=_BODY) as response:
            return _read(began, response.iter_raw())

    def byom(self) -> Reading:
        """`byom.stream`: pieces of text."""
        began = time.perf_counter()
        first, count = 0.0, 0
        with byom.stream("bench", _QUESTION) as events:
            for event in events:
                if type(event) is TextDelta:
                    if not count:
                        first = time.perf_counter()
                    count += 1
        seconds = time.perf_counter() - began
        assert events.reply.state is State.COMPLETE, events.reply
        return Reading(first - began, seconds, count)

    def byom_batches(self) -> Reading:
        """The same, batch by batch, as a cell reads it."""
        began = time.perf_counter()
        count, ended = 0, False
        with byom.stream("bench", _QUESTION) as turn:
            for batch in turn.batches():
                count += len(batch)
                ended = bool(batch) and isinstance(batch[-1], Ended)
        assert ended
        return Reading(0.0, time.perf_counter() - began, count)

    def sdk(self) -> Reading:
        """The OpenAI SDK."""
        if self._sdk is None:
            self._sdk = self._open_sdk()
        began = time.perf_counter()
        return _read(began, self._sdk())

    def _open_sdk(self) -> Callable[[], Iterator[object]]:
        import openai

        client = openai.OpenAI(base_url=self._url, api_key="none", max_retries=0)
        messages: Any = [{"role": "user", "content": _QUESTION}]
        return lambda: iter(client.chat.completions.create(model="m", messages=messages, stream=True))


@contextmanager
def opened(url: str) -> Iterator[Clients]:
    """Clients of the server at a base URL."""
    with httpx.Client(trust_env=False, timeout=60) as bare:
        yield Clients(bare, url)


def _read(began: float, chunks: Iterator[object]) -> Reading:
    first, count = 0.0, 0
    for _ in chunks:
        if not count:
            first = time.perf_counter()
        count += 1
    return Reading(first - began, time.perf_counter() - began, count)

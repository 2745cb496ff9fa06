"""Models that answer as a test wants, each on a server of its own."""

from __future__ import annotations

from typing import Any

import byom_magics as byom
from tests.wire.answers import chunk, chunked, sse
from tests.wire.raw_server import Answer, RawServer

__all__ = ["Served", "says", "usage"]


class Served:
    """Registers models, and keeps their servers."""

    def __init__(self) -> None:
        self._servers: list[RawServer] = []

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()

    def __call__(self, key: str, *answers: Answer, **registered: Any) -> RawServer:
        """
        Register a model.

        Args:
            key: Its key.
            answers: One for each request, as those of `RawServer`; where there are none it says its key.
            registered: What else it is registered with.
        """
        server = RawServer(*(answers or ([says(f"{key} says this.")],)))
        self._servers.append(server)
        byom.register(key, url=server.url, **registered)
        return server


def says(*pieces: str, tokens: tuple[int, int] | None = None) -> bytes:
    """A whole answer with this text, and how many tokens it took."""
    if tokens is None:
        return chunked(sse(*pieces))
    return chunked(sse(*pieces, done=False) + usage(*tokens) + b"data: [DONE]\n\n")


def usage(input_tokens: int, output_tokens: int) -> bytes:
    """The event that tells how many tokens it took."""
    told = {"prompt_tokens": input_tokens, "completion_tokens": output_tokens}
    return chunk(choices=[], usage={**told, "total_tokens": input_tokens + output_tokens})

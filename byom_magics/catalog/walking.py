"""
Looks at many servers, driven together by one thread.

How requests travel is not known here: one callable begins them, and another gives their answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Protocol, Union

from byom_magics.catalog.servers import Answer
from byom_magics.errors import ByomError

if TYPE_CHECKING:
    from byom_magics.catalog.looking import Ask, Look, Offered

__all__ = ["Fetched", "Next", "Start", "drive"]


class Fetched(Protocol):
    """What a request brought."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Their names in lower case."""

    @property
    def body(self) -> bytes:
        """The body."""


Start = Callable[[Hashable, "Ask", float], None]
"""Begins a request, which may take so many seconds; the tag comes back with its answer."""

Next = Callable[[float], Union[tuple[Hashable, Union[Fetched, ByomError]], None]]
"""Gives what came of a request that has ended, waiting so many seconds at most; None if none has."""


class _Walk:
    """A look on its way: the requests it waits for, and what has come of them."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.asks: list[Ask] = []
        self.asked: dict[Ask, Answer | ByomError] = {}
        self.result: Offered | None = None
        self._advance(first=True)

    @property
    def waits(self) -> bool:
        """Whether answers are still to come."""
        return self.result is None and len(self.asked) < len(self.asks)

    def go_on(self) -> None:
        """Take what has come, and say what is asked next, if anything."""
        self._advance()

    def finish(self) -> Offered:
        """Take what has come, and ask no more."""
        while self.result is None:
            self._advance()
        return self.result

    def _advance(self, *, first: bool = False) -> None:
        asked, self.asked = self.asked, {}
        try:
            self.asks = next(self._look) if first else self._look.send(asked)
        except StopIteration as end:
            self.result = end.value
            self.asks = []


def drive(looks: Sequence[Look], start: Start, next_: Next, *, seconds: float) -> list[Offered]:
    """
    Let looks go their ways together, in this thread.

    Args:
        looks: The looks.
        start: Begins a request.
        next_: Gives what came of one.
        seconds: For everything. What has not come by then is left out.
    """
    until = time.monotonic() + seconds
    walks = [_Walk(look) for look in looks]
    waiting: dict[Hashable, tuple[_Walk, Ask]] = {}
    tags = count()
    fresh = walks
    while True:
        for walk in fresh:
            while walk.asks and not walk.asked:
                for ask in walk.asks:
                    tag: Hashable = next(tags)
                    try:
                        start(tag, ask, min(ask.seconds, max(0.0, until - time.monotonic())))
                    except ByomError as problem:
                        walk.asked[ask] = problem
                    else:
                        waiting[tag] = (walk, ask)
                if walk.waits:
                    break
                walk.go_on()
        left = until - time.monotonic()
        ended = next_(left) if waiting and left > 0 else None
        if ended is None:
            return [walk.finish() for walk in walks]
        tag, came = ended
        walk, ask = waiting.pop(tag)
        walk.asked[ask] = came if isinstance(came, ByomError) else Answer(came.status, came.headers, came.body)
        fresh = []
        if not walk.waits:
            walk.go_on()
            fresh = [walk]

"""Calls whose answers are kept, and calls that are answered with what was kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from byom_magics.talk.round import Moments, Round

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Event, Reply
    from byom_magics.talk.round import Stream

__all__ = ["Keeping", "Replayed"]


class Keeping:
    """
    A call whose reply is kept when it has ended.

    Args:
        spec: The model.
        stream: The call.
        keep: Gets the reply; gives what went wrong with keeping it, or an empty text.
    """

    cached = False

    def __init__(self, spec: ModelSpec, stream: Stream, keep: Callable[[Reply], str]) -> None:
        self._stream = stream
        self._keep = keep
        self._round = Round(spec, stream)
        self.moments = stream.moments

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        """Events as they come."""
        for batch in self._stream.batches(wait_s):
            self._round.take(batch)
            ended = self._round.ended
            if ended is not None:
                problem = self._keep(self._round.reply())
                if problem and batch and batch[-1] is ended:
                    batch[-1] = replace(ended, warnings=(*ended.warnings, problem))
            yield batch

    def stop(self) -> None:
        """Hang up, from any thread."""
        self._stream.stop()

    def close(self) -> None:
        """Hang up if need be."""
        self._stream.close()


class Replayed:
    """
    An answer that was kept, as the call that nobody has to make.

    Args:
        events: What came of the call, its `Ended` last.
    """

    cached = True

    def __init__(self, events: Sequence[Event]) -> None:
        now = time.monotonic()
        self.moments = Moments(now, now)
        self._events = list(events)

    def batches(self, wait_s: float) -> Iterator[list[Event]]:  # noqa: ARG002 - nothing is waited for
        """All at once."""
        yield self._events

    def stop(self) -> None:
        """There is nothing to stop."""

    def close(self) -> None:
        """There is nothing to close."""

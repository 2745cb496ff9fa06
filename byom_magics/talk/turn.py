"""One turn: events pass through, tools run between the calls that it takes, and a reply comes of it all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Union

from byom_magics.errors import CallError, PolicyError
from byom_magics.events import Ended, Event, Reply, State
from byom_magics.talk.joining import Finished, joined
from byom_magics.talk.round import Refused, Round, Stream, cost_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["Following", "Send", "Steps", "Stream", "Turn", "cost_of"]

Send = Callable[[], Stream]
"""Begins one call."""


class Steps(Protocol):
    """What a turn does when a call has ended: run tools, ask anew, or be done."""

    def after(
        self, reply: Reply, ended: Ended, number: int, stopped: Callable[[], bool]
    ) -> Generator[list[Event], None, Following]:
        """
        Do what follows a call, and tell it as events.

        Args:
            reply: What came of the call.
            ended: How it ended.
            number: Which one of the turn it was, from 1.
            stopped: Whether the turn was stopped meanwhile.

        Returns:
            How the turn ended, or the next call and what became of this one.
        """

    @property
    def tries(self) -> int | None:
        """How often the model may answer at most, where the answer has to fit a shape."""

    @property
    def runs_since(self) -> float | None:
        """When the tool began that runs, on the monotonic clock; None while none does."""

    def settled(self, reply: Reply) -> Reply:
        """The reply of the last call with what was done after it, as far as that went."""


Following = Union[Ended, tuple[Finished, Send]]


class Turn:
    """
    One question and its answer, while it comes. A context manager, and an iterator of events.

    Leaving the ``with`` block hangs up; outside of one, leaving the loop does. `stop` works from any thread. `reply` is
    what has come so far, and after the end the whole.

    Args:
        spec: The model that is asked; also an attribute.
        send: Begins the first call; its stream is closed when it has ended.
        on_end: Called once with the reply, whatever happened.
        cautions: What was to be said of the call before it was sent; warnings of its reply.
        steps: What may follow a call within the turn; None for a turn of one call.
        beside: What of its size the person should know before it goes; also an attribute.
        form: How the text of the answer is shown where nobody says otherwise; also an attribute. See `Reply`.
    """

    def __init__(
        self,
        spec: ModelSpec,
        send: Send,
        on_end: Callable[[Reply], None],
        cautions: tuple[str, ...] = (),
        steps: Steps | None = None,
        *,
        beside: tuple[str, ...] = (),
        form: str = Reply.form,
    ) -> None:
        self.spec = spec
        self.beside = beside
        self.form = form
        self._cautions = cautions
        self._send = send
        self._on_end = on_end
        self._steps = steps
        self._finished: list[Finished] = []
        self._round: Round | None = None
        self._begun = 0.0
        self._stopped = False
        self._in_block = False
        self._left_over: Iterator[Event] = iter(())
        self._reply: Reply | None = None
        self._closing = threading.RLock()  # the end is told once

    def __enter__(self) -> Turn:
        self._in_block = True
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        yield from self._left_over
        for batch in self.batches():
            self._left_over = iter(batch)
            yield from self._left_over

    def __del__(self) -> None:
        if self._reply is None and self._round is not None:
            self._round.stream.stop()

    def begin(self) -> None:
        """Send the request, if it was not sent yet."""
        if self._round is None and self._reply is None:
            self._open(self._send)

    def batches(self, wait_s: float = 0.1) -> Iterator[list[Event]]:
        """
        Events in batches as they come, an empty one whenever nothing came for ``wait_s`` seconds.

        The last event is an `Ended`. Tools run here, between two batches, on the thread that asks for the next one.
        """
        self.begin()
        ended = self._reply is not None
        try:
            while not ended:
                ended = yield from self._play(wait_s)
        finally:
            if not self._in_block or ended:
                self.close()

    def stop(self) -> None:
        """Hang up, from any thread; the events that had come are still given out."""
        if self._round is not None and self._reply is None:
            self._stopped = True
            self._round.stream.stop()

    def close(self) -> None:
        """Hang up if the answer is not complete, and settle the reply. May be called again, from another thread too."""
        with self._closing:
            if self._reply is not None:
                return
            if self._round is None:
                self._reply = Reply(model=self.spec.key)
                return
            try:
                self._round.stream.close()
            finally:
                self._reply = self._joined(self._round)
                if isinstance(self._reply.error, CallError):
                    self._reply.error.reply = self._reply
                self._on_end(self._reply)

    @property
    def tries(self) -> int | None:
        """How often the model may answer at most, where the answer has to fit a shape; None if it has none."""
        return None if self._steps is None else self._steps.tries

    @property
    def runs_since(self) -> float | None:
        """When the tool began that runs at this moment, on the monotonic clock; None while none does."""
        return None if self._steps is None else self._steps.runs_since

    @property
    def reply(self) -> Reply:
        """What has come so far (``cancelled`` until the end is known), and after the end the whole reply."""
        if self._reply is not None:
            return self._reply
        return self._joined(self._round) if self._round is not None else Reply(model=self.spec.key)

    def _open(self, send: Send) -> None:
        try:
            stream = send()
        except PolicyError as refusal:
            stream = Refused(refusal)
        self._begun = self._begun or stream.moments.started
        self._round = Round(self.spec, stream, () if self._finished else self._cautions)
        if self._stopped:
            stream.stop()  # while it was being opened

    def _play(self, wait_s: float) -> Generator[list[Event], None, bool]:
        """One call, and what follows it; whether the turn has ended with it."""
        current = self._round
        if current is None:
            return True
        for batch in current.stream.batches(wait_s):
            current.take(batch)
            if self._steps is None or current.ended is None:
                yield batch
            elif len(batch) > 1:
                yield batch[:-1]
        ended = current.ended
        if self._steps is None or ended is None:
            return True
        current.stream.close()  # its connection is free for others while tools run
        number = len(self._finished) + 1
        following = yield from self._steps.after(current.reply(), ended, number, lambda: self._stopped)
        if isinstance(following, Ended):
            if following.state is not State.CANCELLED:
                current.ended = following  # a call that was whole stays so, and what it asked for can be answered
            yield [following]
            return True
        finished, send = following
        self._finished.append(finished)
        self._open(send)
        return False

    def _joined(self, current: Round) -> Reply:
        reply = replace(current.reply(), form=self.form)
        return reply if self._steps is None else joined(self._finished, self._steps.settled(reply), self._begun)

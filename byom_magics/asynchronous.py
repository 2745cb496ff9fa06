"""Asking from a person's own async code: the same turns, in a thread of their own."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, overload

from byom_magics import session
from byom_magics.errors import CallError
from byom_magics.options import check_options
from byom_magics.talk.awaiting import OnLoop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from byom_magics.events import Event, Reply
    from byom_magics.options import Options
    from byom_magics.talk.call import Said
    from byom_magics.talk.turn import Turn

__all__ = ["AsyncTurn", "ask_async", "stream_async"]

_ROOM = 64  # batches that may wait for a slow caller
_LOOK_S = 0.2
_LET_GO_S = 1.0


class AsyncTurn:
    """
    One question and its answer for async code: ``async with``, ``async for``, `stop`, and `reply` at the end.

    Leaving the ``async with`` block hangs up; outside of one, leaving the loop does.

    Args:
        turn: The turn.
        waits: What waits for its async tools.
    """

    def __init__(self, turn: Turn, waits: OnLoop) -> None:
        self._turn = turn
        self._waits = waits
        self._loop = asyncio.get_running_loop()
        self._batches: asyncio.Queue[list[Event] | BaseException | None] = asyncio.Queue()
        self._room = threading.Semaphore(_ROOM)
        self._done: asyncio.Future[None] | None = None
        self._left_over: list[Event] = []
        self._over = self._in_block = False
        self._beat: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> AsyncTurn:
        self._in_block = True
        self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        self._begin()
        try:
            while self._left_over or not self._over:
                while self._left_over:
                    yield self._left_over.pop(0)
                if not self._over:
                    self._left_over = await self._next()
        finally:
            if not self._in_block:
                self._hang_up()

    @property
    def reply(self) -> Reply:
        """What has come so far, and after the end the whole reply."""
        return self._turn.reply

    def stop(self) -> None:
        """Hang up, from any thread; what had come is still given out."""
        self._turn.stop()

    async def whole(self) -> Reply:
        """
        Wait for the whole answer.

        Raises:
            CallError: It is incomplete, stalled or an error, or does not fit its schema; ``reply`` has what had come.
        """
        async for _ in self:
            pass
        if self.reply.error is not None:
            raise self.reply.error
        return self.reply

    async def close(self) -> None:
        """
        Hang up if the answer is not complete, and wait until all is let go of.

        A plain function that runs as a tool cannot be stopped. It is not waited for long, and told as interrupted.
        """
        if self._done is None:
            self._over = True
            self._turn.close()
            return
        self._hang_up()
        while not self._done.done():
            await asyncio.wait([self._done], timeout=_LET_GO_S)
            if self._turn.runs_since is not None:
                self._turn.close()
                break

    def _hang_up(self) -> None:
        self._over = True
        self._turn.stop()
        self._waits.cancel()
        self._room.release(_ROOM)

    def _begin(self) -> None:
        if self._done is None:
            self._done = self._loop.create_future()
            self._look()
            context = contextvars.copy_context()
            threading.Thread(target=context.run, args=(self._run,), name="byom-async", daemon=True).start()

    def _look(self) -> None:
        """Wake the loop now and then: a kernel hears of an interrupt only when it turns."""
        if self._done is not None and not self._done.done():
            self._beat = self._loop.call_later(_LOOK_S, self._look)

    async def _next(self) -> list[Event]:
        batch = await self._batches.get()
        if batch is None:
            self._over = True
            return []
        if isinstance(batch, BaseException):
            self._over = True
            raise batch
        self._room.release()
        return batch

    def _run(self) -> None:
        """The whole turn, in its own thread."""
        problem: BaseException | None = None
        try:
            with self._turn as turn:
                for batch in turn.batches():
                    if batch:
                        self._room.acquire()
                        self._call(self._batches.put_nowait, batch)
        except BaseException as raised:  # noqa: BLE001 - it is raised where the turn is awaited
            problem = raised
        finally:
            self._call(self._batches.put_nowait, problem)
            self._call(self._settle)

    def _settle(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)
            if self._beat is not None:
                self._beat.cancel()

    def _call(self, function: Any, *arguments: Any) -> None:  # noqa: ANN401 - whatever is to be called
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            self._turn.stop()  # the loop was closed: nobody waits any more


def stream_async(model: str | None, prompt: Said, **options: Unpack[Options]) -> AsyncTurn:
    """
    Ask a model from async code, and get the answer event by event. The arguments are those of `byom_magics.stream`.

    ``async with byom.stream_async("llama", "…") as events: async for event in events: …``. Async tools run on the loop
    that asks.

    Raises:
        SetupError: Nothing can be sent; as `byom_magics.stream` raises it.
    """
    check_options(options, "stream_async")
    return _begun(model, prompt, options)


@overload
async def ask_async(model: str | None, prompt: Said, *, n: None = None, **options: Unpack[Options]) -> Reply: ...


@overload
async def ask_async(model: str | None, prompt: Said, *, n: int, **options: Unpack[Options]) -> list[Reply]: ...


async def ask_async(
    model: str | None, prompt: Said, *, n: int | None = None, **options: Unpack[Options]
) -> Reply | list[Reply]:
    """
    Ask a model from async code, and wait for the whole answer. The arguments are those of `byom_magics.ask`.

    Cancelling the task hangs up.

    Args:
        model: The key of a registered model; None for the default.
        prompt: What is said.
        n: How many answers, as a list, one after the other; None for one, which is no list.
        options: The further arguments of `byom_magics.ask`.

    Raises:
        CallError: As `byom_magics.ask` raises it; ``reply`` has what had come.
        SetupError: Nothing was sent.
    """
    check_options(options, "ask_async")
    if n is None:
        return await _whole(model, prompt, options)
    from byom_magics.asking import samples  # noqa: PLC0415 - not needed to load

    replies: list[Reply] = []
    try:
        for each in samples(options, n):
            replies.append(await _whole(model, prompt, each))  # noqa: PERF401 - those before a problem are kept
    except CallError as problem:
        problem.replies = tuple(replies)
        raise
    return replies


async def _whole(model: str | None, prompt: Said, options: Mapping[str, Any]) -> Reply:
    async with _begun(model, prompt, options) as events:
        return await events.whole()


def _begun(model: str | None, prompt: Said, options: Mapping[str, Any]) -> AsyncTurn:
    waits = OnLoop(asyncio.get_running_loop())
    return AsyncTurn(session.current().stream(model, prompt, awaited=waits, **options), waits)

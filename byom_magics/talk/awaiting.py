"""
Waiting for what a person's own ``async def`` gives, from a function that is not async itself.

The one place of nest-asyncio: a magic runs while the kernel's loop runs, and what a tool awaits was made on that very
loop, in earlier cells. The loop is patched when a tool needs it, and not before.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
from collections.abc import Awaitable
from typing import Any

from byom_magics.errors import SetupError

__all__ = ["OnLoop", "awaited_here"]


def awaited_here(awaitable: Awaitable[Any], idle_loop: asyncio.AbstractEventLoop | None = None) -> Any:  # noqa: ANN401 - whatever the tool returns
    """
    Wait for an awaitable on this thread, and give its result.

    An interrupt cancels it, and waits until it has ended.

    Args:
        awaitable: What an ``async def`` function returned.
        idle_loop: The loop to run it on if none is running here; None for one of its own.

    Raises:
        SetupError: The running loop is of a kind that cannot be entered twice.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        if idle_loop is None or idle_loop.is_closed():
            return asyncio.run(_result(awaitable))
        return _run(idle_loop, awaitable)
    _let_nest(loop, awaitable)
    return _run(loop, awaitable)


class OnLoop:
    """
    Waits, on a thread other than the loop's, for what runs on that loop.

    Args:
        loop: The loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._future: concurrent.futures.Future[Any] | None = None
        self._cancelled = False

    def __call__(self, awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever the tool returns
        """
        Wait for an awaitable, and give its result.

        Raises:
            asyncio.CancelledError: It was cancelled by `cancel`: the person stopped it.
        """
        self._future = asyncio.run_coroutine_threadsafe(_result(awaitable), self._loop)
        if self._cancelled:
            self._future.cancel()  # in the moment before there was anything to cancel
        try:
            return self._future.result()
        except BaseException as problem:
            self._future.cancel()
            if self._cancelled and isinstance(problem, concurrent.futures.CancelledError):
                raise asyncio.CancelledError from None  # which is no error of the tool
            raise

    def cancel(self) -> None:
        """Cancel what is waited for, and whatever will be, from any thread."""
        self._cancelled = True
        if self._future is not None:
            self._future.cancel()


def _run(loop: asyncio.AbstractEventLoop, awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever the tool returns
    task = loop.create_task(_result(awaitable))
    try:
        return loop.run_until_complete(task)
    except BaseException:
        if not task.done():
            task.cancel()
            loop.run_until_complete(asyncio.wait([task]))
        raise


async def _result(awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever the tool returns
    return await awaitable


def _let_nest(loop: asyncio.AbstractEventLoop, awaitable: Awaitable[Any]) -> None:
    try:
        if sys.version_info >= (3, 11):
            import nest_asyncio2 as nest  # noqa: PLC0415 - it changes asyncio: only where a tool needs it
        else:
            import nest_asyncio as nest  # noqa: PLC0415 - the same

        nest.apply(loop)
    except ValueError as problem:
        close = getattr(awaitable, "close", None)
        if close is not None:
            close()  # it is never awaited, and that is no mistake of the person's
        what = f"The kernel's event loop ({type(loop).__name__}) cannot wait for an async tool in a magic: {problem}"
        raise SetupError(what, hint="await byom.ask_async(…, tools=[…]) in a cell of its own, or a plain def") from None

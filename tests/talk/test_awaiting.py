from __future__ import annotations

import asyncio
import concurrent.futures
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from byom_magics.errors import SetupError
from byom_magics.talk.awaiting import OnLoop, awaited_here


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def test_without_a_running_loop_it_is_run_on_one_of_its_own() -> None:
    assert awaited_here(double(21)) == 42


def test_a_loop_that_is_idle_is_taken_so_that_its_objects_work(loop: asyncio.AbstractEventLoop) -> None:
    async def where() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert awaited_here(where(), loop) is loop


NESTED = """
import asyncio
from byom_magics.talk.awaiting import awaited_here

async def cell():
    lock = asyncio.Lock()  # belongs to this loop
    await lock.acquire()
    asyncio.get_running_loop().call_soon(lock.release)

    async def tool():
        async with lock:
            return "held"

    return awaited_here(tool()), lock.locked()

print(asyncio.new_event_loop().run_until_complete(cell()))
"""


def test_on_a_running_loop_it_waits_inside_of_it() -> None:
    # In a process of its own: the patch of asyncio stays as long as the process does.
    done = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "('held', False)", done.stderr


def test_what_it_raises_is_raised(loop: asyncio.AbstractEventLoop) -> None:
    async def tool() -> None:
        message = "no"
        raise KeyError(message)

    with pytest.raises(KeyError, match="no"):
        awaited_here(tool(), loop)


def test_an_interrupt_cancels_it_and_waits_until_it_has_tidied_up(loop: asyncio.AbstractEventLoop) -> None:
    said: list[str] = []

    async def tool() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            said.append("tidied up")
            raise

    def interrupt() -> None:
        raise KeyboardInterrupt

    loop.call_soon(loop.call_soon, interrupt)
    with pytest.raises(KeyboardInterrupt):
        awaited_here(tool(), loop)
    assert said == ["tidied up"]
    assert not asyncio.all_tasks(loop)


def test_a_loop_that_cannot_nest_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Foreign:
        pass

    monkeypatch.setattr(asyncio, "get_running_loop", Foreign)
    with pytest.raises(SetupError, match="ask_async"):
        awaited_here(double(1))


def test_another_thread_waits_for_what_runs_on_a_loop(loop: asyncio.AbstractEventLoop) -> None:
    async def scene() -> int:
        found: int = await asyncio.to_thread(OnLoop(loop), double(5))
        return found

    assert loop.run_until_complete(scene()) == 10


def test_what_it_raises_on_a_loop_is_raised_in_the_thread_that_waits(loop: asyncio.AbstractEventLoop) -> None:
    async def tool() -> None:
        message = "no"
        raise KeyError(message)

    async def scene() -> None:
        with pytest.raises(KeyError, match="no"):
            await asyncio.to_thread(OnLoop(loop), tool())

    loop.run_until_complete(scene())


def test_a_thread_that_is_interrupted_while_it_waits_cancels_what_it_waits_for(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[bool] = []

    class Future:
        def result(self) -> None:
            raise KeyboardInterrupt

        def cancel(self) -> None:
            cancelled.append(True)

    def threadsafe(coroutine: Any, _: object) -> Future:
        coroutine.close()
        return Future()

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", threadsafe)
    with pytest.raises(KeyboardInterrupt):
        OnLoop(loop)(loop.create_future())
    assert cancelled == [True]


def test_what_is_waited_for_can_be_cancelled_from_elsewhere(loop: asyncio.AbstractEventLoop) -> None:
    waits = OnLoop(loop)

    async def scene() -> None:
        begun = asyncio.Event()

        async def tool() -> None:
            begun.set()
            await asyncio.Event().wait()

        waiting = asyncio.ensure_future(asyncio.to_thread(waits, tool()))
        await begun.wait()
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    loop.run_until_complete(scene())


def test_a_tool_that_is_cancelled_by_its_own_doing_is_one_that_failed(loop: asyncio.AbstractEventLoop) -> None:
    async def tool() -> None:
        raise asyncio.CancelledError

    def wait() -> type[BaseException] | None:
        try:
            OnLoop(loop)(tool())
        except BaseException as problem:  # noqa: BLE001 - which kind it is, is the point
            return type(problem)
        return None

    assert loop.run_until_complete(asyncio.to_thread(wait)) is concurrent.futures.CancelledError

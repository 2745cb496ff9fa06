from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

import byom_magics as byom
from byom_magics.errors import CallError, OptionError, UnknownModelError
from byom_magics.events import State
from tests.wire.answers import CHUNKED, GOOD, chunk, frame
from tests.wire.raw_server import RawServer, hold

FAST = {"tokens_per_second": 0}


def runs(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(GOOD) as made:
        byom.register("llama", url=made.url)
        yield made


def test_an_answer_is_awaited(server: RawServer) -> None:
    async def scene() -> None:
        reply = await byom.ask_async("llama", "Hi", temperature=0)
        assert (reply.text, reply.state) == ("Hello", State.COMPLETE)

    runs(scene)
    assert server.requests[-1].json["temperature"] == 0


def test_other_tasks_run_while_an_answer_is_awaited() -> None:
    async def scene() -> None:
        replies = await asyncio.gather(*(byom.ask_async("demo/bigram", "A list", max_tokens=20) for _ in range(5)))
        assert all(reply.text for reply in replies)

    runs(scene)


def test_events_come_one_by_one() -> None:
    async def scene() -> None:
        async with byom.stream_async("demo/bigram", "A list", max_tokens=5, extra_body=FAST) as events:
            kinds = [event.kind async for event in events]
        assert kinds[-1] == "ended"
        assert kinds.count("text") == 5
        assert events.reply.usage.output_tokens == 5

    runs(scene)


def test_leaving_the_block_hangs_up_and_what_came_is_kept() -> None:
    async def scene() -> None:
        async with byom.stream_async("demo/5gram", "A list", max_tokens=200) as events:
            async for event in events:
                if event.kind == "text":
                    break
        assert events.reply.state is State.CANCELLED
        assert events.reply.text

    runs(scene)


def test_without_a_block_leaving_the_loop_hangs_up() -> None:
    with RawServer([CHUNKED + frame(chunk("a")), hold]) as server:
        byom.register("slow", url=server.url)

        async def scene() -> None:
            async for event in byom.stream_async("slow", "Hi"):
                if event.kind == "text":
                    break
            await asyncio.to_thread(server.wait_for_hang_up)

        runs(scene)


def test_cancelling_the_task_hangs_up() -> None:
    with RawServer([CHUNKED + frame(chunk("a")), hold]) as server:
        byom.register("slow", url=server.url)

        async def scene() -> None:
            task = asyncio.ensure_future(byom.ask_async("slow", "Hi"))
            await asyncio.to_thread(server.wait_for_requests, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        runs(scene)
        server.wait_for_hang_up()


def test_errors_are_raised_where_the_answer_is_awaited() -> None:
    byom.register("nowhere", url="http://127.0.0.1:1/v1")

    async def scene() -> None:
        with pytest.raises(CallError) as caught:
            await byom.ask_async("nowhere", "Hi", timeout=5)
        assert caught.value.reply is not None
        with pytest.raises(UnknownModelError):
            await byom.ask_async("no such model", "Hi")

    runs(scene)


def test_async_tools_run_on_the_loop_that_asks() -> None:
    async def scene() -> None:
        here, lock = asyncio.get_running_loop(), asyncio.Lock()

        async def population(city: str) -> int:
            """How many people live in a city."""
            async with lock:
                assert asyncio.get_running_loop() is here
                return {"Oslo": 717710}[city]

        reply = await byom.ask_async("demo/pydoc", "The population of Oslo?", tools=[population], extra_body=FAST)
        assert [result.text for result in reply.tool_results] == ["717710"]

    runs(scene)


def test_cancelling_while_an_async_tool_runs_cancels_the_tool() -> None:
    async def scene() -> None:
        begun, cancelled = asyncio.Event(), asyncio.Event()

        async def population(city: str) -> int:
            """How many people live in a city."""
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise
            return 0

        asked = byom.ask_async(
            "demo/pydoc", "The population of Oslo?", tools=[population], extra_body=FAST, conversation="cut"
        )
        task = asyncio.ensure_future(asked)
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(cancelled.wait(), 10)
        (turn,) = byom.Conversation("demo/pydoc", "cut")
        assert [(each.role, len(each.tool_calls)) for each in turn.answered] == [("assistant", 1), ("tool", 0)]
        assert "interrupted" in turn.answered[-1].text

    runs(scene)


def test_a_plain_tool_that_runs_on_does_not_keep_a_cancelled_question() -> None:
    begun, on = threading.Event(), threading.Event()

    def population(city: str) -> int:
        """How many people live in a city."""
        begun.set()
        on.wait(60)
        return 0

    async def scene() -> None:
        options: dict[str, Any] = {"tools": [population], "extra_body": FAST, "conversation": "cut"}
        task = asyncio.ensure_future(byom.ask_async("demo/pydoc", "The population of Oslo and of Rome?", **options))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not on.is_set()
        (turn,) = byom.Conversation("demo/pydoc", "cut")
        assert [each.role for each in turn.answered] == ["assistant", "tool", "tool"]
        assert "interrupted" in turn.answered[1].text
        assert "not run" in turn.answered[2].text

    try:
        runs(scene)
    finally:
        on.set()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no alarms")
def test_the_loop_turns_while_an_answer_is_awaited_so_that_it_hears_of_interrupts() -> None:
    with RawServer([CHUNKED + frame(chunk("a")), hold]) as server:
        byom.register("slow", url=server.url)

        async def scene() -> None:
            task = asyncio.ensure_future(byom.ask_async("slow", "Hi"))
            await asyncio.to_thread(server.wait_for_requests, 1)
            loop = asyncio.get_running_loop()
            # What a signal handler does: no other thread wakes the loop for it.
            previous = signal.signal(signal.SIGALRM, lambda *_: loop.call_soon(task.cancel))
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            try:
                with pytest.raises(asyncio.CancelledError):
                    await task
            finally:
                signal.signal(signal.SIGALRM, previous)

        runs(scene)
        server.wait_for_hang_up()


def test_several_answers_are_awaited_as_a_list(server: RawServer) -> None:
    async def scene() -> None:
        replies = await byom.ask_async("llama", "Hi", n=2, seed=1)
        assert [reply.text for reply in replies] == ["Hello", "Hello"]

    runs(scene)
    assert [request.json["seed"] for request in server.requests] == [1, 2]


def test_of_several_answers_those_before_a_failure_are_kept() -> None:
    async def scene() -> None:
        with pytest.raises(CallError) as caught:
            await byom.ask_async("short", "Hi", n=3)
        assert [reply.text for reply in caught.value.replies] == ["Hello"]

    with RawServer(GOOD, (CHUNKED + frame(chunk("Hel")),)) as made:
        byom.register("short", url=made.url)
        runs(scene)


def test_an_argument_that_there_is_not_is_told_with_its_neighbour(server: RawServer) -> None:
    async def scene() -> None:
        with pytest.raises(OptionError, match="did you mean temperature"):
            await byom.ask_async("llama", "Hi", temprature=1)  # type: ignore[call-overload]

    runs(scene)
    assert not server.requests

"""Cells that do real work in a real kernel: tools on the kernel's own loop, leave, and turns that are replaced."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Cell, Kernel

pytestmark = pytest.mark.kernel

FAST = "-o tokens_per_second=0"
WEATHER = '''
seen = []
def get_weather(city: str) -> str:
    """The weather in a city."""
    seen.append(city)
    return f"rain in {city}"
'''
# What it awaits was made on the kernel's loop, in this cell. It works only there.
POPULATION = '''
import asyncio
lock, ready, notes = asyncio.Lock(), asyncio.Event(), []
async def warm():
    await asyncio.sleep(0)
    return 700_000
warming = asyncio.create_task(warm())
await asyncio.sleep(0)

async def population(city: str) -> int:
    """How many people live in a city."""
    notes.append(city)
    try:
        async with lock:
            asyncio.get_running_loop().call_soon(lambda: print("it waits", flush=True))  # it does by then
            await ready.wait()
            return await warming
    except asyncio.CancelledError:
        notes.append("cancelled")
        raise
'''
ASK = f"%%byom demo/pydoc {FAST} --tools population --allow all\nWhat is the population of Rome and of Oslo?"


def ok(cell: Cell) -> Cell:
    assert cell.status == "ok", cell.everything
    return cell


def waits(cell: Cell) -> bool:
    return "it waits" in cell.text


def results(kernel: Kernel) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = kernel.value("[(each.outcome, each.text) for each in _byom.tool_results]")
    return found


def test_an_async_tool_uses_what_earlier_cells_made_on_the_kernel_s_loop(kernel: Kernel) -> None:
    ok(kernel.run(POPULATION))
    ok(kernel.run("asyncio.get_running_loop().call_later(0.2, ready.set);"))
    cell = ok(kernel.run(ASK))
    assert results(kernel) == [("done", "700000"), ("done", "700000")]
    assert "700000" in cell.displays[-1]["text/plain"]
    assert ok(kernel.run("await asyncio.sleep(0); print(lock.locked(), await warming)")).text == "False 700000\n"


def test_no_cell_begins_while_an_async_tool_waits_in_another(kernel: Kernel) -> None:
    ok(kernel.run(POPULATION))
    asking = kernel.begin(ASK).until(waits)
    behind = kernel.begin("notes.append('behind')")
    asking.watch(0.3)
    assert not behind.begun
    kernel.interrupt()
    assert asking.ended().status == "error"
    assert behind.ended().status == "aborted"
    assert kernel.value("notes") == ["Rome", "cancelled"]


def test_a_run_of_all_cells_goes_on_behind_an_async_tool(kernel: Kernel) -> None:
    ok(kernel.run(POPULATION))
    ok(kernel.run("asyncio.get_running_loop().call_later(0.3, ready.set);"))
    cells = [
        kernel.begin(code)
        for code in (
            ASK,
            "notes.append('second')",
            "await asyncio.sleep(0.01); notes.append('third')",
            ASK,
            "print(_byom.state, notes)",
        )
    ]
    for cell in cells:
        ok(cell.ended())
    towns = ["Rome", "Oslo"]
    assert cells[-1].text == f"complete {[*towns, 'second', 'third', *towns]}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there an interrupt is no signal")
def test_an_interrupt_cancels_the_async_tool_and_the_transcript_says_so(kernel: Kernel) -> None:
    ok(kernel.run(POPULATION))
    cell = kernel.begin(ASK).until(waits)
    kernel.interrupt()
    assert cell.ended().reply["ename"] == "KeyboardInterrupt"
    assert "_byom.tool_results" in cell.errors[-1]["traceback"][-1]
    assert "Traceback" not in cell.everything
    assert [outcome for outcome, _ in results(kernel)] == ["interrupted", "left"]
    assert kernel.value("(str(_byom.state), notes, lock.locked())") == ("cancelled", ["Rome", "cancelled"], False)
    ok(kernel.run("ready.set(); await asyncio.sleep(0)"))
    ok(kernel.run(ASK))
    assert [outcome for outcome, _ in results(kernel)] == ["done", "done"]


def test_the_loop_is_patched_by_an_async_tool_and_by_nothing_else(fresh_kernel: Callable[..., Kernel]) -> None:
    kernel = fresh_kernel()
    patched = "hasattr(__import__('asyncio').get_running_loop(), '_nest_patched')"
    before = kernel.value(patched)
    ok(kernel.run(f"%load_ext byom_magics\n{WEATHER}"))
    ok(kernel.run(f"%%byom demo/pydoc {FAST} --tools get_weather --allow all\nWhat is the weather in Oslo?"))
    assert results(kernel) == [("done", "rain in Oslo")]
    assert kernel.value(patched) == before
    ok(kernel.run(f"{POPULATION}ready.set()"))
    ok(kernel.run(ASK))
    assert kernel.value(patched)


def test_what_a_tool_prints_and_displays_stays_and_the_answer_stands_below_it(kernel: Kernel) -> None:
    ok(
        kernel.run(
            "from IPython.display import HTML, display\n"
            "def get_weather(city: str) -> str:\n"
            '    "The weather in a city."\n'
            "    print('looking at', city)\n"
            "    display(HTML(f'<b>a map of {city}</b>'))\n"
            "    return 'rain'"
        )
    )
    cell = ok(
        kernel.run(f"%%byom demo/pydoc {FAST} --tools get_weather --allow all\nWhat is the weather in Oslo and Rome?")
    )
    shown = [output.get("text", "") + output.get("data", {}).get("text/html", "") for output in cell.outputs]
    order = [next(number for number, text in enumerate(shown) if each in text) for each in
             ("→ rain", "looking at Oslo", "a map of Oslo", "looking at Rome", "a map of Rome", "for Rome says")]  # fmt: skip
    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_the_person_is_asked_call_by_call_where_cells_can_ask(kernel: Kernel) -> None:
    ok(kernel.run(WEATHER))
    question = f"%%byom demo/pydoc {FAST} --tools get_weather\nWhat is the weather in Oslo and in Rome?"
    cell = kernel.begin_in("weather", question)
    first = kernel.asked()
    kernel.client.input("y")
    second = kernel.asked()
    kernel.client.input("n")
    ok(cell.ended())
    assert "Oslo" in first
    assert "Rome" in second
    assert kernel.value("seen") == ["Oslo"]
    assert [outcome for outcome, _ in results(kernel)] == ["done", "refused"]


@pytest.mark.skipif(sys.platform == "win32", reason="there an interrupt is no signal")
def test_an_interrupt_at_the_question_runs_nothing(kernel: Kernel) -> None:
    ok(kernel.run(WEATHER))
    question = f"%%byom demo/pydoc {FAST} --tools get_weather\nWhat is the weather in Oslo and in Rome?"
    cell = kernel.begin_in("weather", question)
    kernel.asked()
    kernel.interrupt()
    assert cell.ended().status == "error"
    assert kernel.value("(seen, str(_byom.state))") == ([], "cancelled")
    assert [outcome for outcome, _ in results(kernel)] == ["left", "left"]


def test_where_nobody_can_be_asked_the_model_is_told_how_to_get_leave(kernel: Kernel) -> None:
    ok(kernel.run(WEATHER))
    ok(kernel.run(f"%%byom demo/pydoc {FAST} --tools get_weather\nWhat is the weather in Oslo?"))
    [(outcome, told)] = results(kernel)
    assert outcome == "refused"
    assert "--allow get_weather" in told
    assert kernel.value("seen") == []


TURNS = (
    "[exchange.asked[-1].text for exchange in "
    "__import__('byom_magics').session.current().conversations.of('demo/pydoc', 'lesson').exchanges]"
)


def test_running_a_cell_again_replaces_its_turn_and_another_cell_adds_one(kernel: Kernel) -> None:
    def ask(cell_id: str, question: str) -> None:
        ok(kernel.begin_in(cell_id, f"%%byom demo/pydoc -c lesson {FAST}\n{question}").ended())

    ask("one", "What is a decorator?")
    ask("one", "What is a slice?")
    ask("two", "And a generator?")
    assert kernel.value(TURNS) == ["What is a slice?", "And a generator?"]
    ask("one", "What is a lambda?")
    ask("two", "And a generator?")
    assert kernel.value(TURNS) == ["What is a lambda?", "And a generator?"]


def test_a_shape_that_is_no_object_is_shown_as_its_value_while_it_comes_and_at_the_end(kernel: Kernel) -> None:
    cell = ok(kernel.run(f"%%byom demo/pydoc {FAST} --schema list[int] --out found\nThe numbers are 3 and 5."))
    assert kernel.value("found.parsed") == [3, 5]
    assert kernel.value("found.text") == '{"answer": [3, 5]}'
    assert cell.displays[-1]["text/plain"].startswith("[3, 5]")
    assert len(cell.states) > 1
    assert not any("<b>answer</b>" in state for state in cell.states)
    again = ok(kernel.run("found"))
    assert "3, 5" in again.html
    assert "answer" not in again.html


@pytest.mark.skipif(sys.platform == "win32", reason="there an interrupt is no signal")
def test_the_seconds_of_a_tool_are_counted_while_it_keeps_the_cell_s_thread(kernel: Kernel) -> None:
    ok(
        kernel.run('''
import threading
done = threading.Event()
def dig(place: str) -> str:
    """Dig at a place."""
    print("it digs", flush=True)
    return "gold" if done.wait(60) else "nothing"
''')
    )
    cell = kernel.begin(f'%%byom demo/pydoc {FAST} --tools dig --allow all\nUse dig with place "here".')
    cell.until(lambda each: "running, 2 s" in each.html)
    kernel.interrupt()
    assert cell.ended().status == "error"
    assert results(kernel)[0][0] == "interrupted"


def test_no_seconds_are_counted_while_leave_is_asked(kernel: Kernel) -> None:
    ok(kernel.run(WEATHER))
    cell = kernel.begin_in("weather", f"%%byom demo/pydoc {FAST} --tools get_weather\nWhat is the weather in Oslo?")
    kernel.asked()
    cell.watch(1.5)
    assert not any("running" in state for state in cell.states)
    kernel.client.input("y")
    ok(cell.ended())

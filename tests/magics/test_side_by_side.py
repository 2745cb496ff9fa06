from __future__ import annotations

import _thread
import builtins
import getpass
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.errors import CallError, OptionError, SecretError
from byom_magics.events import State
from tests.served import Served, says
from tests.wire.answers import CHUNKED, chunk, chunked, frame, refused, sse
from tests.wire.raw_server import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from byom_magics.comparing import Comparison
    from tests.magics.notebook import Notebook
    from tests.wire.raw_server import Peer, RawServer

CANARY = "sk-canary-0123456789"
BROKEN = [refused("400 Bad Request", {"error": {"message": "no such thing"}})]


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as made:
        yield made


def after_came(server: RawServer) -> Callable[[Peer], None]:
    """Go on when this server was asked, and its beginning was seen."""

    def wait(peer: Peer) -> None:
        server.wait_for_requests(1)
        while not all(reply.text for reply in last().replies):
            if peer.peer_gone(within=0.005):
                return

    return wait


def last() -> Comparison:
    made: Comparison = session.current().comparison
    return made


# What goes wrong


def test_a_column_that_fails_says_why_and_the_cell_goes_on(nb: Notebook, served: Served) -> None:
    served("A", BROKEN)
    served("B")
    byom.register("C", url="http://127.0.0.1:9/v1")
    byom.register("D", url="http://127.0.0.1:9/v1", api_key="env:NOT_SET_HERE")
    printed = nb.ok("%%byom_compare A B C D --out answers\nHi").printed
    assert "no such thing" in printed
    assert "B says this." in printed
    assert "NOT_SET_HERE" in printed
    assert [each.state for each in nb.names["answers"]][:2] == [State.ERROR, State.COMPLETE]
    assert [each.error is None for each in nb.names["answers"]] == [False, True, False, False]


def test_a_cell_fails_where_all_columns_do(nb: Notebook, served: Served) -> None:
    served("A", BROKEN)
    served("B", BROKEN)
    cell = nb.run("%%byom_compare A B --out answers\nHi")
    assert isinstance(cell.error, CallError)
    assert cell.printed.count("no such thing") >= 2
    assert len(nb.names["answers"]) == 2
    nb.ok("%%byom_compare A B --on-error show\nHi")


def test_a_key_that_is_typed_is_asked_for_on_the_main_thread_and_once(
    nb: Notebook, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts: list[tuple[str, str]] = []

    def typed(prompt: str) -> str:
        prompts.append((threading.current_thread().name, prompt))
        return CANARY

    monkeypatch.setattr(getpass, "getpass", typed)
    server = served("A", api_key="ask")
    served("B")
    shown = nb.ok("%%byom_compare A A[temperature=0] A[temperature=1] B\nHi").everything
    ((thread, prompt),) = prompts
    assert thread == "MainThread"
    assert "A" in prompt
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {CANARY}"}
    assert CANARY not in shown


def test_a_key_that_is_not_typed_is_the_affair_of_its_columns(
    nb: Notebook, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _: "")
    served("A", api_key="ask")
    served("B")
    nb.ok("%%byom_compare A B --out answers\nHi")
    assert isinstance(nb.names["answers"][0].error, SecretError)
    assert nb.names["answers"][1].state is State.COMPLETE


def test_who_interrupts_the_prompt_for_a_key_has_asked_nobody(
    nb: Notebook, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(getpass, "getpass", interrupted)
    servers = served("A", api_key="ask"), served("B")
    assert isinstance(nb.run("%%byom_compare A B\nHi").error, KeyboardInterrupt)
    assert not any(server.requests for server in servers)
    assert [reply.state for reply in last().replies] == [State.CANCELLED] * 2
    assert last().ended


def test_an_interrupt_stops_all_and_what_has_come_is_kept(nb: Notebook, served: Served) -> None:
    slow = served("A", [CHUNKED, frame(chunk("Partly")), hold])
    served("B", [CHUNKED, frame(chunk("Second")), after_came(slow), lambda _: _thread.interrupt_main(), hold])
    cell = nb.run("%%byom_compare A B --out answers\nHi")
    slow.wait_for_hang_up()
    assert isinstance(cell.error, KeyboardInterrupt)
    assert "%byom_compare --last" in cell.printed
    assert [each.state for each in nb.names["answers"]] == [State.CANCELLED] * 2
    shown = nb.ok("%byom_compare --last").everything
    assert "Partly" in shown
    assert "Second" in shown


def test_a_limit_of_one_call_at_once_is_kept_and_all_are_answered(nb: Notebook, served: Served) -> None:
    server = served("A", [says("One.")], limits={"concurrent": 1})
    nb.ok("%%byom_compare A --n 4 --out answers\nHi")
    assert [each.text for each in nb.names["answers"]] == ["One."] * 4
    assert len(server.requests) == 4


# Tools


def calling(name: str, arguments: dict[str, Any], then: str) -> list[list[bytes]]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"index": 0, "id": "c1", "type": "function", "function": function}
    return [
        [chunked(chunk(delta={"tool_calls": [call]}) + chunk(finish="tool_calls") + b"data: [DONE]\n\n")],
        [chunked(sse(then))],
    ]


@pytest.fixture
def tooled(nb: Notebook, served: Served) -> list[tuple[str, str]]:
    """Two models that ask for the tool look, and where it ran."""
    for key in ("A", "B"):
        served(key, *calling("look", {"at": key}, f"{key} has looked."), capabilities={"tools": True})
    nb.ok(
        "import threading\nran = []\n"
        "def look(at: str) -> str:\n    'Look at something.'\n"
        "    ran.append((at, threading.current_thread().name))\n    return at + ' is blue'\n"
        "async def look_later(at: str) -> str:\n    'Look at something.'\n    import asyncio\n"
        "    await asyncio.sleep(0)\n    return look(at)\n"
        "look_later.__name__ = 'look'"
    )
    ran: list[tuple[str, str]] = nb.names["ran"]
    return ran


def test_tools_that_are_allowed_run_on_the_main_thread(nb: Notebook, tooled: list[tuple[str, str]]) -> None:
    printed = nb.ok("%%byom_compare A B --tools look --allow look\nLook.").printed
    assert sorted(tooled) == [("A", "MainThread"), ("B", "MainThread")]
    assert "A has looked." in printed
    assert "B has looked." in printed


def test_async_tools_run_too(nb: Notebook, tooled: list[tuple[str, str]]) -> None:
    nb.ok("%%byom_compare A B --tools look_later --allow all --out answers\nLook.")
    assert sorted(tooled) == [("A", "MainThread"), ("B", "MainThread")]
    assert [each.text for each in nb.names["answers"]] == ["A has looked.", "B has looked."]


def test_leave_is_asked_for_on_the_main_thread(
    nb: Notebook, tooled: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[tuple[str, str]] = []

    def answer(question: str) -> str:
        questions.append((threading.current_thread().name, question))
        return "y" if '"A"' in question else "n"

    monkeypatch.setattr(builtins, "input", answer)
    nb.ok("%%byom_compare A B --tools look --out answers\nLook.")
    assert {thread for thread, _ in questions} == {"MainThread"}
    assert len(questions) == 2
    assert tooled == [("A", "MainThread")]
    assert [each.tool_results[0].outcome for each in nb.names["answers"]] == ["done", "refused"]


def test_allowing_a_tool_that_is_none_is_refused(nb: Notebook, tooled: list[tuple[str, str]]) -> None:
    assert "did you mean look" in nb.fails("%%byom_compare A B --tools look --allow loook\nLook.", OptionError)
    assert "--tools" in nb.fails("%%byom_compare A B --allow look\nLook.", OptionError)

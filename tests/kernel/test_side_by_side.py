"""A comparison while its cell runs: buttons that reach it, tools that wait for leave, interrupts of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.front_end import FrontEnd
from tests.kernel.notebook_kernel import PATIENCE
from tests.wire.answers import CHUNKED, chunk, chunked, frame, sse
from tests.wire.raw_server import Answer, RawServer, hold

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel

Register = Callable[..., RawServer]


@pytest.fixture
def register(kernel: Kernel) -> Iterator[Register]:
    """Registers models in the kernel, each on a server of its own."""
    servers: list[RawServer] = []

    def register(key: str, *answers: Answer) -> RawServer:
        servers.append(RawServer(*answers))
        cell = kernel.run(f"%byom_register {key} --url {servers[-1].url} --can tools")
        assert cell.status == "ok", cell.everything
        return servers[-1]

    yield register
    kernel.run("from byom_magics.widgets.opened import OPENED; OPENED.close_all()")
    for server in servers:
        server.close()


@pytest.fixture
def front_end(kernel: Kernel, register: Register) -> FrontEnd:
    return FrontEnd(kernel).rest(0.05)


def controlled(kernel: Kernel, kind: str, **content: str) -> dict[str, Any]:
    """What a kernel answers past its running cell."""
    client: Any = kernel.client
    request = client.session.msg(kind, content)
    client.control_channel.send(request)
    while True:
        reply: dict[str, Any] = client.get_control_msg(timeout=PATIENCE)
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return reply["content"]  # type: ignore[no-any-return]


@pytest.fixture
def line(kernel: Kernel) -> Iterator[str]:
    """A line past the running cell, as front ends open it that have them."""
    features = controlled(kernel, "kernel_info_request").get("supported_features", ())
    if "kernel subshells" not in features:
        pytest.skip("this ipykernel has no subshells")
    opened = str(controlled(kernel, "create_subshell_request")["subshell_id"])
    yield opened
    controlled(kernel, "delete_subshell_request", subshell_id=opened)


def press(kernel: Kernel, front_end: FrontEnd, words: str, line: str) -> None:
    data = {"method": "custom", "content": {"event": "click"}}
    message = kernel.client.session.msg("comm_msg", {"comm_id": front_end.find(words), "data": data})
    message["header"]["subshell_id"] = line
    kernel.client.shell_channel.send(message)


def test_while_the_cell_runs_one_column_is_stopped_and_then_all(
    kernel: Kernel, register: Register, front_end: FrontEnd, line: str
) -> None:
    servers = [register(key, [CHUNKED, frame(chunk(f"Partly {key}")), hold]) for key in ("A", "B", "C")]
    request = front_end.begin("%%byom_compare A B C\nHi")
    front_end.until(lambda: all(f"Partly {key}" in front_end.said for key in "ABC"))
    press(kernel, front_end, "Stop B", line)
    servers[1].wait_for_hang_up()
    assert not servers[0].hang_ups
    assert not servers[2].hang_ups
    assert request not in front_end.idle
    press(kernel, front_end, "Stop all", line)
    for server in servers:
        server.wait_for_hang_up()
    front_end.until(lambda: request in front_end.idle).rest()
    assert all(f"Partly {key}" in front_end.shown[0] for key in "ABC")
    assert not [kind for kind, _ in front_end.messages if kind == "error"]


def calling(name: str, arguments: dict[str, Any], then: str) -> list[Answer]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"index": 0, "id": "c1", "type": "function", "function": function}
    body = chunk(delta={"tool_calls": [call]}) + chunk(finish="tool_calls") + b"data: [DONE]\n\n"
    return [[chunked(body)], [chunked(sse(then))]]


def test_leave_for_a_tool_is_asked_for_while_the_others_go_on(
    kernel: Kernel, register: Register, front_end: FrontEnd
) -> None:
    register("A", *calling("look", {"at": "sky"}, "A has looked."))
    register("B", [chunked(sse("B says this."))])
    kernel.run("def look(at: str) -> str:\n    'Look at something.'\n    return at + ' is blue'")
    request = front_end.begin("%%byom_compare A B --tools look --out answers\nHi")
    assert 'look(at="sky")' in kernel.asked()
    front_end.until(lambda: "B says this." in front_end.said)
    kernel.client.input("y")
    front_end.until(lambda: request in front_end.idle).rest()
    assert "A has looked." in front_end.shown[0]
    assert kernel.value("[len(each.tool_results) for each in answers]") == [1, 0]


def test_an_interrupt_while_leave_is_asked_for_stops_all(
    kernel: Kernel, register: Register, front_end: FrontEnd
) -> None:
    register("A", *calling("look", {"at": "sky"}, "A has looked."))
    slow = register("B", [CHUNKED, frame(chunk("Partly B")), hold])
    kernel.run("ran = []\ndef look(at: str) -> str:\n    'Look at something.'\n    ran.append(at)\n    return at")
    request = front_end.begin("%%byom_compare A B --tools look\nHi")
    kernel.asked()
    front_end.until(lambda: "Partly B" in front_end.said)
    kernel.interrupt()
    slow.wait_for_hang_up()
    front_end.until(lambda: request in front_end.idle).rest()
    assert "Partly B" in front_end.shown[0]
    assert kernel.value("ran") == []
    assert kernel.run("print('goes on')").text == "goes on\n"


def test_an_interrupt_of_a_tool_stops_all(kernel: Kernel, register: Register, front_end: FrontEnd) -> None:
    register("A", *calling("look", {"at": "sky"}, "A has looked."))
    slow = register("B", [CHUNKED, frame(chunk("Partly B")), hold])
    kernel.run(
        "import time\ndef look(at: str) -> str:\n    'Look at something.'\n    print('looking')\n    time.sleep(60)"
    )
    request = front_end.begin("%%byom_compare A B --tools look --allow look\nHi")
    front_end.until(lambda: "looking" in front_end.said and "Partly B" in front_end.said)
    kernel.interrupt()
    slow.wait_for_hang_up()
    front_end.until(lambda: request in front_end.idle).rest()
    assert "KeyboardInterrupt" in [content.get("ename") for _, content in front_end.messages]


def test_an_async_tool_runs_on_the_kernels_own_loop(kernel: Kernel, register: Register, front_end: FrontEnd) -> None:
    register("A", *calling("look", {"at": "sky"}, "A has looked."))
    register("B", *calling("look", {"at": "sea"}, "B has looked."))
    kernel.run(
        "import asyncio\nran = []\nhere = asyncio.get_running_loop()\nasync def look(at: str) -> str:\n"
        "    'Look at something.'\n    ran.append(asyncio.get_running_loop() is here)\n"
        "    await asyncio.sleep(0)\n    return at"
    )
    front_end.run("%%byom_compare A B --tools look --allow all --out answers\nHi").rest()
    assert kernel.value("[each.text for each in answers]") == ["A has looked.", "B has looked."]
    assert kernel.value("ran") == [True, True]


def test_two_comparisons_in_one_cell_leave_both(kernel: Kernel, register: Register, front_end: FrontEnd) -> None:
    register("A", [chunked(sse("A says this."))])
    register("B", [chunked(sse("B says this."))])
    front_end.run("for each in 'One?', 'Two?':\n    get_ipython().run_cell_magic('byom_compare', 'A B', each)").rest()
    static = [html for html in front_end.shown if "A says this." in html]
    assert ["One?" in html for html in static] == [True, False]
    assert len([state for state in front_end.states.values() if state.get("description") == "Adopt"]) == 1


def test_unloading_hangs_up_and_leaves_what_has_come(kernel: Kernel, register: Register, front_end: FrontEnd) -> None:
    servers = [register(key, [CHUNKED, frame(chunk(f"Partly {key}")), hold]) for key in ("A", "B")]
    front_end.run("%%byom_compare A B --background\nHi")
    front_end.until(lambda: "Partly A" in front_end.said and "Partly B" in front_end.said)
    front_end.run("%reload_ext byom_magics", "another")
    for server in servers:
        server.wait_for_hang_up()
    front_end.until(lambda: not front_end.states and "Partly A" in front_end.shown[0])
    assert "Partly B" in front_end.shown[0]


def test_where_a_notebook_is_an_application_a_comparison_waits_for_its_button(
    fresh_kernel: Callable[..., Kernel],
) -> None:
    kernel = fresh_kernel(env={"SERVER_SOFTWARE": "voila/0.5.8"})
    with RawServer([chunked(sse("It says this."))]) as server:
        for key in "AB":
            kernel.run(f"%load_ext byom_magics\n%byom_register {key} --url {server.url}")
        front_end = FrontEnd(kernel).rest(0.05)
        front_end.run("%%byom_compare A B\nHi", allow_stdin=False).rest()
        assert not server.requests
        assert "Hi" in front_end.shown[0]
        front_end.choose("Prompt", value="And now?")
        front_end.press("Compare")
        front_end.until(lambda: front_end.said.count("It says this.") >= 2).rest()
        assert [each.json["messages"][0]["content"] for each in server.requests] == ["And now?"] * 2
        assert "Adopt" in [state.get("description") for state in front_end.states.values()]
